package dev.reverie.trainer.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.Examples;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.data.Waves;
import dev.reverie.trainer.nn.LibtorchTest;
import dev.reverie.trainer.nn.Torch;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class FlowLossTest extends LibtorchTest {
  /** A place that does not move counts 1 / (1 + w) of what it would without the weight w. */
  @Test
  void noiseOnWhatWasSeenIsNoMotion() {
    assertEquals(0.5, ofAStillScene(1) / ofAStillScene(0), 1e-5);
  }

  private static double ofAStillScene(double motionWeight) {
    Dataset data = Examples.episodes("e", 4);
    Tensor still = Waves.of(0.5, 1, 1, 8, 12, 12).expand(4, data.horizon() + 1L, 8, 12, 12);
    Transitions transitions = new Transitions(data, still.contiguous(), Examples.HORIZON);
    WorldModel.Config config = ShapesConfigs.weighing(motionWeight);
    WorldModel model = new WorldModel(config, 4, 2, 8);
    Waves.fill(model);
    Torch.seed(1, "still");
    var flow = new RectifiedFlow(config.target(), config.times(), config.pureNoise());
    Tensor windows = transitions.windows().narrow(0, 0, 4);
    return new FlowLoss(config, flow).of(model, transitions, windows).item_double();
  }
}
