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
    assertArrayEquals(expected, Torch.floats(Grpo.advantages(rewards)), 1e-5f);
  }

  @Test
  void theRatioIsClippedFurtherAboveThanBelow() {
    Tensor ratio = Torch.of(new float[] {1.5f, 1.1f, 0.5f, 0.5f, 1.5f}, 5);
    Tensor advantage = Torch.of(new float[] {1, 1, 1, -1, -1}, 5);
    float[] expected = {-1.28f, -1.1f, -0.5f, 0.8f, 1.5f};
    assertArrayEquals(expected, Torch.floats(Grpo.clipped(ratio, advantage, 0.2, 0.28)), 1e-6f);
  }

  @Test
  void theLearningRateFallsToATenth() {
    assertEquals(1, Grpo.decay(0, 40));
    assertEquals(0.5, Grpo.decay(20, 40));
    assertEquals(0.1, Grpo.decay(39, 40));
  }

  @Test
  void aGroupOfOneIsRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () -> new Grpo.Config(1, 16, 1, 0.5, 1, 1, 3e-4, 3, 256, 0.2, 0.28, 1, 5));
  }
}
