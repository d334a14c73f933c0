package dev.reverie.rollout;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.msgs.reverie.Command;
import dev.reverie.msgs.sensor_msgs.CameraInfo;
import dev.reverie.testing.Refusal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EpisodeWriterTest {
  private static final long PERIOD = 100_000_000L;
  private static final CameraImage RED = new CameraImage(1, 1, new byte[] {(byte) 255, 0, 0});
  private static final CameraImage BLUE = new CameraImage(1, 1, new byte[] {0, 0, (byte) 255});

  private final Path rollouts;

  EpisodeWriterTest(@TempDir Path folder) {
    rollouts = folder.resolve("rollouts");
  }

  private static EpisodeHead head(String id, String source) {
    return new EpisodeHead(id, "wave", source, "", 0, 0, List.of("shoulder"), "", PERIOD);
  }

  @Test
  void whatIsWrittenStepByStepIsReadStepByStep() {
    try (EpisodeWriter episode =
        EpisodeWriter.begin(rollouts, head("one", Command.TELEOP), PERIOD, "{}")) {
      episode.observe(PERIOD, new double[] {0}, Map.of("wrist", RED));
      episode.chunk(PERIOD, 2, 0.5f, -0.5f);
      episode.step(PERIOD, new double[] {0}, new double[] {0.1});
      episode.observe(2 * PERIOD, new double[] {0.1}, Map.of("wrist", RED));
      episode.hold(2 * PERIOD, new double[] {0.1}, new double[] {0.1});
      episode.observe(3 * PERIOD, new double[] {0.1}, Map.of("wrist", BLUE));
      episode.step(3 * PERIOD, new double[] {0.1}, new double[] {0});
      episode.observe(4 * PERIOD, new double[] {0}, Map.of("wrist", BLUE));
      episode.end(
          new EpisodeOutcome(EpisodeOutcome.Kind.SUCCESS, 4 * PERIOD, "ada", "it waved"),
          4 * PERIOD);
    }
    Path bag = rollouts.resolve("one");
    assertEquals(List.of(), Rollouts.verify(bag));
    Episode episode = Episode.read(bag);
    assertEquals("wave", episode.instruction());
    assertEquals(Command.TELEOP, episode.source());
    assertEquals(List.of("wrist"), episode.cameras());
    assertEquals("it waved", episode.outcome().reason());
    assertEquals(3, episode.steps().size());
    assertArrayEquals(new float[] {0.5f}, episode.steps().get(0).action());
    assertTrue(episode.steps().get(1).held());
    assertArrayEquals(new float[] {-0.5f}, episode.steps().get(2).action());
    assertArrayEquals(new double[] {0.1}, episode.steps().get(0).command().positions());
    assertArrayEquals(RED.rgb(), picture(episode, 1));
    assertArrayEquals(BLUE.rgb(), picture(episode, 3));
  }

  @Test
  void stepsAreGivenOneAfterTheOtherAsTheyAreReadAtOnce() {
    try (EpisodeWriter episode =
        EpisodeWriter.begin(rollouts, head("long", Command.TELEOP), PERIOD, "{}")) {
      for (int t = 1; t <= 50; t++) {
        var picture = new CameraImage(1, 1, new byte[] {(byte) t, 0, 0});
        episode.observe(t * PERIOD, new double[] {t}, Map.of("wrist", picture, "front", RED));
        if (t % 10 == 1) {
          episode.chunk(t * PERIOD, 10, new float[10]);
        }
        if (t < 50) {
          episode.step(t * PERIOD, new double[] {t}, new double[] {t});
        }
      }
      episode.end(
          new EpisodeOutcome(EpisodeOutcome.Kind.SUCCESS, 50 * PERIOD, "ada", ""), 50 * PERIOD);
    }
    EpisodeReader reader = EpisodeReader.open(rollouts.resolve("long"), Alignment.DEFAULT);
    List<RecordedObservation> given = new ArrayList<>();
    reader.forEachStep(Set.of("wrist"), given::add);
    List<Step> steps = reader.read(Set.of("wrist")).steps();
    assertEquals(49, given.size());
    for (int t = 0; t < given.size(); t++) {
      RecordedObservation whole = steps.get(t).observation();
      assertEquals(whole.stampNanos(), given.get(t).stampNanos());
      assertEquals(whole.images().keySet(), given.get(t).images().keySet());
      assertArrayEquals(whole.jointPositions(), given.get(t).jointPositions());
      assertArrayEquals(
          whole.images().values().iterator().next().rgb(),
          given.get(t).images().values().iterator().next().rgb());
    }
    Episode bare = reader.readWithoutPictures(Set.of("wrist"));
    assertEquals(49, bare.steps().size());
    assertTrue(bare.steps().stream().allMatch(step -> step.observation().images().isEmpty()));
  }

  @Test
  void aPictureIsHeldUntilTheLastObservationThatHasIt() {
    List<ObservationStamps> all = new ArrayList<>();
    for (long t = 0; t < 100; t++) { // of two cameras, the second of half the rate
      all.add(new ObservationStamps(t, t, Map.of("/a/image_raw", t, "/b/image_raw", t / 2 * 2)));
    }
    var stream =
        new PictureStream(Map.of("a", "/a/image_raw", "b", "/b/image_raw"), Set.of("a", "b"), all);
    List<Long> given = new ArrayList<>();
    for (long t = 0; t < 100; t++) {
      for (String topic : stream.topics()) {
        if (stream.isWanted(topic, t)) {
          stream.add(topic, t, RED);
        }
      }
      stream.giveWhole((of, images) -> given.add(of.stampNanos()));
      assertEquals(t + 1, given.size());
      assertTrue(stream.held() <= 1, stream.held() + " are held");
    }
    assertTrue(stream.isDone());
  }

  private static byte[] picture(Episode episode, int t) {
    return episode.observation(t).images().values().iterator().next().rgb();
  }

  @Test
  void moreStepsThanTheChunkHasActionsAreRefused() {
    try (EpisodeWriter episode =
        EpisodeWriter.begin(rollouts, head("one", Command.POLICY), PERIOD, "")) {
      double[] still = {0};
      episode.chunk(PERIOD, 1, 0.5f);
      episode.step(PERIOD, still, still);
      Refusal.of(
          IllegalStateException.class,
          () -> episode.step(2 * PERIOD, still, still),
          "all 1 actions of chunk 0 are carried out",
          "write the next chunk first");
    }
  }

  @Test
  void aCamerasCalibrationIsReadWhereItWasRecorded() {
    CameraInfo info =
        new CameraInfo()
            .withWidth(64)
            .withHeight(48)
            .withDistortionModel("plumb_bob")
            .withD(new double[] {0.1, 0, 0, 0, 0})
            .withK(new double[] {60, 0, 32, 0, 60, 24, 0, 0, 1});
    CameraCalibration calibration = calibration("one", info).orElseThrow();
    assertEquals(64, calibration.width());
    assertEquals("plumb_bob", calibration.distortionModel());
    assertArrayEquals(info.d(), calibration.d());
    assertArrayEquals(info.k(), calibration.k());
    Refusal.of(
        EpisodeException.class,
        () -> calibration("two", info.withK(new double[9])),
        rollouts.resolve("two").toString(),
        "camera_info of camera 'wrist'",
        "calibrate the camera first");
    assertEquals(Optional.empty(), reader("one").calibration("front"));
    assertEquals("front/camera_info", CameraCalibration.topic("front/image_raw/compressed"));
  }

  private Optional<CameraCalibration> calibration(String id, CameraInfo info) {
    try (EpisodeWriter episode =
        EpisodeWriter.begin(rollouts, head(id, Command.POLICY), PERIOD, "")) {
      double[] still = {0};
      episode.write(RolloutTopic.cameraInfo("wrist"), PERIOD, info);
      episode.observe(PERIOD, still, Map.of("wrist", RED, "front", RED));
      episode.hold(PERIOD, still, still);
    }
    return reader(id).calibration("wrist");
  }

  private EpisodeReader reader(String id) {
    return EpisodeReader.open(rollouts.resolve(id), Alignment.DEFAULT);
  }

  @Test
  void aCameraIsCalledAsItsRecorderCalledItAndOneThatNoPolicySeesMayLackPictures() {
    String configuration =
        """
        {"cameras": {"hand": "/wrist/image_raw", "scene": "/front/image_raw"},
         "task": {"cameras": [{"name": "hand"}]}}
        """;
    double[] still = {0};
    try (EpisodeWriter episode =
        EpisodeWriter.begin(rollouts, head("one", Command.TELEOP), PERIOD, configuration)) {
      episode.observe(PERIOD, still, Map.of("wrist", RED, "front", BLUE));
      episode.hold(PERIOD, still, still);
      episode.observe(2 * PERIOD, still, Map.of("wrist", BLUE));
      episode.end(
          new EpisodeOutcome(EpisodeOutcome.Kind.SUCCESS, 2 * PERIOD, "ada", ""), 2 * PERIOD);
    }
    assertEquals(List.of(), Rollouts.verify(rollouts.resolve("one")));
    Episode episode = Episode.read(rollouts.resolve("one"));
    assertEquals(List.of("hand"), episode.cameras());
    assertEquals(1, episode.steps().size());
    EpisodeReader reader = reader("one");
    assertEquals("/front/image_raw", reader.namedCameras().get("scene"));
    assertThrows(UnusableEpisodeException.class, () -> reader.read("scene", image -> image));
  }

  @Test
  void anEpisodeWhoseNameCannotBeAFolderIsRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () -> EpisodeWriter.begin(rollouts, head("../one", Command.POLICY), PERIOD, ""));
  }
}
