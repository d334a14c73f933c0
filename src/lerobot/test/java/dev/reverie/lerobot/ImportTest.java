package dev.reverie.lerobot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.importer.JointUnit;
import dev.reverie.policy.BundleException;
import dev.reverie.policy.Task;
import dev.reverie.rollout.Alignment;
import dev.reverie.rollout.CameraImage;
import dev.reverie.rollout.Episode;
import dev.reverie.rollout.EpisodeOutcome;
import dev.reverie.rollout.EpisodeReader;
import dev.reverie.rollout.Rollouts;
import dev.reverie.testing.Refusal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Imports a dataset, and changed ones, as demonstrations. */
class ImportTest extends ImportOfOneDataset {
  ImportTest(@TempDir Path folder) {
    super(folder);
  }

  /** A whole number or an entry of info.json is changed. */
  private void changeInfo(String from, String to) throws Exception {
    Path info = dataset.resolve("meta/info.json");
    String text = Files.readString(info);
    assertTrue(text.contains(from), text);
    Files.writeString(info, text.replace(from, to));
  }

  @Test
  void teleoperatedEpisodesBecomeDemonstrations() throws Exception {
    String front = JOINT_DELTAS.substring(JOINT_DELTAS.indexOf('['), JOINT_DELTAS.indexOf(']') + 1);
    String both = front.replace("]", ", " + front.substring(1).replace("front", "wrist"));
    Files.writeString(task, JOINT_DELTAS.replace(front, both));
    assertEquals(new Import.Result(2, 10 + 7, 0), run(options()));
    assertEquals(List.of("not imported: features [observation.effort]"), told);
    List<Path> bags = Rollouts.bags(folder.resolve("rollouts"));
    for (int e = 0; e < 2; e++) {
      assertEquals(List.of(), Rollouts.verify(bags.get(e)));
      Episode episode = Episode.read(bags.get(e));
      assertEquals("made_by_lerobot-00000" + e, episode.id());
      assertEquals(e == 0 ? "pick up the cube" : "put it down", episode.instruction());
      assertEquals("teleop", episode.source());
      assertEquals(EpisodeOutcome.Kind.SUCCESS, episode.outcome().kind());
      assertEquals(List.of("shoulder_pan", "elbow_flex"), episode.jointNames());
      assertEquals(e == 0 ? 10 : 7, episode.steps().size());
      for (int t = 0; t <= episode.steps().size(); t++) {
        double[] degrees = {10 * e + 1.5 * t, -0.75 * t};
        assertArrayEquals(
            radians(degrees), episode.observation(t).jointPositions(), 1e-6, "frame " + 3 * t);
        assertPicture(
            e,
            3 * t,
            24,
            32,
            Objects.requireNonNull(episode.observation(t).images().get("wrist")),
            99);
        assertPicture(
            e,
            3 * t,
            48,
            64,
            Objects.requireNonNull(episode.observation(t).images().get("front")),
            33);
        if (t < episode.steps().size()) {
          // The target of the last of the three frames, seen from the first.
          float[] action = episode.steps().get(t).action();
          assertEquals(Math.toRadians(-0.75) / 0.1, action[0], 1e-5);
          assertEquals(Math.toRadians(1.5) / 0.05, action[1], 1e-5);
          double[] next = {degrees[0] + 1.5, degrees[1] - 0.75};
          assertArrayEquals(radians(next), episode.steps().get(t).command().positions(), 1e-6);
        }
      }
    }
  }

  @Test
  void theRolloutsTellWhatAPolicyOfTheArmSeesAndMoves() {
    run(options());
    for (Path bag : Rollouts.bags(folder.resolve("rollouts"))) {
      String configuration = EpisodeReader.open(bag, Alignment.DEFAULT).configuration();
      assertEquals(Optional.of(Task.read(task)), Task.recorded(configuration, bag));
      assertEquals(
          Map.of("front", "/front/image_raw", "wrist", "/wrist/image_raw"),
          EpisodeReader.open(bag, Alignment.DEFAULT).namedCameras());
    }
  }

  private static double[] radians(double... degrees) {
    return DoubleStream.of(degrees).map(Math::toRadians).toArray();
  }

  /** Checks that a picture is like the one that check_with_lerobot.py paints. */
  private static void assertPicture(
      int episode, int t, int height, int width, CameraImage image, double leastDb) {
    byte[] rgb = new byte[width * height * 3];
    for (int i = 0; i < width * height; i++) {
      rgb[3 * i] = (byte) (i % width * 3 + t);
      rgb[3 * i + 1] = (byte) (i / width * 4);
      rgb[3 * i + 2] = (byte) (40 + 60 * episode);
    }
    double db = RoundTripTest.psnr(new CameraImage(width, height, rgb), image);
    assertTrue(db >= leastDb, () -> db + " dB");
  }

