package dev.reverie.rollout;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.mcap.McapException;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.rollout.EpisodeOutcome.Kind;
import dev.reverie.testing.Pictures;
import dev.reverie.testing.Refusal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EpisodeTest {
  private final Path folder;

  EpisodeTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @Test
  void anEpisodeComesBackStepByStep() {
    Path bag = RecordedArm.episode(folder, "one", 7);
    Episode episode = Episode.read(bag);
    assertEquals("one", episode.id());
    assertEquals("reach the red ball", episode.instruction());
    assertEquals(Command.POLICY, episode.source());
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
      assertArrayEquals(RecordedArm.pixels(t, 48), RecordedArm.rgb(seen));
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
          Arrays.copyOf(RecordedArm.pixels(t, 48), 3), RecordedArm.rgb(episode.observation(t)));
    }
    Refusal.of(EpisodeException.class, () -> reader.read("wrist", image -> image), "'wrist'");
    assertArrayEquals(RecordedArm.pixels(7, 48), RecordedArm.rgb(reader.read().last()));
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
        arm.command(t, Command.POLICY);
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
        arm.command(t, Command.POLICY);
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
      arm.command(0, Command.HOLD);
      arm.observe(1);
      arm.command(1, Command.POLICY);
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
        arm.command(t, RecordedArm.stamp(t) + 4_000_000, Command.POLICY);
      }
      arm.end(Kind.SUCCESS, RecordedArm.stamp(4));
    }
    Episode episode = Episode.read(arm.bag());
    assertEquals(4, episode.steps().size());
    for (int t = 0; t <= 4; t++) {
      assertArrayEquals(RecordedArm.positions(t), episode.observation(t).jointPositions(), 1e-12);
      assertArrayEquals(RecordedArm.pixels(3 * t, 8), RecordedArm.rgb(episode.observation(t)));
    }
    Alignment strict = new Alignment(Duration.ofMillis(1), Duration.ofMillis(50));
    Refusal.of(
        EpisodeException.class,
        () -> Episode.read(arm.bag(), strict),
        "ticks 0 to 3",
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
  void aLabelSaysWhenTheSuccessCame() {
    Path bag = RecordedArm.ended(folder, "one", 8, Kind.FAILURE);
    Rollouts.label(bag, Kind.SUCCESS, "ada", "");
    assertEquals(RecordedArm.stamp(8), Episode.read(bag).outcome().stampNanos());
    assertTrue(EpisodeReader.open(bag, Alignment.DEFAULT).late());
    Rollouts.label(bag, new EpisodeOutcome(Kind.SUCCESS, RecordedArm.stamp(5), "ada", ""));
    Episode episode = Episode.read(bag);
    assertEquals(5, episode.steps().size());
    assertEquals(RecordedArm.stamp(5), episode.outcome().stampNanos());
    assertFalse(EpisodeReader.open(bag, Alignment.DEFAULT).late());
    Rollouts.label(bag, Kind.SUCCESS, "bob", "as ada says");
    assertEquals(5, Episode.read(bag).steps().size());
    assertFalse(EpisodeReader.open(bag, Alignment.DEFAULT).late());
  }

  @Test
  void aFailureIsOneOfTheWholeEpisodeAgain() {
    Path bag = RecordedArm.ended(folder, "one", 8, Kind.FAILURE);
    Rollouts.label(bag, new EpisodeOutcome(Kind.SUCCESS, RecordedArm.stamp(5), "ada", ""));
    Rollouts.label(bag, Kind.FAILURE, "bob", "it slipped later");
    assertEquals(8, Episode.read(bag).steps().size());
    assertEquals(RecordedArm.stamp(8), Episode.read(bag).outcome().stampNanos());
  }

  @Test
  void aSuccessThatEndedTheEpisodeKeepsItsMoment() {
    Path bag = RecordedArm.episode(folder, "one", 5);
    Rollouts.label(bag, Kind.FAILURE, "ada", "");
    Rollouts.label(bag, Kind.SUCCESS, "ada", "after all");
    assertFalse(EpisodeReader.open(bag, Alignment.DEFAULT).late());
    assertEquals(5, Episode.read(bag).steps().size());
  }

  @Test
  void aBagThatIsCutOffIsNamedWithItsRemedyAndReadAfterwards() throws Exception {
    Path bag = RecordedArm.episode(folder, "one", 20);
    Path file = bag.resolve("one_0.mcap");
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 100));
    Refusal.of(
        EpisodeException.class,
        () -> Rollouts.label(bag, Kind.SUCCESS, "ada", ""),
        "rollouts recover");
    Files.write(file, Arrays.copyOf(bytes, 60));
    Refusal.of(EpisodeException.class, () -> Episode.read(bag), "rollouts recover", bag.toString());
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 100));
    Rollouts.recover(bag);
    assertEquals(20, Episode.read(bag).steps().size());
  }

  @Test
  void aSecondEpisodeOfTheSameNameIsRefused() {
    RecordedArm.episode(folder, "one", 2);
    Refusal.of(
        McapException.class, () -> RolloutWriter.open(folder, "one").close(), "exists already");
    Refusal.of(
        IllegalArgumentException.class,
        () -> RolloutWriter.open(folder, "../one").close(),
        "cannot name a folder");
  }

  @Test
  void compressedPicturesAreReadWithADecoderAndRawOnesAreTakenWhereBothAreThere() throws Exception {
    for (boolean both : new boolean[] {false, true}) {
      RecordedArm arm = new RecordedArm(folder, "both_" + both, 8);
      byte[] png = Pictures.encode("png", 8, 8, RecordedArm.pixels(0, 8));
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
            arm.command(t, Command.POLICY);
          }
        }
      }
      Path bag = arm.bag();
      Episode episode = Episode.read(bag, Alignment.DEFAULT, PictureDecoder.ofJdk());
      assertEquals(List.of("camera"), episode.cameras());
      byte[] seen = RecordedArm.rgb(episode.observation(1));
      assertArrayEquals(both ? RecordedArm.pixels(1, 8) : RecordedArm.pixels(0, 8), seen);
      if (!both) {
        Refusal.of(
            EpisodeException.class,
            () -> Episode.read(bag),
            "pictures are compressed",
            "Preprocess::decode");
      }
    }
  }
}
