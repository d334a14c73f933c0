package dev.reverie.testing;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/** Builds the Javadoc of a module's public surface. */
public final class Javadoc {
  private Javadoc() {}

  /**
   * Lists what javadoc finds undocumented, and the references that lead nowhere.
   *
   * @param module folder below src
   * @param out where the pages go
   */
  public static List<String> faults(String module, Path out) throws IOException {
    Path sources = Path.of(System.getProperty("reverie.root"), "src", module, "main/java");
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("-quiet", "-protected", "-Xdoclint:all", "-Xmaxwarns", "10000"));
    arguments.addAll(List.of("-d", out.toString()));
    arguments.addAll(List.of("-classpath", System.getProperty("java.class.path")));
    try (Stream<Path> files = Files.walk(sources)) {
      files.map(Path::toString).filter(file -> file.endsWith(".java")).forEach(arguments::add);
    }
    var output = new StringWriter();
    var writer = new PrintWriter(output, true);
    ToolProvider javadoc = ToolProvider.findFirst("javadoc").orElseThrow();
    javadoc.run(writer, writer, arguments.toArray(String[]::new));
    // A sentence may tell of parameters and result too, and the signature of what is thrown.
    return output
        .toString()
        .lines()
        .filter(line -> line.contains("warning:") || line.contains("error:"))
        .filter(line -> !line.contains("no @param") && !line.contains("no @return"))
        .filter(line -> !line.contains("no @throws"))
        .distinct()
        .toList();
  }
}
