package dev.reverie.trainer.imagination;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.Examples;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.data.Waves;
import dev.reverie.trainer.imagination.RolloutStarts.Pool;
import dev.reverie.trainer.model.Ensemble;
import dev.reverie.trainer.model.WorldModel;
import dev.reverie.trainer.nn.LibtorchTest;
import dev.reverie.trainer.nn.Torch;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rollouts of two chunks: 0 and 2 succeed after 6 steps, 1 and 3 move a third as far and fail. */
class KeyframesTest extends LibtorchTest {
  private final Transitions recorded = Examples.transitions(4);
  private final Dataset data = recorded.data();
  private final Tensor doubts = Torch.of(new float[] {1, 3, 2, 2, 0.1f, 0, 5, 5}, 4, 2);
  private final Pool pool = new Pool(recorded, Torch.range(0, 4), 8, Optional.of(doubts), 1);

  @ParameterizedTest
  @EnumSource
  void keyframesLieBeforeTheEnd(Keyframes rule) {
    data.steps().narrow(0, 1, 1).fill_(new Scalar(3L)); // its second chunk is not there
    for (int i = 0; i < 20; i++) {
      long[] drawn = Torch.longs(rule.draw(pool, 8));
      for (int k = 0; k < drawn.length; k += 2) {
        assertTrue(drawn[k + 1] * 4 < Torch.longs(data.steps())[(int) drawn[k]]);
      }
    }
  }

  @Test
  void theArmIsSlowWhereItStandsStill() {
    float[] scores = Torch.floats(Keyframes.SLOW_DOWN.scores(pool)); // success: 4 moves, then 2
    assertTrue(scores[1] > scores[0], scores[0] + ", " + scores[1]);
    assertEquals(scores[2], scores[3], 1e-6, "the failure moves evenly");
  }

  @Test
  void theArmStallsWhereMuchIsAskedAndItMovesLittle() {
    float[] scores = Torch.floats(Keyframes.STALL.scores(pool));
    assertTrue(scores[1] > 1.5 * scores[0], scores[0] + ", " + scores[1]);
  }

  @Test
  void aFailureBeginsWhereItLeavesTheSuccesses() {
    // Both failures start with the successes and are elsewhere at the second boundary.
    assertArrayEquals(
        new float[] {0, 0, 1, 0, 0, 0, 1, 0},
        Torch.floats(Keyframes.FAILURE_ONSET.scores(pool).flatten()));
    Tensor failure = data.joints().narrow(0, 1, 1);
    failure.copy_(data.joints().narrow(0, 0, 1)); // now it goes with them all the time
    assertArrayEquals(
        new float[] {0, 0, 0, 1, 0, 0, 1, 0},
        Torch.floats(Keyframes.FAILURE_ONSET.scores(pool).flatten()));
  }

  @Test
  void theMoreTheWorldModelsDisagreeTheMoreOftenAMomentIsDrawn() {
    int[] second = new int[4];
    int[] all = new int[4];
    long[] drawn = Torch.longs(Keyframes.DISAGREEMENT.draw(pool, 4000));
    for (int k = 0; k < drawn.length; k += 2) {
      all[(int) drawn[k]]++;
      second[(int) drawn[k]] += (int) drawn[k + 1];
    }
    for (int count : all) {
      assertEquals(1000, count, 150, "each rollout as often as the next");
    }
    assertEquals(0.75, (double) second[0] / all[0], 0.06);
    assertEquals(0.5, (double) second[1] / all[1], 0.06);
    assertEquals(0, second[2]);
  }

  @Test
  void worldModelsAreAskedAboutEveryChunkThatWasRecorded() {
    var one = new WorldModel(WorldModel.Config.DEFAULT, 4, 2, 8);
    var other = new WorldModel(WorldModel.Config.DEFAULT, 4, 2, 8);
    Waves.fill(other);
    data.steps().narrow(0, 1, 1).fill_(new Scalar(3L)); // its second chunk is not there
    float[] asked = Torch.floats(new Ensemble(List.of(one, other)).doubts(recorded));
    for (int i = 0; i < asked.length; i++) {
      assertEquals(i != 3, asked[i] > 1e-3, "chunk " + i);
    }
    assertArrayEquals(new float[8], Torch.floats(new Ensemble(List.of(one, one)).doubts(recorded)));
  }

  @Test
  void oneBoundaryIsTheSameOfEveryRolloutThatIsSoLong() {
    data.steps().narrow(0, 1, 1).fill_(new Scalar(3L)); // its second chunk is not there
    assertArrayEquals(
        new float[] {0, 1, 0, 0, 0, 1, 0, 1}, Torch.floats(Keyframes.FIXED.scores(pool).flatten()));
    long[] drawn = Torch.longs(Keyframes.FIXED.draw(pool, 50));
    for (int k = 0; k < drawn.length; k += 2) {
      assertTrue(drawn[k] != 1 && drawn[k + 1] == 1);
    }
  }

  @Test
  void severalRulesHaveTheirSharesOfTheStarts() {
    List<Keyframes.Part> mix =
        List.of(
            new Keyframes.Part(Keyframes.FAILURE_ONSET, 0.25), // chunk 0 of a failure
            new Keyframes.Part(Keyframes.FIXED, 0.75)); // chunk 1 of any
    RolloutStarts starts = pool.draw(4000, 1, 0.5, mix);
    long[] moments = Torch.longs(starts.moment());
    int fixed = 0;
    int failures = 0;
    for (int i = 0; i < moments.length; i += 2) {
      fixed += moments[i + 1] == 4 ? 1 : 0;
      failures += moments[i + 1] == 0 && moments[i] % 2 == 1 ? 1 : 0;
    }
    assertEquals(4000 * 0.5 * 0.75, fixed, 150);
    assertEquals(4000 * (0.5 * 0.25 + 0.5 * 0.5), failures, 150);
  }

  @Test
  void failuresAloneAreDrawnWhereTheRuleSaysSo() {
    for (long episode : Torch.longs(Keyframes.FAILURE_ONSET.draw(pool, 50).select(1, 0))) {
      assertEquals(1, episode % 2);
    }
  }
}
