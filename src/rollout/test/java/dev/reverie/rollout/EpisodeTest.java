package dev.reverie.rollout;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.mcap.McapException;
import dev.reverie.mcap.McapMetadata;
import dev.reverie.mcap.McapOptions;
import dev.reverie.mcap.rosbag2.Rosbag2Appender;
import dev.reverie.mcap.rosbag2.Rosbag2Topic;
import dev.reverie.mcap.rosbag2.Rosbag2Writer;
import dev.reverie.rollout.EpisodeOutcome.Kind;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NullUnmarked // JUnit sets the folder
class EpisodeTest {
  @TempDir Path folder;

  @Test
  void anEpisodeComesBackStepByStep() {
    Path bag = RecordedArm.episode(folder, "one", 7);
    Episode episode = Episode.read(bag);
    assertEquals("one", episode.id());
    assertEquals("reach the red ball", episode.instruction());
    assertEquals("policy", episode.source());
    assertEquals(RecordedArm.POLICY, episode.policyId());
    assertEquals(77, episode.seed());
    assertTrue(episode.outcome().success());
    assertEquals("simulated_arm", episode.outcome().labeller());
    assertEquals(List.of("camera"), episode.cameras());
    assertEquals(RecordedArm.JOINTS, episode.jointNames());
    assertEquals(2, episode.chunks().size());
    assertEquals(7, episode.steps().size());
    for (int t = 0; t <= 7; t++) {
      RecordedObservation seen = episode.observation(t);
      assertEquals(RecordedArm.stamp(t), seen.stampNanos());
      assertArrayEquals(RecordedArm.positions(t), seen.jointPositions());
      assertArrayEquals(RecordedArm.pixels(t, 48), seen.images().get("camera").rgb());
    }
    for (int t = 0; t < 7; t++) {
      Step step = episode.steps().get(t);
      float[] actions = RecordedArm.actions(t / 4);
      assertArrayEquals(Arrays.copyOfRange(actions, t % 4 * 2, t % 4 * 2 + 2), step.action());
      assertEquals(RecordedArm.stamp(t), step.stampNanos());
    }
  }

  @Test
  void theOutcomeIsToldFirstAndPicturesCanBeLetGoAsTheyAreSeen() {
    Path bag = RecordedArm.episode(folder, "one", 7);
    EpisodeReader reader = EpisodeReader.open(bag, Alignment.DEFAULT);
    assertTrue(reader.outcome().success());
    Episode episode =
        reader.read("camera", image -> new CameraImage(1, 1, Arrays.copyOf(image.rgb(), 3)));
    assertEquals(7, episode.steps().size());
    for (int t = 0; t <= 7; t++) {
      assertArrayEquals(
          Arrays.copyOf(RecordedArm.pixels(t, 48), 3),
          episode.observation(t).images().get("camera").rgb());
    }
    EpisodeReader other = EpisodeReader.open(bag, Alignment.DEFAULT);
    EpisodeException refusal =
        assertThrows(EpisodeException.class, () -> other.read("wrist", image -> image));
    assertTrue(refusal.getMessage().contains("'wrist'"), refusal.getMessage());
  }

  @Test
  void whatComesAfterTheOutcomeDoesNotCount() {
    RecordedArm arm = new RecordedArm(folder, "one", 8);
    try (arm) {
      arm.begin();
      for (int t = 0; t < 6; t++) {
        arm.observe(t);
        if (t % 4 == 0) {
          arm.chunk(t / 4);
        }
        arm.command(t, "policy");
      }
      arm.end(Kind.FAILURE, RecordedArm.stamp(3));
    }
    Episode episode = Episode.read(arm.bag());
    assertEquals(3, episode.steps().size());
    assertEquals(RecordedArm.stamp(3), episode.last().stampNanos());
  }

  @Test
  void aCommandWhoseResultWasNotSeenDoesNotCount() {
    RecordedArm arm = new RecordedArm(folder, "one", 8);
    try (arm) {
      arm.begin();
      arm.chunk(0);
      for (int t = 0; t < 3; t++) {
        arm.observe(t);
        arm.command(t, "policy");
      }
    }
    Episode episode = Episode.read(arm.bag());
    assertEquals(2, episode.steps().size());
    assertEquals(Kind.UNLABELLED, episode.outcome().kind());
  }

