package dev.reverie.lerobot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class LerobotCommandTest {
  private final Path folder;

  LerobotCommandTest(@TempDir Path folder) {
    this.folder = folder;
  }

  private final StringWriter out = new StringWriter();
  private final StringWriter errors = new StringWriter();

  private int execute(Object... arguments) {
    CommandLine commandLine = LerobotCommand.commandLine();
    commandLine.setOut(new PrintWriter(out));
    commandLine.setErr(new PrintWriter(errors));
    String[] texts = Arrays.stream(arguments).map(Object::toString).toArray(String[]::new);
    return commandLine.execute(texts);
  }

  @Test
  void rolloutsGoOutAndComeBack() throws Exception {
    Path rollouts = folder.resolve("rollouts");
    Path dataset = folder.resolve("dataset");
    Path back = folder.resolve("back");
    RecordedArm.SMALL.record(rollouts, "a");
    assertEquals(0, execute("export", rollouts, "--out", dataset, "--images", "png"));
    assertTrue(out.toString().contains(dataset + ": 1 of 1 episodes, 10 frames"), out.toString());
    assertEquals(0, execute("import", dataset, "--out", back, "--outcome", "failure"));
    assertTrue(out.toString().contains(back + ": 1 episode, 9 steps"), out.toString());
    assertEquals("", errors.toString());
  }

  @Test
  void aRefusalIsOneLineAndAnExitCode() {
    assertEquals(1, execute("import", folder, "--out", folder.resolve("back")));
    assertEquals(1, errors.toString().lines().count(), errors.toString());
    assertTrue(errors.toString().contains("is no LeRobot dataset"), errors.toString());
    assertEquals(1, execute("export", folder.resolve("x"), "--to", "lerobot", "--out", folder));
    assertEquals(2, execute("export", folder, "--to", "hdf5", "--out", folder));
  }
}
