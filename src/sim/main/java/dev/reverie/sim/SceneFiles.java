package dev.reverie.sim;

import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.ParameterDeclaration;
import dev.reverie.rollout.FileErrors;
import dev.reverie.rollout.GitLfs;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Reads scenes' files, and finds the description of the arm in one. */
final class SceneFiles {
  private static final Pattern ROBOT = Pattern.compile("<robot(\\s[^>]*)?>");

  /** Names of meshes, textures and included files; of packages, the path behind the name. */
  private static final Pattern FILE =
      Pattern.compile("\\bfile(?:name)?\\s*=\\s*\"(?:file://|package://)?([^\"]+)\"");

  private static final Pattern FOLDER =
      Pattern.compile("\\b(?:mesh|texture|asset)dir\\s*=\\s*\"([^\"]+)\"");

  private static final Pattern NAMES_FILES = Pattern.compile("\\.(xml|urdf|mjcf)$");

  /** Files that include others, one in the other, at most. */
  private static final int INCLUDES = 4;

  private SceneFiles() {}

  /**
   * The URDF of the arm: the parameter {@code urdf} names its file; else it is the scene itself, or
   * lies beside it under the same name. Empty where there is none.
   */
  static String urdf(Node node, Path scene) {
    String given =
        node.declareParameter(
            ParameterDeclaration.of("urdf", "")
                .describedAs("file of the arm's URDF; empty: the one beside the scene")
                .readOnly());
    Path file = given.isEmpty() ? beside(scene) : Path.of(given);
    if (given.isEmpty() && !Files.exists(file)) {
      return "";
    }
    return requireUrdf(file);
  }

  /**
   * Returns the text of a URDF; one without a robot would be published for an arm without joints.
   */
  static String requireUrdf(Path file) {
    GitLfs.pointer(file)
        .ifPresent(
            told -> {
              throw new IllegalArgumentException("urdf: " + told);
            });
    try {
      String text = Files.readString(file);
      if (!ROBOT.matcher(text).find()) {
        throw new IllegalArgumentException(
            "urdf '%s' is %s; give the file of the arm's URDF"
                .formatted(file, text.isBlank() ? "empty" : "no URDF: it has no <robot>"));
      }
      return text;
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(
          "urdf '%s' is no text in UTF-8; save it as UTF-8".formatted(file), e);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "urdf '%s' cannot be read: %s; give the file of the arm's URDF"
              .formatted(file, FileErrors.reason(e)),
          e);
    }
  }

  /**
   * Says which file that a scene names, or the scene itself, is only a Git LFS pointer; empty where
   * none is.
   */
  static Optional<String> pointer(Path scene) {
    return pointer(scene, INCLUDES);
  }

  private static Optional<String> pointer(Path file, int includes) {
    Optional<String> told = GitLfs.pointer(file);
    if (told.isPresent() || includes == 0 || !NAMES_FILES.matcher(file.toString()).find()) {
      return told;
    }
    String text;
    try {
      text = Files.readString(file);
    } catch (IOException e) {
      return Optional.empty(); // who loads it says why
    }
    Path folder = file.toAbsolutePath().resolveSibling("");
    List<Path> folders = new ArrayList<>(List.of(folder));
    for (Matcher named = FOLDER.matcher(text); named.find(); ) {
      folders.add(folder.resolve(named.group(1)));
    }
    for (Matcher named = FILE.matcher(text); named.find(); ) {
      String name = named.group(1);
      told =
          Stream.of(name, name.replaceFirst("^[^/]*/", ""), name.replaceFirst(".*/", ""))
              .flatMap(as -> folders.stream().map(in -> in.resolve(as).normalize()))
              .filter(at -> Files.isRegularFile(at) && !at.equals(file))
              .flatMap(at -> pointer(at, includes - 1).stream())
              .findFirst();
      if (told.isPresent()) {
        return told;
      }
    }
    return Optional.empty();
  }

  /**
   * The text of a URDF with what MuJoCo needs to take it as it is: visual geometry shown, links
   * without inertia allowed, meshes beside the file. Empty where the file is no URDF, or speaks to
   * MuJoCo itself.
   */
  static Optional<String> urdfForMujoco(Path file) {
    String text;
    try {
      text = Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new MujocoException(
          "%s cannot be read: %s; give an MJCF or URDF file"
              .formatted(
                  file,
                  e instanceof CharacterCodingException
                      ? "it is no text in UTF-8"
                      : FileErrors.reason(e)),
          e);
    }
    Matcher robot = ROBOT.matcher(text);
    if (!robot.find() || text.contains("<mujoco")) {
      return Optional.empty();
    }
    String folder = String.valueOf(file.toAbsolutePath().getParent());
    String extension =
        "<mujoco><compiler discardvisual=\"false\" boundmass=\"1e-3\" boundinertia=\"1e-6\""
            + " meshdir=\"%s\"/></mujoco>"
                .formatted(folder.replace("&", "&amp;").replace("\"", "&quot;"));
    return Optional.of(text.substring(0, robot.end()) + extension + text.substring(robot.end()));
  }

  private static Path beside(Path scene) {
    String name = String.valueOf(scene.getFileName()).replaceFirst("[.][^.]*$", "");
    return scene.resolveSibling(name + ".urdf");
  }
}
