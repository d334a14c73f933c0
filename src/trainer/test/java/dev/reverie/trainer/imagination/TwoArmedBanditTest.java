package dev.reverie.trainer.imagination;

import static org.bytedeco.pytorch.global.torch.ScalarType.Byte;
import static org.bytedeco.pytorch.global.torch.ScalarType.Float;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.policy.ActionSpace;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.DiffusionSpec;
import dev.reverie.policy.HeadSpec;
import dev.reverie.policy.Language;
import dev.reverie.testing.Refusal;
import dev.reverie.trainer.data.Examples;
import dev.reverie.trainer.model.ActionsAhead;
import dev.reverie.trainer.model.Heads;
import dev.reverie.trainer.model.PolicySample;
import dev.reverie.trainer.model.SmallVla;
import dev.reverie.trainer.model.TrainablePolicy;
import dev.reverie.trainer.nn.LibtorchTest;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainLoop;
import dev.reverie.trainer.nn.TrainerException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A policy of two actions a chunk, of one value each; the side of the first of them alone is
 * rewarded.
 */
class TwoArmedBanditTest extends LibtorchTest {
  private static final HeadSpec TOKENS = HeadSpec.tokens(2);
  private static final Grpo.Config CONFIG = PracticeSettings.of(20, 4, 8, 0, 1, 1e-3, 2, 64, 100);

  private final RolloutStarts.Pool pool = RolloutStarts.Pool.all(Examples.transitions(3), 8);
  private final Path folder;

  TwoArmedBanditTest(@TempDir Path folder) {
    this.folder = folder;
  }