  @Test
  void anArmThatWasHeldStillHasNoAction() {
    RecordedArm arm = new RecordedArm(folder, "one", 8);
    try (arm) {
      arm.begin();
      arm.chunk(0);
      arm.observe(0);
      arm.command(0, "hold");
      arm.observe(1);
      arm.command(1, "policy");
      arm.observe(2);
    }
    List<Step> steps = Episode.read(arm.bag()).steps();
    assertTrue(steps.get(0).held());
    assertEquals(RecordedArm.DIMS, steps.get(1).action().length);
  }

  @Test
  void theNearestStampsAreTakenOnAnArmThatIsNotInStep() {
    RecordedArm arm = new RecordedArm(folder, "one", 8);
    try (arm) {
      arm.begin();
      arm.chunk(0);
      for (int i = 0; i < 100; i++) { // 100 Hz, in another order and with one joint more
        double at = i / 10.0;
        arm.joints(
            RecordedArm.START + i * 10_000_000L,
            List.of("gripper", "wrist", "elbow", "shoulder"),
            new double[] {9, -0.3 * at, 0.2 * at, 0.1 * at});
      }
      for (int i = 0; i < 30; i++) { // 30 Hz
        arm.image(RecordedArm.START + i * 33_333_333L, "rgb8", 3, RecordedArm.pixels(i, 8));
      }
      for (int t = 0; t < 4; t++) {
        arm.command(t, RecordedArm.stamp(t) + 4_000_000, "policy");
      }
      arm.end(Kind.SUCCESS, RecordedArm.stamp(4));
    }
    Episode episode = Episode.read(arm.bag());
    assertEquals(4, episode.steps().size());
    for (int t = 0; t <= 4; t++) {
      assertArrayEquals(RecordedArm.positions(t), episode.observation(t).jointPositions(), 1e-12);
      assertArrayEquals(
          RecordedArm.pixels(3 * t, 8), episode.observation(t).images().get("camera").rgb());
    }
    Alignment strict = new Alignment(Duration.ofMillis(1), Duration.ofMillis(50));
    assertRefused(
        () -> Episode.read(arm.bag(), strict),
        "command 0",
        "joint state",
        "-4.0 ms",
        "leave the bag out");
  }

  @Test
  void theLastOutcomeHolds() {
    Path bag = RecordedArm.episode(folder, "one", 5);
    Rollouts.label(bag, Kind.FAILURE, "ada", "it fell over");
    Rollouts.label(bag, Kind.ABORTED, "bob", "");
    Episode episode = Episode.read(bag);
    assertEquals(Kind.ABORTED, episode.outcome().kind());
    assertEquals("bob", episode.outcome().labeller());
    assertEquals(RecordedArm.stamp(5), episode.outcome().stampNanos());
    assertEquals(5, episode.steps().size());
    assertEquals(List.of(), Rollouts.verify(bag));
  }

