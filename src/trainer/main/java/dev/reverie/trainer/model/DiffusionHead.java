package dev.reverie.trainer.model;

import static org.bytedeco.pytorch.global.torch.ScalarType.Float;

import dev.reverie.policy.DiffusionSpec;
import dev.reverie.trainer.nn.Compute;
import dev.reverie.trainer.nn.Share;
import dev.reverie.trainer.nn.Torch;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Diffusion: the graph gives the noise. */
final class DiffusionHead extends DenoisingHead {
  private final List<Double> alphas;

  DiffusionHead(DiffusionSpec spec, long horizon, long dimensions) {
    super(spec, horizon, dimensions);
    alphas = spec.alphasCumprod();
  }

  @Override
  Tensor target(Tensor clean, Tensor noise) {
    return noise;
  }

  /** Each time of the training as often as any other. */
  @Override
  Times times(Share share) {
    float[] values = new float[alphas.size()];
    for (int t = 0; t < values.length; t++) {
      values[t] = alphas.get(t).floatValue();
    }
    Tensor time = share.of(Torch.integers(values.length, share.all()));
    Tensor alpha = Torch.of(values, values.length).index_select(0, time);
    return new Times(
        Compute.onDevice(time.to(Float)),
        Compute.onDevice(alpha.sqrt()),
        Compute.onDevice(Torch.plus(alpha.neg(), 1).sqrt()));
  }
}
