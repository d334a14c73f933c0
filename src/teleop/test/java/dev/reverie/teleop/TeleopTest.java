package dev.reverie.teleop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.testing.Prepared;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command as a process of its own, without a terminal. */
@Prepared
class TeleopTest {
  @TempDir Path folder;

  private static void refused(File input, String told, String... args) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                System.getProperty("java.home") + "/bin/java",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Teleop.class.getName()));
    command.addAll(List.of(args));
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectInput(input).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(2, process.waitFor(), said);
    assertTrue(said.contains(told), said);
  }

  @Test
  void withoutATerminalItSaysWhereToStartIt() throws Exception {
    refused(new File("/dev/null"), "standard input is no terminal, ");
    Path keys = Files.writeString(folder.resolve("keys.txt"), "wwww");
    refused(keys.toFile(), "start it in a terminal, over ssh with ssh -t");
  }

  @Test
  void whatMovesNothingIsRefused() throws Exception {
    File nothing = new File("/dev/null");
    refused(nothing, "--frame is ''; name the link in whose axes", "--frame", "");
    refused(nothing, "--frame is '  '; name the link", "--frame", "  ");
    refused(nothing, "--linear and --angular must be above zero", "--linear", "0");
  }
}