  @Test
  void aBagThatIsCutOffIsNamedWithItsRemedyAndReadAfterwards() throws Exception {
    Path bag = RecordedArm.episode(folder, "one", 20);
    Path file = bag.resolve("one_0.mcap");
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 100));
    assertRefused(() -> Rollouts.label(bag, Kind.SUCCESS, "ada", ""), "rollouts recover");
    Files.write(file, Arrays.copyOf(bytes, 60));
    assertRefused(() -> Episode.read(bag), "rollouts recover", bag.toString());
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 100));
    Rollouts.recover(bag);
    assertEquals(20, Episode.read(bag).steps().size());
  }

  @Test
  void foreignBagsAndFoldersAreRefused() throws Exception {
    Path bag = folder.resolve("foreign");
    try (Rosbag2Writer writer = Rosbag2Writer.create(bag, "jazzy", McapOptions.ROS2)) {
      Rosbag2Topic topic =
          new Rosbag2Topic(
              "/chatter",
              dev.reverie.msgs.std_msgs.String.TYPE.name(),
              dev.reverie.msgs.std_msgs.String.TYPE.definition());
      byte[] cdr =
          dev.reverie.msgs.std_msgs.String.TYPE.encode(
              new dev.reverie.msgs.std_msgs.String("hello"));
      writer.write(topic, 1, 1, MemorySegment.ofArray(cdr));
    }
    assertRefused(
        () -> Episode.read(bag), "no topic of type reverie/msg/Episode", "/chatter", "Give a bag");
    assertRefused(() -> Episode.read(folder.resolve("nothing")), "not a folder");
    Path empty = Files.createDirectory(folder.resolve("empty"));
    assertRefused(() -> Episode.read(empty), "no .mcap file");
  }

  @Test
  void whatIsMissingIsNamed() {
    RecordedArm blind = new RecordedArm(folder, "blind", 8);
    try (blind) {
      blind.begin();
      blind.joints(RecordedArm.stamp(0), RecordedArm.JOINTS, RecordedArm.positions(0));
      blind.command(0, "policy");
    }
    assertRefused(() -> Episode.read(blind.bag()), "sensor_msgs/msg/Image", "leave the bag out");
    RecordedArm idle = new RecordedArm(folder, "idle", 8);
    try (idle) {
      idle.begin();
      idle.observe(0);
    }
    assertRefused(() -> Episode.read(idle.bag()), "reverie/msg/Command", "leave the bag out");
    RecordedArm lost = new RecordedArm(folder, "lost", 8);
    try (lost) {
      lost.begin();
      lost.observe(0);
      lost.command(0, "policy");
      lost.observe(1);
    }
    assertRefused(
        () -> Episode.read(lost.bag()), "action chunk 0", "not in the bag", "leave the bag out");
    RecordedArm headless = new RecordedArm(folder, "headless", 8);
    try (headless) {
      headless.observe(0);
      headless.end(Kind.SUCCESS, RecordedArm.stamp(1));
    }
    assertRefused(() -> Episode.read(headless.bag()), "no BEGUN", "leave the bag out");
  }

  @Test
  void anUnknownEncodingIsNamedWithThoseThatAreKnown() {
    RecordedArm arm = new RecordedArm(folder, "one", 8);
    try (arm) {
      arm.begin();
      arm.chunk(0);
      for (int t = 0; t < 2; t++) {
        arm.joints(RecordedArm.stamp(t), RecordedArm.JOINTS, RecordedArm.positions(t));
        arm.image(RecordedArm.stamp(t), "yuv422", 2, new byte[128]);
        arm.command(t, "policy");
      }
    }
    assertRefused(() -> Episode.read(arm.bag()), "/camera/image_raw", "yuv422", "rgb8");
  }

  @Test
  void aSecondEpisodeOfTheSameNameIsRefused() {
    RecordedArm.episode(folder, "one", 2);
    var thrown = assertThrows(McapException.class, () -> RolloutWriter.open(folder, "one"));
    assertTrue(thrown.getMessage().contains("exists already"), thrown.getMessage());
    assertThrows(IllegalArgumentException.class, () -> RolloutWriter.open(folder, "../one"));
  }

  @Test
  void theNoteInABagsEndSaysWhatItsMessagesSay() throws Exception {
    Path bag = RecordedArm.episode(folder, "one", 5);
    Rollouts.label(bag, Kind.FAILURE, "ada", "it fell over");
    BagFiles files = new BagFiles(bag);
    BagIndex index = BagIndex.read(files);
    assertEquals(EpisodeSummaryRecord.read(files, index.topics()), index.summary().orElseThrow());
    RolloutSummary summary = Rollouts.summary(bag);
    assertEquals(Kind.FAILURE, summary.outcome().kind());
    assertEquals("it fell over", summary.outcome().reason());
    assertEquals(RecordedArm.stamp(5), summary.outcome().stampNanos());
    assertEquals(5, summary.commands());
    assertEquals(77, summary.seed());
    assertTrue(Math.abs(summary.recordedNanos() - System.currentTimeMillis() * 1e6) < 3600e9);
  }

  @Test
  void aNoteThatSaysSomethingElseIsFoundAndWrittenAnew() {
    Path bag = RecordedArm.episode(folder, "one", 5);
    EpisodeSummaryRecord summary = EpisodeSummaryRecord.read(new BagFiles(bag));
    EpisodeSummaryRecord wrong =
        EpisodeSummaryRecord.of(
                new McapMetadata(
                    EpisodeSummaryRecord.RECORD,
                    replaced(summary.metadata().values(), "outcome", "failure")))
            .orElseThrow();
    Rosbag2Appender.append(bag, appender -> appender.addMetadata(wrong.metadata()));
    assertEquals(Kind.FAILURE, Rollouts.summary(bag).outcome().kind());
    assertTrue(Rollouts.verify(bag).getFirst().contains("note"), Rollouts.verify(bag).toString());
    assertEquals(1, Rollouts.recover(bag).size());
    assertEquals(Kind.SUCCESS, Rollouts.summary(bag).outcome().kind());
    assertEquals(List.of(), Rollouts.verify(bag));
    // One that does not know of all messages does not count.
    EpisodeSummaryRecord old =
        EpisodeSummaryRecord.of(
                new McapMetadata(
                    EpisodeSummaryRecord.RECORD,
                    replaced(wrong.metadata().values(), "events", "1")))
            .orElseThrow();
    Rosbag2Appender.append(bag, appender -> appender.addMetadata(old.metadata()));
    assertEquals(Kind.SUCCESS, Rollouts.summary(bag).outcome().kind());
  }

  private static Map<String, String> replaced(Map<String, String> map, String key, String value) {
    Map<String, String> copy = new HashMap<>(map);
    copy.put(key, value);
    return copy;
  }

  @Test
  void aClockThatJumpsBackIsNamed() {
    RecordedArm arm = new RecordedArm(folder, "one", 8);
    try (arm) {
      arm.begin();
      arm.chunk(0);
      for (int t = 0; t < 4; t++) {
        arm.observe(t < 2 ? t + 10 : t); // the arm's computer was started again
        arm.command(t, RecordedArm.stamp(t < 2 ? t + 10 : t), "policy");
      }
    }
    assertRefused(
        () -> Episode.read(arm.bag()),
        "jumped back by 0.900 s",
        "commands 1 and 2",
        "leave the bag out");
    assertEquals("", Rollouts.summary(arm.bag()).problem()); // it is listed all the same
  }

  @Test
  void compressedPicturesAreReadWithADecoderAndRawOnesAreTakenWhereBothAreThere() throws Exception {
    for (boolean both : new boolean[] {false, true}) {
      RecordedArm arm = new RecordedArm(folder, "both_" + both, 8);
      byte[] png = Pictures.compressed("png", 8);
      try (arm) {
        arm.begin();
        arm.chunk(0);
        for (int t = 0; t < 4; t++) {
          arm.joints(RecordedArm.stamp(t), RecordedArm.JOINTS, RecordedArm.positions(t));
          arm.compressed("/arm/camera/image_raw/compressed", RecordedArm.stamp(t), png);
          arm.compressed("/arm/depth/compressedDepth", RecordedArm.stamp(t), new byte[3]);
          if (both) {
            arm.image("/arm/camera/image_raw", RecordedArm.stamp(t), RecordedArm.pixels(t, 8));
          }
          if (t < 3) {
            arm.command(t, "policy");
          }
        }
      }
      Path bag = arm.bag();
      Episode episode = Episode.read(bag, Alignment.DEFAULT, PictureDecoder.ofJdk());
      assertEquals(List.of("camera"), episode.cameras());
      byte[] seen = episode.observation(1).images().get("camera").rgb();
      assertArrayEquals(both ? RecordedArm.pixels(1, 8) : RecordedArm.pixels(0, 8), seen);
      if (!both) {
        assertRefused(() -> Episode.read(bag), "pictures are compressed", "Preprocess::decode");
      }
    }
  }

  private static void assertRefused(Runnable action, String... words) {
    var thrown = assertThrows(EpisodeException.class, action::run);
    for (String word : words) {
      assertTrue(thrown.getMessage().contains(word), thrown.getMessage());
    }
  }
}
