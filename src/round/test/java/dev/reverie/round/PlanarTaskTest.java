package dev.reverie.round;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.policy.PolicyBundle;
import dev.reverie.testing.Prepared;
import dev.reverie.testing.Refusal;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

@Prepared
class PlanarTaskTest {
  private final Path folder;

  PlanarTaskTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @Test
  void theSimulatedArmTellsWhatAPolicyOfATaskIsToSeeAndUnderstand() {
    PlanarTask task = PlanarTask.named("insert-tight", folder);
    assertEquals(3, task.instructions().size());
    var spec = PolicyBundle.load(task.untrained(folder)).spec();
    assertEquals(96, spec.cameras().getFirst().width());
    assertEquals(List.of("shoulder", "elbow", "wrist"), spec.jointNames());
  }

  @Test
  void aTaskThatIsNotThereIsRefusedByName() {
    Refusal.of(
        RoundException.class,
        () -> PlanarTask.named("juggle", folder),
        "--task is 'juggle'; there are [insert, insert-tight, press, assemble]");
  }

  @Test
  void aSceneOfLiberoIsDoneByThePandaAndRecordedByItsArmFile() {
    SimulatedScene scene = SimulatedScene.task("robosuite_stack");
    assertTrue(Files.isRegularFile(scene.arm().orElseThrow()), scene.toString());
    assertEquals(Optional.empty(), PlanarTask.first(scene, "robosuite_stack", folder));
    assertEquals(Optional.empty(), SimulatedScene.task("press").arm());
  }

  @Test
  void aTaskGoesWithNoOtherArmAndWithItsOwnModels() {
    String out = folder.resolve("out").toString();
    requireRefused(
        "--task is 'press' and --shift 'none', which are the planar arm's",
        "demonstrate",
        "--task",
        "press",
        "--scene",
        "a.xml",
        "--arm",
        "a.yaml",
        "--out",
        out);
    requireRefused(
        "models/ are of the task 'insert', and --task is 'press'",
        "demo",
        "--task",
        "press",
        "--out",
        out);
    requireRefused(
        "there is no policy to evaluate; give --bundle",
        "evaluate",
        "--task",
        "press",
        "--out",
        out);
    requireRefused(
        "--task is 'press', and a real arm has no task of the simulated one",
        "round",
        "--task",
        "press",
        "--bags",
        out,
        "--demonstrations",
        out,
        "--out",
        out);
    assertTrue(Files.notExists(folder.resolve("out/recording")));
  }

  private static void requireRefused(String text, String... arguments) {
    CommandLine line = RoundCommand.commandLine();
    var said = new StringWriter();
    line.setErr(new PrintWriter(said));
    line.setExecutionExceptionHandler(
        (e, command, parsed) -> {
          command.getErr().print(e.getMessage());
          return 1;
        });
    assertEquals(1, line.execute(arguments));
    assertTrue(said.toString().contains(text), said.toString());
  }
}
