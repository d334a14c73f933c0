package dev.reverie.trainer.model;

import static org.bytedeco.pytorch.global.torch.ScalarType.Float;

import dev.reverie.policy.DiffusionSpec;
import dev.reverie.trainer.nn.Compute;
import dev.reverie.trainer.nn.Share;
import dev.reverie.trainer.nn.Torch;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Diffusion: the graph gives the noise, or what its prediction says. */
final class DiffusionHead extends DenoisingHead {
  private final List<Double> alphas;
  private final DiffusionSpec.Prediction prediction;

  DiffusionHead(DiffusionSpec spec, ChunkTensors chunk) {
    super(spec, chunk);
    alphas = spec.alphasCumprod();
    prediction = spec.prediction();
  }

  @Override
  Tensor target(Tensor clean, Tensor noise, Tensor signal, Tensor spread) {
    return switch (prediction) {
      case EPSILON -> noise;
      case SAMPLE -> clean;
      case VELOCITY -> noise.mul(signal).sub(clean.mul(spread));
    };
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
