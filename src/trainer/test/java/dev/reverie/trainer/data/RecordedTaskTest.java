package dev.reverie.trainer.data;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverie.policy.BundleSpec;
import dev.reverie.testing.Refusal;
import dev.reverie.trainer.nn.LibtorchTest;
import dev.reverie.trainer.nn.TrainerException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The task of a policy, what it sees and moves, taken from the bags that it learns from. */
class RecordedTaskTest extends LibtorchTest {
  private static final List<String> JOINTS = List.of("slide", "lift");
  private static final String TASK =
      """
      {"arm": {"name": "two"},
       "task": {
         "cameras": [
           {"name": "camera", "width": 48, "height": 48, "rectify": false,
            "crop": {"x": 0, "y": 0, "width": 1, "height": 1}}],
         "joint_names": ["slide", "lift"],
         "action_space": {"kind": "joint_deltas", "joints": ["slide", "lift"],
                          "scale_rad": [0.1, 0.1]},
         "chunk": {"horizon": 4, "period_s": 0.1}}}
      """;
  private static final String TWO_CAMERAS =
      TASK.replace(
          "\"cameras\": [",
          "\"cameras\": [{\"name\": \"side\", \"width\": 48, \"height\": 48, \"rectify\": false,"
              + " \"crop\": {\"x\": 0, \"y\": 0, \"width\": 1, \"height\": 1}},");

  private final Path folder;

  RecordedTaskTest(@TempDir Path folder) {
    this.folder = folder;
  }

  private void bags(String prefix, String configuration) {
    Bags.write(folder, Examples.episodes(prefix, 2), JOINTS, 4, configuration);
  }

  @Test
  void theBagsSayWhatAPolicyOfTheirArmSeesAndMoves() {
    bags("old", "");
    bags("new", TASK);
    PolicyTask task = RecordedTask.of(folder, List.of());
    assertEquals(JOINTS, task.jointNames());
    assertEquals(48, task.cameras().getFirst().width());
    assertEquals(4, task.chunk().horizon());
  }

  @Test
  void bagsThatTellNothingNeedATaskFile() {
    bags("old", "");
    Refusal.of(TrainerException.class, () -> RecordedTask.of(folder, List.of()), "--task FILE");
  }

  @Test
  void aPolicySeesAllCamerasOrThoseThatAreChosen() {
    bags("a", TWO_CAMERAS);
    assertEquals(List.of("side", "camera"), names(RecordedTask.of(folder, List.of())));
    Refusal.of(
        TrainerException.class,
        () -> RecordedTask.of(folder, List.of("top")),
        "no camera 'top'",
        "[side, camera]");
    bags("b", TASK);
    assertEquals(List.of("camera"), names(RecordedTask.of(folder, List.of("camera"))));
  }

  private static List<String> names(PolicyTask task) {
    return task.cameras().stream().map(BundleSpec.Camera::name).toList();
  }

  @Test
  void aCameraThatWasOnlyRecordedCanBeChosenToo() {
    bags(
        "a",
        TASK.replace(
            "{\"name\": \"two\"}",
            "{\"name\": \"two\", \"cameras\": {\"wrist\": {\"height\": 48, \"policy\": false}}}"));
    var wrist = RecordedTask.of(folder, List.of("wrist")).cameras().getFirst();
    assertEquals(new BundleSpec.Camera("wrist", 64, 48), wrist);
    assertEquals(
        List.of("camera", "wrist"), names(RecordedTask.of(folder, List.of("camera", "wrist"))));
  }

  @Test
  void bagsOfDifferentArmsAreRefusedByName() {
    bags("a", TASK);
    bags("b", TASK.replace("[0.1, 0.1]", "[0.1, 0.2]").replace("two", "other"));
    Refusal.of(
        TrainerException.class,
        () -> RecordedTask.of(folder, List.of()),
        "(arm 'two')",
        "(arm 'other')",
        "action spaces");
  }

  @Test
  void aTaskThatIsNoneIsRefusedWithItsKey() {
    bags("a", TASK.replace("joint_deltas", "joint_steps"));
    Refusal.of(
        TrainerException.class,
        () -> RecordedTask.of(folder, List.of()),
        "action_space: kind 'joint_steps' is unknown");
  }
}
