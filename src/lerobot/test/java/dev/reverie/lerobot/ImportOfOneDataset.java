package dev.reverie.lerobot;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverie.importer.JointUnit;
import dev.reverie.rollout.EpisodeOutcome;
import dev.reverie.testing.Refusal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;

/**
 * Shares what tests of an import need: a dataset that LeRobot's own package recorded
 * (check_with_lerobot.py write), two joints in degrees at 30 Hz, a camera as video and one as
 * pictures.
 */
abstract class ImportOfOneDataset {
  static final String JOINT_DELTAS =
      """
      {"cameras": [{"name": "front", "width": 48, "height": 48, "rectify": false,
                    "crop": {"x": 0, "y": 0, "width": 0.75, "height": 1}}],
       "joint_names": ["elbow_flex", "shoulder_pan"],
       "action_space": {"kind": "joint_deltas", "joints": ["elbow_flex", "shoulder_pan"],
                        "scale_rad": [0.1, 0.05]},
       "chunk": {"horizon": 4, "period_s": 0.1}, "head": {"kind": "tokens", "bins": 21}}
      """;

  final Path folder;

  ImportOfOneDataset(Path folder) {
    this.folder = folder;
  }

  final List<String> told = new ArrayList<>();
  Path dataset;
  Path task;
  List<String> before;

  @BeforeEach
  void copyTheDataset() throws Exception {
    dataset = folder.resolve("made by lerobot");
    Folders.copy(
        Path.of(ImportOfOneDataset.class.getResource("/made_by_lerobot").toURI()), dataset);
    task = folder.resolve("task.json");
    Files.writeString(task, JOINT_DELTAS);
    before = Folders.names(folder);
  }

  /** The options of an import; unless changed, degrees at 10 Hz, all of it success. */
  static final class Options {
    Optional<Path> task;
    Optional<EpisodeOutcome.Kind> outcome = Optional.of(EpisodeOutcome.Kind.SUCCESS);
    Optional<JointUnit> unit = Optional.of(JointUnit.DEG);
    Map<String, String> jointUnits = Map.of();
    List<String> joints = List.of();
    Set<String> continuous = Set.of();
    Optional<String> instruction = Optional.empty();
    final SequencedMap<String, String> cameras = new LinkedHashMap<>();
    int every = 3;
    boolean clamp;

    Options(Path task) {
      this.task = Optional.of(task);
    }

    Import build() {
      return new Import(
          task,
          outcome,
          unit,
          jointUnits,
          joints,
          continuous,
          instruction,
          cameras,
          every,
          Optional.empty(),
          clamp);
    }
  }

  Options options() {
    return new Options(task);
  }

  Import.Result run(Options options) {
    return options.build().run(dataset, folder.resolve("rollouts"), told::add);
  }

  /** Checks that an import is refused and leaves nothing behind. */
  void assertRefused(Options options, String... expected) throws Exception {
    Refusal.of(LerobotException.class, () -> run(options), expected);
    assertEquals(before, Folders.names(folder));
  }
}
