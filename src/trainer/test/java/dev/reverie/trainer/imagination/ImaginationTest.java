package dev.reverie.trainer.imagination;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.testing.Refusal;
import dev.reverie.trainer.data.Canvas;
import dev.reverie.trainer.data.Context;
import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.Examples;
import dev.reverie.trainer.data.Steps;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.data.Waves;
import dev.reverie.trainer.model.ClassifierConfigs;
import dev.reverie.trainer.model.FrameVae;
import dev.reverie.trainer.model.JointHead;
import dev.reverie.trainer.model.PolicySample;
import dev.reverie.trainer.model.RewardClassifier;
import dev.reverie.trainer.model.TrainablePolicy;
import dev.reverie.trainer.model.WorldModel;
import dev.reverie.trainer.nn.LibtorchTest;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainLoop;
import dev.reverie.trainer.nn.TrainerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImaginationTest extends LibtorchTest {
  private final FrameVae vae = new FrameVae(FrameVae.Config.DEFAULT, Examples.canvas());
  private final WorldModel worldModel = new WorldModel(WorldModel.Config.DEFAULT, 4, 2, 8);
  private final JointHead head = new JointHead(JointHead.Config.DEFAULT, 8, 144, 2, 2);
  private final RewardClassifier classifier =
      new RewardClassifier(RewardClassifier.Config.DEFAULT, 4, 48 * 48, 2);
  private final Transitions episodes = Examples.transitions(3);
  private final RolloutStarts.Pool starts = RolloutStarts.Pool.all(episodes, 8);

  @Test
  void withoutSuccessARolloutEndsAtItsTimeLimit() {
    try (var imagination = imagination(1)) {
      imagination.reset(starts.beginnings(1));
      for (int chunk = 0; chunk < 2; chunk++) {
        assertEquals(false, imagination.done());
        assertArrayEquals(new long[] {0, 1, 2}, Torch.longs(imagination.observe().at()));
        imagination.step(Torch.full(0.5, 3, 4, 2));
      }
      assertTrue(imagination.done());
      assertArrayEquals(new long[] {0, 0, 0}, Torch.longs(imagination.succeeded()));
    }
  }

  @Test
  void successEndsARollout() {
    try (var imagination = imagination(0)) {
      imagination.reset(starts.beginnings(1));
      imagination.step(Torch.full(0.5, 3, 4, 2));
      assertTrue(imagination.done());
      assertArrayEquals(new long[] {1, 1, 1}, Torch.longs(imagination.succeeded()));
    }
  }

  @Test
  void successWithinAChunkEndsARolloutWhereClipsAreJudgedAtEveryStep() {
    Waves.fill(vae);
    Waves.fill(worldModel);
    int compared = 0;
    for (int n = 0; n < 12; n++) {
      RewardClassifier scanning = judge(n, 1);
      double[] said = new double[5]; // of the clips that end after 4 to 8 steps
      Tensor film = film(scanning);
      for (int end = 4; end <= 8; end++) {
        Tensor clip = Dataset.normalised(film.narrow(1, end - 4, 4));
        said[end - 4] = scanning.probability(clip, Torch.of(new long[1], 1)).item_double();
      }
      double within = Arrays.stream(said).max().orElseThrow();
      double atEnds = Math.max(said[0], said[4]);
      if (within > atEnds + 1e-6) {
        double threshold = (within + atEnds) / 2;
        assertTrue(succeeds(scanning, threshold));
        assertFalse(succeeds(judge(n, 0), threshold));
        compared++;
      }
    }
    assertTrue(compared > 0);
  }

  private static RewardClassifier judge(int seed, int stride) {
    Torch.seed(seed, "judge");
    return new RewardClassifier(ClassifierConfigs.stride(stride), 4, 48 * 48, 2);
  }

  /** The frames of two chunks from a beginning on. */
  private Tensor film(RewardClassifier judge) {
    try (var imagination = imagination(judge, 2)) { // nothing is success
      begin(imagination);
      return Torch.cat(1, imagination.step(waving()), imagination.step(waving()));
    }
  }

  private boolean succeeds(RewardClassifier judge, double threshold) {
    try (var imagination = imagination(judge, threshold)) {
      begin(imagination);
      imagination.step(waving());
      if (!imagination.done()) {
        imagination.step(waving());
      }
      return Torch.longs(imagination.succeeded())[0] != 0;
    }
  }

  private void begin(Imagination imagination) {
    Torch.seed(1, "clips");
    imagination.reset(starts.beginnings(1).range(0, 1));
  }

  private static Tensor waving() {
    return Torch.plus(Torch.times(Waves.of(1, 1, 4, 2), 2), -1);
  }

  @Test
  void anObservationIsAsTheRobotWouldGiveIt() {
    try (var imagination = imagination(1)) {
      imagination.reset(starts.beginnings(1));
      Imagination.Observation observation = imagination.observe();
      assertArrayEquals(new long[] {3, 3, 48, 48}, Torch.shape(observation.pixels()));
      assertArrayEquals(new long[] {1, 3, 1, 3, 1, 3}, Torch.longs(observation.words()));
      assertArrayEquals(new long[] {3, 2}, Torch.shape(observation.joints()));
    }
  }

  @Test
  void aPolicySeesAsLateAsOnTheArmAndActsOnFromThere() {
    Steps late = new Steps(2, 6, 4, 2);
    var windows = new WorldModel(WorldModel.Config.DEFAULT, 2, 2, 8);
    try (var imagination =
        new Imagination(vae, windows, head, classifier, 1, episodes.data(), late)) {
      imagination.reset(starts.beginnings(1));
      Imagination.Observation first = imagination.observe();
      assertArrayEquals(new long[] {0, 0, 0}, Torch.longs(first.first()), "nothing ran before");
      byte[] beginning = Torch.bytes(episodes.data().frames().at(0));
      assertArrayEquals(beginning, Torch.bytes(first.pixels()));
      assertEquals(0, first.ahead().abs().max().item_double());
      Tensor actions = Waves.of(0.5, 3, 4, 2);
      Tensor clips = imagination.step(actions);
      assertArrayEquals(new long[] {3, 4, 3, 48, 48}, Torch.shape(clips));
      Imagination.Observation second = imagination.observe();
      assertArrayEquals(new long[] {2, 2, 2}, Torch.longs(second.first()));
      assertArrayEquals(
          Torch.floats(actions.narrow(1, 2, 2).contiguous()), Torch.floats(second.ahead()));
      assertArrayEquals(Torch.bytes(clips.select(1, 1)), Torch.bytes(second.pixels()));
    }
  }

  @Test
  void jointsThatAreFollowedGoOnFromWhereTheArmStood() {
    JointHead.Config usual = JointHead.Config.DEFAULT;
    var follows =
        new JointHead(
            new JointHead.Config(
                usual.steps(),
                usual.batch(),
                usual.learningRate(),
                usual.weightDecay(),
                usual.noise(),
                JointHead.Kind.DYNAMICS,
                usual.path()),
            8,
            144,
            2,
            2);
    try (var imagination =
        new Imagination(vae, worldModel, follows, classifier, 1, episodes.data(), Steps.whole(4))) {
      RolloutStarts beginnings = starts.beginnings(1);
      Tensor actions = Torch.full(0.5, 3, 4, 2);
      imagination.reset(beginnings);
      assertArrayEquals(
          Torch.floats(episodes.data().joints().select(1, 0)),
          Torch.floats(imagination.observe().joints()));
      Torch.seed(1, "step");
      imagination.step(actions);
      Torch.seed(1, "step");
      Context past = beginnings.context(worldModel.memory());
      Tensor z = worldModel.play(past, actions);
      Tensor followed = follows.after(beginnings.joints(1), past.led(), actions, z, 1);
      assertArrayEquals(
          Torch.floats(followed.select(1, 0)), Torch.floats(imagination.observe().joints()), 1e-6f);
    }
  }

  @Test
  void aDelayLongerThanWhatIsCarriedOutIsSeenToo() {
    Steps late = new Steps(1, 4, 1, 3);
    var windows = new WorldModel(WorldModel.Config.DEFAULT, 1, 2, 8);
    var judge = new RewardClassifier(RewardClassifier.Config.DEFAULT, 1, 48 * 48, 2);
    try (var imagination = new Imagination(vae, windows, head, judge, 1, episodes.data(), late)) {
      imagination.reset(RolloutStarts.Pool.all(episodes, 40).beginnings(1));
      Tensor clips = imagination.step(Torch.full(0.5, 3, 1, 2));
      for (int step = 1; step <= 3; step++) {
        Imagination.Observation seen = imagination.observe();
        assertArrayEquals(new long[] {step, step, step}, Torch.longs(seen.first()));
        float[] told = Torch.floats(seen.ahead().select(0, 0).select(1, 0).contiguous());
        float[] done = new float[3]; // what was done so far, and nothing behind it
        Arrays.fill(done, 0, step, 0.5f);
        assertArrayEquals(done, told);
        byte[] beginning = Torch.bytes(episodes.data().frames().at(0));
        assertArrayEquals(beginning, Torch.bytes(seen.pixels()), "step " + step);
        imagination.step(Torch.full(0.5, 3, 1, 2));
      }
      Imagination.Observation seen = imagination.observe();
      assertArrayEquals(Torch.bytes(clips.select(1, 0)), Torch.bytes(seen.pixels()));
    }
  }

  @Test
  void aStartInsideAnEpisodeIsToldOfWhatWasDoneBefore() {
    Steps late = new Steps(2, 6, 4, 2);
    var windows = new WorldModel(WorldModel.Config.DEFAULT, 2, 2, 8);
    try (var imagination =
        new Imagination(vae, windows, head, classifier, 1, episodes.data(), late)) {
      RolloutStarts keyframes = starts.keyframes();
      imagination.reset(keyframes);
      Imagination.Observation seen = imagination.observe();
      long[] age = Torch.longs(keyframes.age());
      int second = 1; // of the first episode, at a chunk boundary
      assertEquals(4, age[second]);
      assertArrayEquals(
          Torch.floats(episodes.data().actions().select(0, 0).narrow(0, 2, 2).contiguous()),
          Torch.floats(seen.ahead().select(0, second).contiguous()));
    }
  }

  @Test
  void ofAChunkOnlyWhatIsCarriedOutCounts() {
    Tensor logits = Waves.of(1, 2, 6, 2, 5);
    Tensor first = Torch.of(new long[] {0, 2}, 2);
    Tensor executed = PolicySample.executed(logits, first, 4);
    for (int i = 0; i < 2; i++) {
      assertArrayEquals(
          Torch.floats(logits.select(0, i).narrow(0, 2L * i, 4)),
          Torch.floats(executed.select(0, i)));
    }
  }

  @Test
  void chunksAfterSuccessAreNotPlayed() {
    try (var imagination = imagination(median());
        var policy = new TrainablePolicy(Examples.policy())) {
      PlayedRollouts played =
          imagination.play(policy, starts.draw(3, 8, 0, Keyframes.UNIFORM.alone()), 1);
      long[] success = Torch.longs(played.success());
      long[] chunks = new long[success.length];
      for (long rollout : Torch.longs(played.rollout())) {
        chunks[(int) rollout]++;
      }
      for (int i = 0; i < chunks.length; i++) {
        assertTrue(chunks[i] == 2 || success[i] == 1, "rollout " + i + " stopped early");
      }
      assertTrue(Arrays.stream(chunks).anyMatch(count -> count == 1), "none stopped early");
      played.close();
    }
  }

  @Test
  void ofLargePicturesFewRolloutsGoSideBySideAndTheOthersAfterThem() {
    List<BundleSpec.Camera> cameras = List.of(new BundleSpec.Camera("camera", 256, 256));
    Canvas canvas = Canvas.of(cameras);
    var large = new FrameVae(FrameVae.Config.DEFAULT, canvas);
    assertEquals(256, vae.beside());
    assertEquals(16, large.beside());
    Dataset data = Examples.episodes("e", 9, "", canvas);
    var recorded = new Transitions(data, Waves.of(0.5, 9, data.horizon() + 1L, 8, 64, 64), 4);
    var reading = new JointHead(JointHead.Config.DEFAULT, 8, 64 * 64, 2, 2);
    var judge = new RewardClassifier(RewardClassifier.Config.DEFAULT, 4, canvas.pixels(), 2);
    try (var imagination =
            new Imagination(large, worldModel, reading, judge, 1, data, Steps.whole(4));
        var policy = new TrainablePolicy(Examples.policy(Examples.spec(cameras)))) {
      RolloutStarts all = RolloutStarts.Pool.all(recorded, 8).beginnings(2); // 18
      PlayedRollouts played = imagination.play(policy, all, 1);
      int[] chunks = new int[18];
      for (long rollout : Torch.longs(played.rollout())) {
        chunks[(int) rollout]++;
      }
      for (int count : chunks) {
        assertEquals(2, count);
      }
      assertEquals(18, played.success().size(0));
      assertEquals(18, played.trusted().sum().item_double());
      played.close();
    }
  }

  @Test
  void practiceChangesThePolicyAndResumesBitByBit(@TempDir Path folder) throws IOException {
    Grpo.Config config = PracticeSettings.of(4, 6, 4, 0.5, 2, 3e-4, 2, 16, 2);
    PolicyBundle base = Examples.policy();
    String whole = practise(config, base, folder.resolve("whole"), () -> false);
    assertNotEquals(base.id(), whole);
    List<String> curves = Files.readAllLines(folder.resolve("whole/grpo.jsonl"));
    assertEquals(4, curves.size());
    for (String name :
        List.of("approx_kl", "clipfrac", "distrusted_update", "entropy", "imagined_success")) {
      assertTrue(curves.getFirst().contains('"' + name + '"'), curves.getFirst());
    }

    Path broken = folder.resolve("broken");
    int[] asked = {0};
    Refusal.of(
        TrainerException.class,
        () -> practise(config, base, broken, () -> ++asked[0] == 3),
        "stopped");
    assertEquals(whole, practise(config, base, broken, () -> false));
  }

  private String practise(
      Grpo.Config config, PolicyBundle base, Path folder, BooleanSupplier stop) {
    try (var imagination = imagination(median());
        var policy = new TrainablePolicy(base)) {
      new Grpo(config, policy, imagination::play, starts, Integer.MAX_VALUE)
          .train(new TrainLoop(folder, 1, "examples", stop));
      return policy.bundle().id();
    }
  }

  /** A threshold that about half of the clips exceed. */
  private double median() {
    Torch.seed(1, "median");
    try (var imagination = imagination(1)) {
      imagination.reset(starts.draw(16, 1, 0, Keyframes.UNIFORM.alone()));
      Tensor clips = imagination.step(Torch.plus(Torch.times(Waves.of(1, 16, 4, 2), 2), -1));
      Tensor probability =
          classifier.probability(Dataset.normalised(clips), Torch.of(new long[16], 16));
      return probability.median().item_double();
    }
  }

  private Imagination imagination(double threshold) {
    return imagination(classifier, threshold);
  }

  private Imagination imagination(RewardClassifier judge, double threshold) {
    return new Imagination(
        vae, worldModel, head, judge, threshold, episodes.data(), Steps.whole(4));
  }
}
