package dev.reverie.lerobot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.testing.Prepared;
import dev.reverie.testing.Python;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
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
    assertTrue(errors.toString().startsWith("reverie rollouts: "), errors.toString());
    assertTrue(errors.toString().contains("is no LeRobot dataset"), errors.toString());
    assertEquals(1, execute("export", folder.resolve("x"), "--to", "lerobot", "--out", folder));
    assertEquals(2, execute("export", folder, "--to", "hdf5", "--out", folder));
  }

  @Test
  @Prepared
  void anyBagBecomesRolloutsAndSoADataset() throws Exception {
    Path bag = folder.resolve("bag");
    Path mapping = folder.resolve("mapping.yaml");
    Path rollouts = folder.resolve("rollouts");
    Python.run("importer/test/python/write_bag.py", bag, "{}");
    assertEquals(1, execute("import", bag, "--out", rollouts));
    assertTrue(errors.toString().contains("is a bag; say what its topics are: --mapping"));
    Path urdf =
        Path.of(System.getProperty("reverie.root", "../.."))
            .resolve("src/arm/test/resources/planar_arm.urdf")
            .toAbsolutePath();
    Files.writeString(
        folder.resolve("arm.yaml"),
        """
        name: planar
        joints: [shoulder, elbow, wrist]
        cameras: {front: {width: 64, height: 48}}
        action: {space: {kind: joint_deltas, joints: [shoulder, elbow, wrist], scale_rad: [1, 1, 1]}}
        """);
    Files.writeString(
        mapping,
        """
        arm: arm.yaml
        joints: {names: {Joint1: shoulder, Joint2: elbow, Joint3: wrist}}
        commands: {topic: controller/joint_trajectory, names: {Joint1: shoulder, Joint2: elbow, Joint3: wrist}}
        robot_description: {file: '%s'}
        instruction: put it down
        outcome: success
        episodes: {topic: /recording}
        """
            .formatted(urdf));
    assertEquals(
        1, execute("import", bag, "--mapping", mapping, "--out", rollouts, "--unit", "deg"));
    assertTrue(errors.toString().contains("[--unit] are for datasets"), errors.toString());
    assertEquals(0, execute("import", bag, "--mapping", mapping, "--out", rollouts));
    assertTrue(out.toString().contains(rollouts + ": 2 episodes, 40 steps"), out.toString());
    Path dataset = folder.resolve("dataset");
    assertEquals(0, execute("export", rollouts, "--out", dataset, "--images", "png"));
    assertTrue(out.toString().contains(dataset + ": 2 of 2 episodes, 42 frames"), out.toString());
  }
}
