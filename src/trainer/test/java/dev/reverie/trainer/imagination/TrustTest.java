package dev.reverie.trainer.imagination;

import static org.bytedeco.pytorch.global.torch.ScalarType.Float;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.trainer.data.Context;
import dev.reverie.trainer.data.Examples;
import dev.reverie.trainer.data.Steps;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.data.Waves;
import dev.reverie.trainer.model.Ensemble;
import dev.reverie.trainer.model.FrameVae;
import dev.reverie.trainer.model.JointHead;
import dev.reverie.trainer.model.RewardClassifier;
import dev.reverie.trainer.model.WorldModel;
import dev.reverie.trainer.nn.LibtorchTest;
import dev.reverie.trainer.nn.Torch;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

class TrustTest extends LibtorchTest {
  private final WorldModel one = new WorldModel(WorldModel.Config.DEFAULT, 4, 2, 8);
  private final WorldModel other = new WorldModel(WorldModel.Config.DEFAULT, 4, 2, 8);
  private final Transitions episodes = Examples.transitions(3);

  @Test
  void membersThatLearnedTheSameAgreeAndOthersDoNot() {
    Tensor windows = episodes.windows();
    Context past = episodes.context(windows, one.memory());
    Tensor actions = episodes.actions(windows);
    Ensemble same = new Ensemble(List.of(one, other)); // untrained: nothing moves, say both
    assertEquals(0, same.play(past, actions).doubt().max().item_double());
    Waves.fill(other);
    Ensemble apart = new Ensemble(List.of(one, other));
    Tensor doubt = apart.play(past, actions).doubt();
    assertEquals(windows.size(0), doubt.size(0));
    assertTrue(doubt.min().item_double() > 1e-3, "doubt");
    assertTrue(apart.limit(episodes, 0.9) > apart.limit(episodes, 0.1));
  }

  @Test
  void aChunkOfSeveralWindowsIsAsDoubtfulAsTheWorstFrameOfThem() {
    var first = new WorldModel(WorldModel.Config.DEFAULT, 2, 2, 8);
    var second = new WorldModel(WorldModel.Config.DEFAULT, 2, 2, 8);
    Waves.fill(second);
    Ensemble ensemble = new Ensemble(List.of(first, second));
    Tensor windows = episodes.windows().narrow(0, 0, 2);
    Context past = episodes.context(windows, first.memory());
    Tensor actions = episodes.actions(windows);
    Torch.seed(1, "trust");
    Ensemble.Chunk chunk = ensemble.play(past, actions);
    Torch.seed(1, "trust");
    assertArrayEquals(
        Torch.floats(first.play(past, actions)), Torch.floats(chunk.frames()), "same draws");
    Torch.seed(1, "trust");
    Ensemble.Chunk begun = ensemble.play(past, actions.narrow(1, 0, 2));
    Tensor then = first.after(past, begun.frames(), actions.narrow(1, 0, 2)).frames();
    Context next = new Context(past.memory(), then, past.actions());
    Ensemble.Chunk ended = ensemble.play(next, actions.narrow(1, 2, 2));
    float[] worst = Torch.floats(torch.maximum(begun.doubt(), ended.doubt()));
    assertArrayEquals(worst, Torch.floats(chunk.doubt()), 1e-6f);
    Ensemble.Chunk cutShort = ensemble.play(past, actions.narrow(1, 0, 3));
    assertEquals(3, cutShort.frames().size(1));
    assertEquals(3, cutShort.apart().size(1));
  }

  @Test
  void aRolloutThatIsDoubtedIsKeptWeighedOrCut() {
    Tensor doubt = Torch.of(new float[] {0.5f, 1, 4}, 3);
    assertArrayEquals(new float[] {1, 1, 1}, Torch.floats(Trust.KEEP.weights(doubt, 1)));
    assertArrayEquals(new float[] {1, 1, 0.25f}, Torch.floats(Trust.WEIGH.weights(doubt, 1)));
    assertArrayEquals(new float[] {1, 1, 0}, Torch.floats(Trust.CUT.weights(doubt, 1)));
  }

