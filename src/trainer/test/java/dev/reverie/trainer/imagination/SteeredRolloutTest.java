package dev.reverie.trainer.imagination;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.trainer.data.Context;
import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.Examples;
import dev.reverie.trainer.data.Steps;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.data.Waves;
import dev.reverie.trainer.imagination.SteeredRollout.Moment;
import dev.reverie.trainer.model.Belief;
import dev.reverie.trainer.model.Ensemble;
import dev.reverie.trainer.model.FrameVae;
import dev.reverie.trainer.model.JointHead;
import dev.reverie.trainer.model.RewardClassifier;
import dev.reverie.trainer.model.TrainablePolicy;
import dev.reverie.trainer.model.WorldModel;
import dev.reverie.trainer.nn.LibtorchTest;
import dev.reverie.trainer.nn.Torch;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class SteeredRolloutTest extends LibtorchTest {
  private static final int EPISODE = 1;
  private static final int STEP = 4;

  private final FrameVae vae = new FrameVae(FrameVae.Config.DEFAULT, Examples.canvas());
  private final WorldModel one = new WorldModel(WorldModel.Config.DEFAULT, 4, 2, 8);
  private final WorldModel other = new WorldModel(WorldModel.Config.DEFAULT, 4, 2, 8);
  private final JointHead head = new JointHead(JointHead.Config.DEFAULT, 8, 144, 2, 2);
  private final RewardClassifier classifier =
      new RewardClassifier(RewardClassifier.Config.DEFAULT, 4, 48 * 48, 2);
  private final Transitions episodes = Examples.transitions(3);
  private final Ensemble both = new Ensemble(List.of(one, other));

  /** The same start as an environment has it. */
  private final RolloutStarts start =
      new RolloutStarts(
          episodes, Torch.of(new long[] {EPISODE, STEP}, 1, 2), Torch.of(new long[] {9}, 1));

  SteeredRolloutTest() {
    Waves.fill(one);
    Waves.fill(other);
    Waves.fill(vae);
    Waves.fill(classifier);
  }

  private SteeredRollout steered(Belief belief, TrainablePolicy policy) {
    return new SteeredRollout(
        new SteeredRollout.Parts(vae, belief, head, classifier, policy, 1, Steps.whole(4)));
  }

  @Test
  void goesWhereImaginationGoesUnderTheSameActions() {
    Tensor actions = Waves.of(0.5, 1, 4, 2);
    float[] flat = Torch.floats(actions);
    float[][] given = new float[4][];
    Arrays.setAll(given, t -> Arrays.copyOfRange(flat, 2 * t, 2 * t + 2));
    try (var policy = new TrainablePolicy(Examples.policy());
        var rollout = steered(new Belief(both, 2), policy);
        var imagination =
            new Imagination(vae, one, head, classifier, 2, episodes.data(), Steps.whole(4))
                .doubting(both, Trust.KEEP, 1)) {
      Moment begin = rollout.start(episodes, EPISODE, STEP);
      imagination.reset(start);
      assertEquals(STEP, begin.step());
      assertTrue(begin.apart().isEmpty());
      assertArrayEquals(
          Torch.floats(episodes.data().joints().select(0, EPISODE).select(0, STEP)),
          begin.joints());

      for (int chunk = 0; chunk < 2; chunk++) {
        Context past = chunk == 0 ? start.context(one.memory()) : null;
        Torch.seed(chunk, "chunk");
        List<Moment> moments = rollout.act(given);
        Torch.seed(chunk, "chunk");
        Tensor clip = imagination.step(actions); // [1, 4, 3, 48, 48]
        for (int t = 0; t < 4; t++) {
          assertEquals(STEP + 4 * chunk + t + 1, moments.get(t).step());
          assertArrayEquals(Torch.bytes(clip.select(1, t)), moments.get(t).planes());
          assertArrayEquals(given[t], moments.get(t).action());
        }
        Imagination.Observation seen = imagination.observe();
        assertArrayEquals(Torch.floats(seen.joints()), moments.getLast().joints(), 1e-6f);
        assertEquals(judged(clip.squeeze(0)), moments.getLast().success(), 1e-6);
        if (past != null) {
          Torch.seed(chunk, "chunk");
          float[] apart = Torch.floats(both.play(past, actions).apart());
          for (int t = 0; t < 4; t++) {
            assertEquals(apart[t], moments.get(t).apart().orElseThrow(), 1e-6);
          }
        }
      }

      Torch.seed(7, "policy");
      List<Moment> moments = rollout.actByPolicy();
      Torch.seed(7, "policy");
      Tensor drawn = RolloutPlayer.act(policy, imagination.observe(), 4, 1).actions();
      Tensor clip = imagination.step(drawn);
      assertArrayEquals(
          Torch.floats(drawn.select(1, 3)), moments.get(3).action(), "the policy's own");
      assertArrayEquals(Torch.bytes(clip.select(1, 3)), moments.get(3).planes());
    }
  }

  @Test
  void stepByStepTheClassifierSeesTheLastFramesRecordedAndImagined() {
    try (var policy = new TrainablePolicy(Examples.policy());
        var rollout = steered(new Belief(new Ensemble(List.of(one)), 3), policy)) {
      Moment begin = rollout.start(episodes, EPISODE, STEP);
      Tensor recorded = episodes.data().frames().rows(Torch.range(9 * EPISODE + 1, 4)); // 1 to 4
      assertEquals(judged(recorded), begin.success(), 1e-6);
      Tensor[] seen = new Tensor[6];
      for (int i = 0; i < 3; i++) {
        seen[i] = recorded.narrow(0, i + 1L, 1);
      }
      for (int i = 0; i < 3; i++) {
        List<Moment> moments = rollout.act(new float[][] {{1, -0.5f}});
        assertEquals(1, moments.size());
        assertEquals(STEP + i + 1, moments.getFirst().step());
        seen[3 + i] = Torch.of(moments.getFirst().planes(), 1, 3, 48, 48);
        Tensor last = Torch.cat(0, Arrays.copyOfRange(seen, i, i + 4));
        assertEquals(judged(last), moments.getFirst().success(), 1e-6);
      }
      Moment again = rollout.start(episodes, EPISODE, STEP);
      assertArrayEquals(begin.planes(), again.planes());
    }
  }

  private double judged(Tensor clip) {
    return classifier
        .probability(
            Dataset.normalised(clip.unsqueeze(0)), episodes.data().task().narrow(0, EPISODE, 1))
        .item_double();
  }

  @Test
  void aSingleWorldModelIsAsUnsureAsItsDrawsAreApart() {
    var belief = new Belief(new Ensemble(List.of(one)), 3);
    Tensor window = start.moment();
    Context past = episodes.context(window, one.memory());
    Tensor actions = episodes.actions(window);
    Torch.seed(1, "draws");
    Ensemble.Chunk chunk = belief.play(past, actions);
    Tensor three = Torch.of(new long[3], 3);
    Torch.seed(1, "draws");
    Tensor drawn = one.play(past.select(three), actions.index_select(0, three));
    assertArrayEquals(Torch.floats(drawn.narrow(0, 0, 1)), Torch.floats(chunk.frames()));
    float[] all = Torch.floats(drawn);
    int each = all.length / 12; // numbers of a frame
    for (int t = 0; t < 4; t++) {
      double sum = 0;
      for (int i = 0; i < each; i++) {
        double[] values = new double[3];
        for (int n = 0; n < 3; n++) {
          values[n] = all[(n * 4 + t) * each + i];
        }
        double mean = Arrays.stream(values).average().orElseThrow();
        sum += Arrays.stream(values).map(value -> (value - mean) * (value - mean)).sum();
      }
      assertEquals(Math.sqrt(sum / (3 * each)), chunk.apart().select(1, t).item_double(), 1e-4);
    }
    double usual = belief.usual(episodes, EPISODE);
    assertTrue(usual > 0, "usual " + usual);
  }
}
