package dev.reverie.trainer.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.trainer.data.Waves;
import dev.reverie.trainer.model.RectifiedFlow.Target;
import dev.reverie.trainer.model.RectifiedFlow.TimeLaw;
import dev.reverie.trainer.nn.LibtorchTest;
import dev.reverie.trainer.nn.Torch;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RectifiedFlowTest extends LibtorchTest {
  @ParameterizedTest
  @EnumSource
  void aPredictionWithoutErrorSaysTheCleanFrames(Target target) {
    RectifiedFlow flow = new RectifiedFlow(target, TimeLaw.UNIFORM, 0);
    Tensor clean = Waves.of(1, 3, 5);
    Tensor noise = Waves.of(2, 3, 5);
    for (double tau : new double[] {0.9, 0.5, 0.1}) {
      Tensor z = RectifiedFlow.path(clean, noise, Torch.full(tau, 3, 1));
      assertArrayEquals(
          Torch.floats(clean), Torch.floats(flow.clean(flow.wanted(clean, noise), z, tau)), 1e-5f);
    }
  }

  @ParameterizedTest
  @EnumSource
  void timesFollowTheirLaw(TimeLaw law) {
    float[] times = Torch.floats(new RectifiedFlow(Target.CLEAN, law, 0.25).drawTimes(4000));
    long pure = 0;
    long middle = 0;
    for (float time : times) {
      assertTrue(time > 0 && time <= 1, Float.toString(time));
      pure += time == 1 ? 1 : 0;
      middle += time > 0.25 && time < 0.75 ? 1 : 0;
    }
    assertEquals(1000, pure, 120);
    double share = law == TimeLaw.UNIFORM ? 0.5 : 0.728; // of N(0, 1) within +-ln 3
    assertEquals(3000 * share, middle, 150);
  }
}
