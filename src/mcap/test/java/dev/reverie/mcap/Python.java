package dev.reverie.mcap;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a Python script of the tests with the prepared environment's interpreter. */
public final class Python {
  private Python() {}

  /**
   * The lines that the script prints.
   *
   * @param script below src
   */
  public static List<String> run(String script, Object... arguments) throws Exception {
    Path folder = Path.of(System.getProperty("reverie.root"), "src");
    List<String> command = new ArrayList<>();
    command.add(System.getenv("REVERIE_PYTHON"));
    command.add(folder.resolve(script).toString());
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    Path output = Files.createTempFile("python", ".txt");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      boolean ended = process.waitFor(60, TimeUnit.SECONDS);
      String printed = Files.readString(output, StandardCharsets.UTF_8);
      assertEquals(true, ended, printed);
      assertEquals(0, process.exitValue(), printed);
      return printed.lines().toList();
    } finally {
      process.destroyForcibly();
      Files.delete(output);
    }
  }
}
