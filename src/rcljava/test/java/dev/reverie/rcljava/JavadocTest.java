package dev.reverie.rcljava;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What javadoc itself says of the public surface. */
class JavadocTest {

  @Test
  void everythingPublicIsDocumentedAndEveryReferenceLeadsSomewhere(@TempDir Path out)
      throws Exception {
    Path sources = Path.of(System.getProperty("reverie.root"), "src/rcljava/main/java");
    var arguments =
        new ArrayList<>(
            List.of(
                "-quiet",
                "-protected",
                "-Xdoclint:all",
                "-Xmaxwarns",
                "10000",
                "-d",
                out.toString(),
                "-classpath",
                System.getProperty("java.class.path")));
    try (var files = Files.walk(sources)) {
      files.map(Path::toString).filter(file -> file.endsWith(".java")).forEach(arguments::add);
    }
    var output = new StringWriter();
    try (var writer = new PrintWriter(output)) {
      ToolProvider.findFirst("javadoc")
          .orElseThrow()
          .run(writer, writer, arguments.toArray(String[]::new));
    }
    // A sentence may tell of parameters and result too, where it is plain what they are.
    List<String> faults =
        output
            .toString()
            .lines()
            .filter(line -> line.contains(": warning:") || line.contains(": error:"))
            .filter(line -> !line.contains("no @param") && !line.contains("no @return"))
            .toList();
    assertEquals(List.of(), faults);
  }
}