  /**
   * Returns those that try both arms untrained: a network that gives the chunk itself has chosen
   * one.
   */
  static List<HeadSpec> heads() {
    return Heads.all(1).stream()
        .filter(
            head ->
                !(head instanceof DiffusionSpec diffusion
                    && diffusion.prediction() == DiffusionSpec.Prediction.SAMPLE))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("heads")
  void practiceFindsTheArmThatIsRewarded(HeadSpec head) {
    double[] first = practised(head, 0);
    double[] second = practised(head, 1);
    assertTrue(first[0] > 0.85, "the first arm is drawn with probability " + first[0]);
    assertTrue(second[0] < 0.15, "the first arm is drawn with probability " + second[0]);
  }

  @Test
  void aPracticeThatEarnsNothingEndsWithItsReason() {
    // There is no third arm, so all rollouts fail alike.
    Refusal.of(TrainerException.class, () -> practised(TOKENS, 2), "0 % succeed");
  }

  @Test
  void aRolloutThatIsCutIsNoFailure() {
    // All that would fail are cut, so all that is left succeeds alike.
    Refusal.of(
        TrainerException.class,
        () ->
            practised(
                "failures", TOKENS, (p, at, temperature) -> cut(play(p, at, temperature, 0), true)),
        "100 % succeed");
  }

  @Test
  void aRolloutThatIsCutHasNoGradient() {
    // Every other rollout is cut; what is not a number in it goes nowhere.
    double[] both =
        practised("half", TOKENS, (p, at, temperature) -> cut(play(p, at, temperature, 0), false));
    assertTrue(both[0] > 0.8, "the first arm is drawn with probability " + both[0]);
  }

  @Test
  void probabilitiesThatAreNoNumbersEndThePracticeWithTheReason() {
    Refusal.of(
        TrainerException.class,
        () ->
            practised(
                "nan",
                TOKENS,
                (p, at, temperature) -> {
                  PlayedRollouts played = play(p, at, temperature, 0);
                  played.logProbabilities().fill_(new Scalar(Double.NaN));
                  return played;
                }),
        "loss and gradient of grpo are [NaN], 6 updates in a row");
  }

  @Test
  void aPracticeOfWhichLittleIsTrustedSaysSo() {
    Refusal.of(
        TrainerException.class,
        () ->
            practised(
                "none",
                TOKENS,
                (p, at, temperature) -> trusting(play(p, at, temperature, 0), torch::zeros_like)),
        "the world models disagree about most of them");
  }

  private static PlayedRollouts cut(PlayedRollouts played, boolean failures) {
    Tensor success = played.success().to(Float);
    Tensor even = Torch.range(0, success.size(0)).remainder(new Scalar(2L)).to(Float);
    PlayedRollouts cut = trusting(played, _ -> failures ? success : even);
    cut.logProbabilities()
        .masked_fill_(Torch.less(cut.trusted(), 1).view(-1, 1, 1), new Scalar(Double.NaN));
    return cut;
  }

  private static PlayedRollouts trusting(PlayedRollouts played, UnaryOperator<Tensor> weights) {
    played.trusted().copy_(weights.apply(played.trusted()));
    return played;
  }

  /** Shares of arm 0 in both actions, after practice under a reward for one arm. */
  private double[] practised(HeadSpec head, long arm) {
    return practised("arm" + arm, head, (p, at, temperature) -> play(p, at, temperature, arm));
  }

  private double[] practised(String name, HeadSpec head, Grpo.Play imagination) {
    TrainablePolicy policy = policy(head);
    new Grpo(CONFIG, policy, imagination, pool, Integer.MAX_VALUE)
        .train(new TrainLoop(folder.resolve(name), 1, "bandit"));
    return shares(policy);
  }

  /** One chunk in each rollout; it succeeds where its first action is on the side of the arm. */
  private static PlayedRollouts play(
      TrainablePolicy policy, RolloutStarts at, double temperature, long arm) {
    long count = at.count();
    Tensor pixels = pixels(count);
    Tensor words = words(count);
    Tensor joints = joints(count);
    PolicySample sample = drawn(policy, pixels, words, joints, temperature);
    Tensor value = sample.actions().select(1, 0).select(1, 0);
    Tensor success = arm == 0 ? Torch.less(value, 0) : Torch.greater(value, arm == 1 ? 0 : 9);
    PlayedRollouts chunk =
        new PlayedRollouts(
            Torch.range(0, count),
            pixels,
            words,
            joints,
            Torch.range(0, count),
            ActionsAhead.none(count).actions(),
            sample.drawn(),
            sample.logProbabilities(),
            success,
            Torch.full(1, count));
    return PlayedRollouts.concat(List.of(chunk), success, Torch.full(1, count));
  }

  private static PolicySample drawn(
      TrainablePolicy policy, Tensor pixels, Tensor words, Tensor joints, double temperature) {
    try (var _ = new NoGradGuard()) {
      return policy
          .head()
          .draw(
              policy.seeing(pixels, words, joints), Torch.range(0, pixels.size(0)), 2, temperature);
    }
  }

  /** Returns how often each of the two values lies on arm 0's side. */
  private static double[] shares(TrainablePolicy policy) {
    PolicySample sample = drawn(policy, pixels(1000), words(1000), joints(1000), 1);
    return Torch.doubles(
        Torch.less(sample.actions(), 0).to(Float).mean(new long[] {0, 2}, false, Torch.sameType()));
  }

  private static Tensor pixels(long count) {
    return Torch.zeros(Byte, count, 3, 16, 16);
  }

  private static Tensor words(long count) {
    return Torch.range(0, count).mul(new Scalar(0L)).add(new Scalar(1L)).unsqueeze(1);
  }

  private static Tensor joints(long count) {
    return Torch.zeros(Float, count, 1);
  }

  private static TrainablePolicy policy(HeadSpec head) {
    BundleSpec spec =
        new BundleSpec(
            List.of(new BundleSpec.Camera("camera", 16, 16)),
            List.of("lever"),
            new ActionSpace.JointDeltas(List.of("lever"), List.of(0.1)),
            new BundleSpec.Chunk(2, 0.1),
            head,
            Language.words(List.of("pull"), 1),
            List.of(),
            BundleSpec.Lineage.NONE);
    return new TrainablePolicy(SmallVla.create(spec, new double[1], new double[] {1}, 1));
  }
}
