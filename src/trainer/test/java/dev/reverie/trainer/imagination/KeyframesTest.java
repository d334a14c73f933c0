package dev.reverie.trainer.imagination;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.Examples;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.nn.LibtorchTest;
import dev.reverie.trainer.nn.Torch;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rollouts of two chunks: 0 and 2 succeed after 6 steps, 1 and 3 move a third as far and fail. */
class KeyframesTest extends LibtorchTest {
  private final Transitions recorded = Examples.transitions(4);
  private final Dataset data = recorded.data();

  @ParameterizedTest
  @EnumSource
  void keyframesLieBeforeTheEnd(Keyframes rule) {
    data.steps().narrow(0, 1, 1).fill_(new Scalar(3L)); // its second chunk is not there
    Tensor all = Torch.range(0, 4);
    for (int i = 0; i < 20; i++) {
      long[] drawn = Torch.longs(rule.draw(recorded, all, 8));
      for (int k = 0; k < drawn.length; k += 2) {
        assertTrue(drawn[k + 1] * 4 < Torch.longs(data.steps())[(int) drawn[k]]);
      }
    }
  }

  @Test
  void theArmIsSlowWhereItStandsStill() {
    float[] scores = Torch.floats(Keyframes.SLOW_DOWN.scores(recorded)); // success: 4 moves, then 2
    assertTrue(scores[1] > scores[0], scores[0] + ", " + scores[1]);
    assertEquals(scores[2], scores[3], 1e-6, "the failure moves evenly");
  }

  @Test
  void theArmStallsWhereMuchIsAskedAndItMovesLittle() {
    float[] scores = Torch.floats(Keyframes.STALL.scores(recorded));
    assertTrue(scores[1] > 1.5 * scores[0], scores[0] + ", " + scores[1]);
  }

  @Test
  void aFailureBeginsWhereItLeavesTheSuccesses() {
    // Both failures start with the successes and are elsewhere at the second boundary.
    assertArrayEquals(
        new float[] {0, 0, 1, 0, 0, 0, 1, 0},
        Torch.floats(Keyframes.FAILURE_ONSET.scores(recorded).flatten()));
    Tensor failure = data.joints().narrow(0, 1, 1);
    failure.copy_(data.joints().narrow(0, 0, 1)); // now it goes with them all the time
    assertArrayEquals(
        new float[] {0, 0, 0, 1, 0, 0, 1, 0},
        Torch.floats(Keyframes.FAILURE_ONSET.scores(recorded).flatten()));
  }

  @Test
  void failuresAloneAreDrawnWhereTheRuleSaysSo() {
    for (long episode :
        Torch.longs(Keyframes.FAILURE_ONSET.draw(recorded, Torch.range(0, 4), 50).select(1, 0))) {
      assertEquals(1, episode % 2);
    }
  }
}