  @Test
  void aCutRolloutEndsAndOneThatIsWeighedGoesOn() {
    Waves.fill(other);
    Ensemble ensemble = new Ensemble(List.of(one, other));
    try (Imagination cut = imagination().doubting(ensemble, Trust.CUT, 1e-6);
        Imagination weighed = imagination().doubting(ensemble, Trust.WEIGH, 1e-6);
        Imagination kept = imagination().doubting(ensemble, Trust.CUT, 1e6)) {
      for (Imagination imagination : List.of(cut, weighed, kept)) {
        imagination.reset(RolloutStarts.Pool.all(episodes, 8).beginnings(1));
        imagination.step(Torch.full(0.5, 3, 4, 2));
      }
      assertTrue(cut.done());
      assertArrayEquals(new long[] {0, 0, 0}, Torch.longs(cut.succeeded()));
      assertEquals(3, weighed.observe().at().size(0));
      assertEquals(3, kept.observe().at().size(0));
    }
  }

  @Test
  void aCutRolloutIsNoFailureToItsGroup() {
    Tensor rewards = Torch.of(new float[] {1, 0, 0, 0}, 1, 4);
    Tensor trusted = Torch.of(new float[] {1, 1, 0, 0}, 1, 4);
    assertArrayEquals(
        new float[] {0.5f, -0.5f, 0, 0},
        Torch.floats(Advantage.CENTRED.of(rewards, trusted)),
        1e-6f);
    float high = (float) Math.sqrt(0.5);
    assertArrayEquals(
        new float[] {high, -high, 0, 0},
        Torch.floats(Advantage.STANDARDISED.of(rewards, trusted)),
        1e-5f);
    assertArrayEquals(
        Torch.floats(Advantage.STANDARDISED.of(rewards)),
        Torch.floats(Advantage.STANDARDISED.of(rewards, Torch.full(1, 1, 4))));
    Tensor none = Torch.zeros(Float, 1, 4);
    assertArrayEquals(new float[4], Torch.floats(Advantage.STANDARDISED.of(rewards, none)), 0f);
  }

  @Test
  void aRolloutOfLittleWeightCountsAsAPartOfOne() {
    Tensor rewards = Torch.of(new float[] {1, 0, 0, 0}, 1, 4);
    Tensor half = Torch.of(new float[] {1, 0.5f, 0.5f, 1}, 1, 4); // mean 1 / 3
    float third = 1 / 3f;
    assertArrayEquals(
        new float[] {2 * third, -third / 2, -third / 2, -third},
        Torch.floats(Advantage.CENTRED.of(rewards, half)),
        1e-6f);
    // Variance (4/9 + 1/9 * 2) / (3 - 2.5 / 3) = 4/13.
    float deviation = (float) Math.sqrt(4 / 13.0);
    assertArrayEquals(
        new float[] {
          2 * third / deviation, -third / 2 / deviation, -third / 2 / deviation, -third / deviation
        },
        Torch.floats(Advantage.STANDARDISED.of(rewards, half)),
        1e-5f);
    Tensor hardly = Torch.of(new float[] {1, 1, 1e-6f, 1e-6f}, 1, 4);
    Tensor cut = Torch.of(new float[] {1, 1, 0, 0}, 1, 4);
    assertArrayEquals(
        Torch.floats(Advantage.STANDARDISED.of(rewards, cut)),
        Torch.floats(Advantage.STANDARDISED.of(rewards, hardly)),
        1e-5f);
  }

  private Imagination imagination() {
    return new Imagination(
        new FrameVae(FrameVae.Config.DEFAULT, Examples.canvas()),
        one,
        new JointHead(JointHead.Config.DEFAULT, 8, 144, 2, 2),
        new RewardClassifier(RewardClassifier.Config.DEFAULT, 4, 48 * 48, 2),
        1,
        episodes.data(),
        Steps.whole(4));
  }
}