  @Test
  void jointsAndCamerasAreRenamed() throws Exception {
    Files.writeString(
        task,
        JOINT_DELTAS
            .replace("elbow_flex", "elbow")
            .replace("shoulder_pan", "base")
            .replace("\"front\"", "\"camera\""));
    Options options = options();
    assertRefused(options, "the task's joints are [elbow, base]", "--joint-names");
    options.joints = List.of("base", "elbow");
    assertRefused(options, "the task's cameras are [camera]", "--camera");
    options.cameras.put("front", "camera");
    run(options);
    Episode episode = Episode.read(Rollouts.bags(folder.resolve("rollouts")).getFirst());
    assertEquals(List.of("camera"), episode.cameras());
    assertEquals(List.of("base", "elbow"), episode.jointNames());
    assertEquals(
        "not imported: features [observation.images.wrist, observation.effort]", told.getLast());
  }

  @Test
  void whatTheDatasetDoesNotTellMustBeSaid() throws Exception {
    Options options = options();
    options.outcome = Optional.empty();
    assertRefused(options, "does not tell how its episodes went", "--outcome");
    options = options();
    options.task = Optional.empty();
    assertRefused(options, "does not tell the policy's action", "--task");
    options = options();
    options.every = 1;
    assertRefused(options, "has 30 frames a second", "the task a step each 0.1 s; give --every 3");
    options = options();
    options.every = 4;
    assertRefused(options, "of which one in 4 is taken", "give --every 3");
    options = options();
    options.cameras.put("top", "camera");
    assertRefused(options, "has no camera 'top'");
    options = options();
    options.joints = List.of("one");
    assertRefused(options, "has 2 entries, and the names of its joints are [one]");
  }

  @Test
  void aRateThatDoesNotFitIsRefused() throws Exception {
    changeInfo("\"fps\": 30", "\"fps\": 25");
    assertRefused(options(), "no --every fits: record at a multiple of 10 frames a second");
  }

  @Test
  void degreesAreNotTakenForRadians() throws Exception {
    Options options = options();
    options.unit = Optional.of(JointUnit.RAD);
    assertRefused(
        options, "is no joint's angle in rad", "give --unit deg", "--joint-unit shoulder_pan=");
  }

  @Test
  void actionsBeyondThePolicysAreRefusedOrCutOff() throws Exception {
    Files.writeString(task, JOINT_DELTAS.replace("0.05]", "0.02]"));
    Options options = options();
    assertRefused(options, "episode 0, frame 0: the action for 'shoulder_pan' is 1.309", "--clamp");
    options.clamp = true;
    assertEquals(new Import.Result(2, 17, 17), run(options));
    Episode episode = Episode.read(Rollouts.bags(folder.resolve("rollouts")).getFirst());
    assertEquals(1, episode.steps().get(3).action()[1]);
  }

  @Test
  void anotherVersionIsRefused() throws Exception {
    changeInfo("\"v3.0\"", "\"v2.1\"");
    assertRefused(options(), "codebase_version 'v2.1'", "convert_dataset_v21_to_v30");
  }

  @Test
  void aFolderThatIsNoDatasetIsRefused() throws Exception {
    dataset = folder.resolve("nothing");
    assertRefused(options(), "is no LeRobot dataset: it has no meta/info.json");
  }

  @Test
  void brokenMetadataIsRefused() throws Exception {
    Files.writeString(dataset.resolve("meta/info.json"), "{\"codebase_version\": \"v3.0\", ");
    assertRefused(options(), "is no JSON");
  }

  @Test
  void aDatasetWithoutEpisodesIsRefused() throws Exception {
    Files.delete(dataset.resolve("meta/episodes/chunk-000/file-000.parquet"));
    assertRefused(options(), "has no episodes");
  }

  @Test
  void episodesThatAreMissingAreMissed() throws Exception {
    changeInfo("\"total_episodes\": 2", "\"total_episodes\": 3");
    assertRefused(options(), "says 3 episodes", "has 2");
  }

  /** Writes what tells where the episodes lie anew. */
  private void describe(UnaryOperator<List<Map<String, Object>>> change) throws Exception {
    Path file = dataset.resolve("meta/episodes/chunk-000/file-000.parquet");
    SequencedMap<String, ParquetType> types = new LinkedHashMap<>();
    List<Map<String, Object>> episodes = new ArrayList<>();
    try (var rows = new ParquetRows(file)) {
      for (String column : rows.columns()) {
        if (column.matches("episode_index|length|(data|videos/[^/]*)/(chunk|file)_index")) {
          types.put(column, ParquetType.Leaf.INT64);
        } else if (column.endsWith("/from_timestamp")) {
          types.put(column, ParquetType.Leaf.DOUBLE);
        }
      }
      while (rows.next()) {
        Map<String, Object> episode = new HashMap<>();
        types.forEach(
            (column, type) ->
                episode.put(
                    column,
                    type == ParquetType.Leaf.DOUBLE
                        ? (Object) rows.number(column)
                        : (Object) rows.integer(column)));
        episodes.add(episode);
      }
    }
    Files.delete(file);
    try (var writer = new ParquetWriter(file, types, new TreeMap<>())) {
      writer.rowGroup(change.apply(episodes));
    }
  }

