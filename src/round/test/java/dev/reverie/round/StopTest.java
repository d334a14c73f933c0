package dev.reverie.round;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.testing.Prepared;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Prepared
class StopTest {
  private static final Path ROOT = Path.of(System.getProperty("reverie.root"));
  private static final int SECONDS = 60;

  @Test
  void whatADemoStartedEndsWithItWhenItIsTerminated(@TempDir Path folder) throws Exception {
    Process demo = start(folder.resolve("demo"));
    List<ProcessHandle> children = new ArrayList<>();
    try (BufferedReader lines = demo.inputReader()) {
      awaitLine(lines, "   reading");
      demo.descendants().forEach(children::add); // arm, robot and trainer
      assertTrue(children.size() >= 3, children.toString());
      assertTrue(demo.toHandle().destroy(), "SIGTERM");
      String rest = lines.lines().collect(Collectors.joining("\n"));
      assertTrue(demo.waitFor(SECONDS, TimeUnit.SECONDS), rest);
      assertEquals(1, demo.exitValue(), rest);
      assertTrue(rest.contains("reverie: stopped before the end"), rest);
      assertTrue(rest.lines().noneMatch(line -> line.startsWith("\tat ")), rest);
      for (ProcessHandle child : children) {
        child.onExit().get(SECONDS, TimeUnit.SECONDS);
      }
    } finally {
      children.forEach(ProcessHandle::destroyForcibly);
      demo.destroyForcibly();
    }
  }

  private static Process start(Path out) throws IOException {
    // With the classes under test: this module has no jar yet when its tests run.
    var builder =
        new ProcessBuilder(
                System.getProperty("java.home") + "/bin/java",
                "@" + ROOT.resolve("setup/java/round.args"),
                "-cp",
                System.getProperty("java.class.path"),
                RoundCommand.class.getName(),
                "demo",
                "--demonstrations",
                "2",
                "--rollouts",
                "4",
                "--models",
                ROOT.resolve("models").toString(),
                "--out",
                out.toString())
            .redirectErrorStream(true);
    builder.environment().put("REVERIE_PREPARED", ROOT.toString());
    return builder.start();
  }

  static void awaitLine(BufferedReader lines, String text) throws IOException {
    StringBuilder before = new StringBuilder();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      before.append(line).append('\n');
      if (line.contains(text)) {
        return;
      }
    }
    throw new AssertionError("no line with '" + text + "' in\n" + before);
  }
}
