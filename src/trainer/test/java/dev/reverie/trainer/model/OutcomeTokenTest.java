package dev.reverie.trainer.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.policy.HeadSpec;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.testing.Refusal;
import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.Examples;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.nn.LibtorchTest;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainLoop;
import dev.reverie.trainer.nn.TrainerException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutcomeTokenTest extends LibtorchTest {
  private final PolicyBundle base = Examples.policy();
  private final OutcomeToken token = new OutcomeToken(base);
  private final Dataset episodes = Examples.episodes("e", 4);

  @Test
  void aNewWordMeansNothingYetAndIsTakenAwayWithoutATrace() {
    PolicyBundle longer = token.withToken();
    assertEquals(base.id(), token.withoutToken(longer).id());
    Dataset told = token.tell(episodes);
    try (var before = new TrainablePolicy(base);
        var after = new TrainablePolicy(longer)) {
      assertArrayEquals(Torch.floats(logits(before, episodes)), Torch.floats(logits(after, told)));
    }
  }

  @Test
  void failedEpisodesAloneHaveTheWord() {
    Dataset told = token.tell(episodes);
    long word = base.spec().language().words().size() + 1L;
    long[] last =
        Torch.longs(
            told.tokens()
                .index_select(0, told.instruction())
                .select(1, base.spec().language().length()));
    long[] success = Torch.longs(told.success());
    for (int n = 0; n < last.length; n++) {
      assertEquals(success[n] != 0 ? 0 : word, last[n]);
    }
    assertEquals(2, told.successes());
  }

  @Test
  void aPolicyThatIsToldTheOutcomeActsAsInTheSuccesses(@TempDir Path folder) {
    // Both outcomes from the same pictures: only the word tells which action was taken.
    Dataset alike = alike();
    Dataset told = token.tell(alike);
    BehaviourCloning.Config config =
        new BehaviourCloning.Config(150, 32, 3e-3, 0, 0, 0, Head.Distance.L1);
    PolicyBundle learned;
    try (var policy = new TrainablePolicy(token.withToken())) {
      Transitions lessons = new Transitions(told, told.joints(), 4);
      BehaviourCloning cloning = new BehaviourCloning(config, policy, lessons);
      new TrainLoop(folder, 1, "x").train("told", policy, cloning.loop(), cloning::loss);
      learned = token.withoutToken(policy.bundle());
    }
    assertNotEquals(base.id(), learned.id());
    assertEquals(base.spec().language(), learned.spec().language());
    try (var policy = new TrainablePolicy(learned)) {
      Tensor best = logits(policy, alike).argmax(new LongOptional(-1), false);
      Tensor high = Torch.greater(best, ((HeadSpec.Tokens) base.spec().head()).bins() / 2.0);
      assertTrue(high.all().item_bool(), "not all actions are those of the successes");
    }
  }

  @Test
  void aPolicyWhoseWordsMayNotBeTrainedIsRefused() {
    PolicyBundle frozen =
        PolicyBundle.of(
            base.spec().withFrozen(List.of("words.weight")), base.graph(), base.weights());
    Refusal.of(
        TrainerException.class, () -> new OutcomeToken(frozen), "no table", "may be trained");
  }

  /** Successes move by +0.9 and failures by -0.9, all seen alike. */
  private Dataset alike() {
    Tensor sign =
        Torch.plus(Torch.times(episodes.success().to(episodes.actions().scalar_type()), 1.8), -0.9);
    episodes.actions().zero_().add_(sign.view(-1, 1, 1));
    episodes.joints().zero_();
    return episodes;
  }

  private static Tensor logits(TrainablePolicy policy, Dataset data) {
    Tensor at = Torch.range(0, 4).mul(new Scalar(data.horizon() + 1L));
    return policy
        .seeing(
            data.frames().rows(at),
            data.tokens().index_select(0, data.instruction()),
            Dataset.rows(data.joints(), at))
        .run(Map.of(), "logits")
        .detach();
  }
}
