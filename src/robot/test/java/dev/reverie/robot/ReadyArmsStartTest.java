package dev.reverie.robot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.arm.ArmFile;
import dev.reverie.msgs.reverie.Status;
import dev.reverie.testing.Prepared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The node starts with each arm file that comes with Reverie, and with the least that one says. */
@Prepared
class ReadyArmsStartTest {
  private static final Path ARMS = Path.of(System.getProperty("reverie.root")).resolve("arms");

  @TempDir Path folder;

  static Stream<Path> arms() throws IOException {
    try (Stream<Path> files = Files.list(ARMS)) {
      return files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("arms")
  void theNodeStartsWithEachReadyFile(Path file) throws Exception {
    try (var robot = RunningRobot.withArmFile(file, folder.resolve("rollouts"))) {
      Status status = TestArm.take(robot.arm.statuses, "status");
      assertEquals(ArmFile.read(file).name(), status.arm());
    }
  }

  @Test
  void aFileWithoutACameraStartsAndSaysWhatIsMissing() throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("arm.yaml"),
            "{name: bare, joints: [a], action: {space: {kind: joint_deltas, joints: [a], scale_rad: [0.1]}}}");
    try (var robot = RunningRobot.withArmFile(file, folder.resolve("rollouts"))) {
      Status status = TestArm.take(robot.arm.statuses, "status");
      assertTrue(robot.isConfigured());
      assertEquals("bare", status.arm());
    }
  }
}
