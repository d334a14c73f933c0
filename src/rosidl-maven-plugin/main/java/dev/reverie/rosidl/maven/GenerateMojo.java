package dev.reverie.rosidl.maven;

import dev.reverie.rosidl.Generate;
import dev.reverie.rosidl.InterfaceException;
import java.io.File;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.maven.plugin.AbstractMojo;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.apache.maven.project.MavenProject;
import org.jspecify.annotations.Nullable;

/**
 * Generates Java records, their codecs and their views from interface packages, and compiles them
 * with the project.
 */
@Mojo(name = "generate", defaultPhase = LifecyclePhase.GENERATE_SOURCES, threadSafe = true)
public final class GenerateMojo extends AbstractMojo {
  /** The interface packages by their names: folders with msg, srv or action in them. */
  @Parameter private Map<String, File> folders = Map.of();

  /** The folders of interface packages that others use and that are not generated. */
  @Parameter private Map<String, File> find = Map.of();

  /** The names of installed interface packages. */
  @Parameter private List<String> packages = List.of();

  /** The names of interface packages that are generated only where they are installed. */
  @Parameter private List<String> optionalPackages = List.of();

  /** Says whether to generate the packages of the library msgs itself. */
  @Parameter private boolean common;

  /** The Java package above the one of each interface package. */
  @Parameter(defaultValue = "dev.reverie.msgs")
  private String javaPackage = "";

  /**
   * The Java packages above the ones of interface packages whose records exist already; for the
   * common ones, such as std_msgs, that is dev.reverie.msgs without being named.
   */
  @Parameter private Map<String, String> using = Map.of();

  /** The prefix of a ROS 2 to use if the environment has none. */
  @Parameter private @Nullable File fallback;

  /** The folder that the Java files go to. */
  @Parameter(defaultValue = "${project.build.directory}/generated-sources/rosidl")
  private File out = new File("");

  /** Says whether to compile them with the project's tests. */
  @Parameter private boolean testSources;

  @Parameter(defaultValue = "${project}", readonly = true, required = true)
  private @Nullable MavenProject project;

  @Override
  public void execute() throws MojoFailureException {
    try {
      Generate.run(arguments().toArray(String[]::new));
    } catch (InterfaceException e) {
      throw new MojoFailureException(e.getMessage(), e);
    }
    MavenProject current = project;
    if (current == null) {
      return;
    }
    if (testSources) {
      current.addTestCompileSourceRoot(out.getPath());
    } else {
      current.addCompileSourceRoot(out.getPath());
    }
  }

  private List<String> arguments() {
    var arguments = new ArrayList<>(List.of("--out", out.getPath(), "--java-package", javaPackage));
    if (common) {
      arguments.addAll(List.of("--common", "yes"));
    }
    File prefix = fallback;
    if (prefix != null) {
      arguments.addAll(List.of("--fallback", prefix.getPath()));
    }
    folders.forEach((name, folder) -> arguments.addAll(List.of("--folder", name + "=" + folder)));
    find.forEach((name, folder) -> arguments.addAll(List.of("--find", name + "=" + folder)));
    packages.forEach(name -> arguments.addAll(List.of("--package", name)));
    optionalPackages.forEach(name -> arguments.addAll(List.of("--optional", name)));
    using.forEach((name, root) -> arguments.addAll(List.of("--using", name + "=" + root)));
    return arguments;
  }
}
