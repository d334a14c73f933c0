package dev.reverie.trainer.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverie.trainer.data.Waves;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class AdamWTest extends LibtorchTest {
  @Test
  void stepsAreThoseOfPyTorch() {
    Tensor p = Torch.of(new float[] {1, -2, 0.5f}, 3).set_requires_grad(true);
    OneCycle schedule = new OneCycle(0.1, 20, 0.1);
    try (AdamW optimizer = new AdamW(List.of(p), 0.01)) {
      for (int step = 0; step < 20; step++) {
        optimizer.zeroGradients();
        p.square().mul(Torch.of(new float[] {1, 2, 3}, 3)).sum().backward();
        optimizer.clip(1);
        optimizer.step(schedule.learningRate(step), schedule.beta1(step));
      }
    }
    assertArrayEquals(
        new float[] {0.10734624f, -1.0485696f, -0.14169559f}, Torch.floats(p.detach()), 1e-5f);
  }

  @Test
  void gradientsAreScaledToTheNorm() {
    Tensor p = Torch.of(new float[] {3, 4}, 2).set_requires_grad(true);
    try (AdamW optimizer = new AdamW(List.of(p), 0)) {
      Torch.times(p.square().sum(), 0.5).backward(); // gradient (3, 4)
      assertEquals(5, optimizer.clip(1), 1e-6);
      assertArrayEquals(new float[] {0.6f, 0.8f}, Torch.floats(p.grad()), 1e-6f);
    }
  }

  @Test
  void parametersKeepTheirShapesAndValues() {
    Tensor a = Waves.of(0, 3, 5).set_requires_grad(true);
    Tensor b = Waves.of(1, 2, 2, 2).set_requires_grad(true);
    float[] before = Torch.floats(b.detach());
    try (AdamW optimizer = new AdamW(List.of(a, b), 0)) {
      assertArrayEquals(new long[] {3, 5}, Torch.shape(a));
      assertArrayEquals(before, Torch.floats(b.detach()));
      optimizer.step(0.1, 0.9);
    }
    assertArrayEquals(before, Torch.floats(b.detach()), "no gradient, no change");
  }
}
