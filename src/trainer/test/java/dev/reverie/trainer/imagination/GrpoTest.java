package dev.reverie.trainer.imagination;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.reverie.trainer.nn.LibtorchTest;
import dev.reverie.trainer.nn.Torch;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class GrpoTest extends LibtorchTest {
  @Test
  void advantagesCompareARolloutWithItsGroup() {
    Tensor rewards = Torch.of(new float[] {1, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0, 1}, 3, 4);
    float[] expected = {
      0.866024f, -0.866024f, -0.866024f, 0.866024f, 0, 0, 0, 0, -0.5f, -0.5f, -0.5f, 1.5f
    };
    assertArrayEquals(expected, Torch.floats(Advantage.STANDARDISED.of(rewards)), 1e-5f);
  }

  @Test
  void theRatioIsClippedFurtherAboveThanBelow() {
    Tensor ratio = Torch.of(new float[] {1.5f, 1.1f, 0.5f, 0.5f, 1.5f}, 5);
    Tensor advantage = Torch.of(new float[] {1, 1, 1, -1, -1}, 5);
    float[] expected = {-1.28f, -1.1f, -0.5f, 0.8f, 1.5f};
    assertArrayEquals(
        expected, Torch.floats(Grpo.clipped(ratio, advantage, Grpo.Config.DEFAULT)), 1e-6f);
  }

  @Test
  void theLearningRateFallsToATenth() {
    assertEquals(1, Grpo.decay(0, 40, 0.1));
    assertEquals(0.5, Grpo.decay(20, 40, 0.1));
    assertEquals(0.1, Grpo.decay(39, 40, 0.1));
    assertEquals(1, Grpo.decay(39, 40, 1));
  }

  @Test
  void aGroupOfOneIsRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () -> PracticeSettings.of(1, 16, 1, 0.5, 1, 3e-4, 3, 256, 5));
  }

  @Test
  void advantagesMayBeCentredAlone() {
    Tensor rewards = Torch.of(new float[] {1, 0, 0, 0}, 1, 4);
    assertArrayEquals(
        new float[] {0.75f, -0.25f, -0.25f, -0.25f},
        Torch.floats(Advantage.CENTRED.of(rewards)),
        1e-6f);
  }

  @Test
  void aRolloutWeighsTheSameHoweverLongItIs() {
    Tensor rollout = Torch.of(new long[] {0, 0, 0, 0, 2, 0, 0, 0, 0}, 9); // 8 chunks and 1
    Tensor limits = Torch.of(new long[] {8, 8, 8}, 3);
    float[] weights = Torch.floats(LengthNorm.TRAJECTORY.weights(rollout, limits));
    assertEquals(4.5f, weights[4], 1e-6f);
    assertEquals(4.5f / 8, weights[0], 1e-6f);
    assertArrayEquals(
        new float[] {1, 1}, Torch.floats(LengthNorm.TOKEN.weights(Torch.range(0, 2), limits)), 0);
    // Success of one chunk against failure of eight: nothing is pushed one way on the whole.
    float[] advantage = {-1, -1, -1, -1, 1, -1, -1, -1, -1};
    double sum = 0;
    for (int i = 0; i < advantage.length; i++) {
      sum += weights[i] * advantage[i];
    }
    assertEquals(0, sum, 1e-6);
  }

  @Test
  void aStartWithFewStepsLeftHasFewTokensToWeigh() {
    Tensor rollout = Torch.of(new long[] {0, 0, 1, 1, 1, 1}, 6);
    Tensor limits = Torch.of(new long[] {2, 4}, 2); // both went on to their limit
    assertArrayEquals(
        new float[] {1, 1, 1, 1, 1, 1},
        Torch.floats(LengthNorm.TRAJECTORY.weights(rollout, limits)),
        1e-6f);
  }

  @Test
  void aRatioMayBeBoundedWhereTheAdvantageIsNegative() {
    Grpo.Config dual = PracticeSettings.dualClip(3);
    Tensor ratio = Torch.of(new float[] {10, 10}, 2);
    Tensor advantage = Torch.of(new float[] {-1, 1}, 2);
    assertArrayEquals(
        new float[] {3, -1.28f}, Torch.floats(Grpo.clipped(ratio, advantage, dual)), 1e-6f);
  }
}