  @Test
  void episodesMayBeDescribedInAnyOrder() throws Exception {
    describe(List::reversed);
    teleoperatedEpisodesBecomeDemonstrations();
  }

  @Test
  void framesOfEpisodesThatWereTakenOutArePassedOver() throws Exception {
    describe(episodes -> episodes.subList(1, 2));
    changeInfo("\"total_episodes\": 2", "\"total_episodes\": 1");
    assertEquals(new Import.Result(1, 7, 0), run(options()));
    Path bag = Rollouts.bags(folder.resolve("rollouts")).getFirst();
    assertEquals("put it down", Episode.read(bag).instruction());
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 1})
  void anEpisodeOfAnotherLengthThanItsFramesIsRefused(long more) throws Exception {
    describe(
        episodes -> {
          episodes.getFirst().merge("length", more, (a, b) -> (long) a + (long) b);
          return episodes;
        });
    assertRefused(options(), "episode 0", "copy the whole dataset again");
  }

  @Test
  void aCutOffTableIsRefused() throws Exception {
    Folders.cut(dataset.resolve("data/chunk-000/file-000.parquet"), 9000);
    assertRefused(options(), "data/chunk-000/file-000.parquet cannot be read", "cut off");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "data/chunk-000/file-000.parquet",
        "videos/observation.images.front/chunk-000/file-000.mp4",
        "meta/info.json",
        "meta/tasks.parquet",
      })
  void aFileThatGitLfsDidNotFetchIsCalledSo(String name) throws Exception {
    Files.writeString(
        dataset.resolve(name),
        "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n");
    assertRefused(options(), name + " is a Git LFS pointer", "git lfs pull");
  }

  @Test
  void aMissingTableIsRefused() throws Exception {
    Files.delete(dataset.resolve("data/chunk-000/file-000.parquet"));
    assertRefused(options(), "there is no file", "data/chunk-000/file-000.parquet");
  }

  @Test
  void aMissingVideoIsRefused() throws Exception {
    Files.delete(dataset.resolve("videos/observation.images.front/chunk-000/file-000.mp4"));
    assertRefused(
        options(), "there is no video", "observation.images.front/chunk-000/file-000.mp4");
  }

  @Test
  void aCutOffVideoIsRefused() throws Exception {
    Folders.cut(dataset.resolve("videos/observation.images.front/chunk-000/file-000.mp4"), 5000);
    assertRefused(options(), "observation.images.front/chunk-000/file-000.mp4");
  }

  @Test
  void aPictureOfAnotherSizeIsRefused() throws Exception {
    changeInfo("48,\n                64", "49,\n                64");
    assertRefused(options(), "the picture of observation.images.front is 64x48", "[49, 64, 3]");
  }

  @Test
  void aFeatureOfAnUnknownKindIsRefusedWhereItIsNeeded() throws Exception {
    String info = Files.readString(dataset.resolve("meta/info.json"));
    int at = info.indexOf("float32", info.indexOf("\"observation.state\""));
    Files.writeString(
        dataset.resolve("meta/info.json"),
        info.substring(0, at) + "quaternion" + info.substring(at + 7));
    assertRefused(options(), "feature 'observation.state' is quaternion of shape [2]");
  }

  @Test
  void aMissingFeatureIsNamedWithThoseThatAreThere() throws Exception {
    changeInfo("\"action\"", "\"motion\"");
    assertRefused(options(), "has no feature 'action'", "motion");
  }

  @Test
  void aFeatureThatTheTableLacksIsNamed() throws Exception {
    changeInfo("\"observation.effort\"", "\"next.success\"");
    assertRefused(options(), "data/chunk-000/file-000.parquet has no column 'next.success'");
  }

  @Test
  void aPathThatLeavesTheDatasetIsRefused() throws Exception {
    changeInfo("\"data/chunk", "\"../../data/chunk");
    assertRefused(options(), "leads out of the dataset");
  }

  @Test
  void anExistingFolderIsNotTouched() throws Exception {
    Files.createDirectories(folder.resolve("rollouts"));
    Refusal.of(
        LerobotException.class, () -> run(options()), "exists already; choose another folder");
    assertEquals(List.of(), Folders.names(folder.resolve("rollouts")));
  }

  @Test
  void aTaskFileThatIsNoneIsRefused() throws Exception {
    Files.writeString(task, "{\"joint_names\": []}");
    Refusal.of(BundleException.class, () -> run(options()), "task.json", "cameras is missing");
    Options options = options();
    options.task = Optional.of(folder.resolve("no bundle"));
    Refusal.of(
        BundleException.class,
        () -> run(options),
        "cannot read",
        "give a policy bundle, or a task file");
  }
}
