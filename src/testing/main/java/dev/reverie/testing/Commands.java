package dev.reverie.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs other programs. */
public final class Commands {
  private Commands() {}

  /** Runs a command, which has to end in time and well, and returns the lines that it prints. */
  public static List<String> run(int seconds, List<String> command) throws Exception {
    Path output = Files.createTempFile("command", ".txt");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      boolean ended = process.waitFor(seconds, TimeUnit.SECONDS);
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
