package dev.reverie.lerobot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverie.rollout.Episode;
import dev.reverie.rollout.EpisodeOutcome;
import dev.reverie.rollout.Rollouts;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Imports the dataset of {@link ImportTest} in units that are told, or are not. */
class ImportUnitsTest {
  private static final String JOINT_DELTAS =
      """
      {"cameras": [{"name": "front", "width": 48, "height": 48, "rectify": false,
                    "crop": {"x": 0, "y": 0, "width": 0.75, "height": 1}}],
       "joint_names": ["elbow_flex", "shoulder_pan"],
       "action_space": {"kind": "joint_deltas", "joints": ["elbow_flex", "shoulder_pan"],
                        "scale_rad": [0.1, 0.05]},
       "chunk": {"horizon": 4, "period_s": 0.1}, "head": {"kind": "tokens", "bins": 21}}
      """;

  private final Path folder;

  ImportUnitsTest(@TempDir Path folder) {
    this.folder = folder;
  }

  private final List<String> told = new ArrayList<>();
  private Path dataset;
  private Path task;
  private List<String> before;

  @BeforeEach
  void copyTheDataset() throws Exception {
    dataset = folder.resolve("made by lerobot");
    Folders.copy(Path.of(ImportTest.class.getResource("/made_by_lerobot").toURI()), dataset);
    task = folder.resolve("task.json");
    Files.writeString(task, JOINT_DELTAS);
    before = Folders.names(folder);
  }

  /** The options of an import; unless changed, degrees at 10 Hz, all of it success. */
  private static final class Options {
    private Optional<Path> task;
    private Optional<EpisodeOutcome.Kind> outcome = Optional.of(EpisodeOutcome.Kind.SUCCESS);
    private Optional<JointUnit> unit = Optional.of(JointUnit.DEG);
    private Map<String, String> jointUnits = Map.of();
    private List<String> joints = List.of();
    private Set<String> continuous = Set.of();
    private final SequencedMap<String, String> cameras = new LinkedHashMap<>();
    private int every = 3;
    private boolean clamp;

    Options(Path task) {
      this.task = Optional.of(task);
    }
  }

  private Options options() {
    return new Options(task);
  }

  private Import.Result run(Options o) {
    Import options =
        new Import(
            o.task,
            o.outcome,
            o.unit,
            o.jointUnits,
            o.joints,
            o.continuous,
            o.cameras,
            o.every,
            Optional.empty(),
            o.clamp);
    return options.run(dataset, folder.resolve("rollouts"), told::add);
  }

  /** Checks that an import is refused and leaves nothing behind. */
  private void assertRefused(Options options, String... expected) throws Exception {
    Refusal.of(LerobotException.class, () -> run(options), expected);
    assertEquals(before, Folders.names(folder));
  }

  @Test
  void theUnitOfADatasetThatDoesNotTellItIsAskedFor() throws Exception {
    Options options = options();
    options.unit = Optional.empty();
    assertRefused(
        options,
        "of robot_type 'so101_follower' does not tell the unit of its joints",
        "degrees or -100 to 100",
        "--unit deg",
        "--joint-unit elbow_flex=-100..100:LOWER..UPPER (-7.5 to 0)");
    options.jointUnits = Map.of("shoulder_pan", "-100..100:-1.5..1.5", "elbow_flex", "deg");
    run(options);
    Episode episode = Episode.read(Rollouts.bags(folder.resolve("rollouts")).get(1));
    double[] parts = {10 + 1.5, -0.75};
    double[] expected = {parts[0] * 0.015, Math.toRadians(parts[1])};
    assertArrayEquals(expected, episode.observation(1).jointPositions(), 1e-6);
  }

  @Test
  void theUnitOfAGripperIsAskedForByItself() throws Exception {
    Options options = options();
    options.joints = List.of("shoulder_pan", "gripper");
    assertRefused(
        options,
        "does not tell the unit of a gripper",
        "--joint-unit gripper=0..100:LOWER..UPPER (-7.5 to 0)");
    options.jointUnits = Map.of("gripper", "0..1:0..0.04");
    assertRefused(options, "has -7.500 for 'gripper'", "give the range that it has");
    options.jointUnits = Map.of("grip", "deg");
    assertRefused(options, "--joint-unit names 'grip'", "'gripper'");
    options.jointUnits = Map.of("gripper", "percent");
    assertRefused(options, "--joint-unit gripper is 'percent'", "FROM..TO:LOWER..UPPER");
    options.jointUnits = Map.of("gripper", "deg");
    options.continuous = Set.of("wrist");
    assertRefused(options, "--continuous names 'wrist'", "nearest");
  }

  @Test
  void partsOfARangeAreNotTakenForDegrees() throws Exception {
    Path stats = dataset.resolve("meta/stats.json");
    String text = Files.readString(stats);
    int state = text.indexOf("\"observation.state\"");
    int max = text.indexOf("\"max\"", state);
    String parts =
        text.substring(0, max) + text.substring(max).replaceFirst("\\[\\s*[-0-9.]+,", "[100.0,");
    Files.writeString(stats, parts);
    Options options = options();
    assertRefused(options, "[shoulder_pan] reach exactly 100", "--joint-unit shoulder_pan=deg");
    options.jointUnits = Map.of("shoulder_pan", "deg");
    run(options);
  }
}
