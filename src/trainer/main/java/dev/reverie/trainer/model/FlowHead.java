package dev.reverie.trainer.model;

import dev.reverie.policy.FlowSpec;
import dev.reverie.trainer.nn.Share;
import dev.reverie.trainer.nn.Torch;
import org.bytedeco.pytorch.Tensor;

/** A rectified flow: the graph gives the velocity from the chunk to the noise. */
final class FlowHead extends DenoisingHead {
  FlowHead(FlowSpec spec, ChunkTensors chunk) {
    super(spec, chunk);
  }

  @Override
  Tensor target(Tensor clean, Tensor noise, Tensor signal, Tensor spread) {
    return noise.sub(clean);
  }

  /** Uniform in [0, 1). */
  @Override
  Times times(Share share) {
    Tensor time = share.uniform();
    return new Times(time, Torch.plus(time.neg(), 1), time);
  }
}
