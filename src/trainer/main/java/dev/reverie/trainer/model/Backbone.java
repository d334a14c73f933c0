package dev.reverie.trainer.model;

import dev.reverie.trainer.data.Context;
import org.bytedeco.pytorch.Tensor;

/** The network inside a world model: says the target of the flow from noisy frames. */
public sealed interface Backbone permits UNet, Transformer, GraphBackbone {
  /**
   * Takes in what stays the same over the flow times of a sample.
   *
   * @param past with its noise
   * @param actions of the chunk [B, K, D]
   * @param level of the noise in the past [B]
   */
  Given given(Context past, Tensor actions, Tensor level);

  /** The network with past and actions taken in. */
  @FunctionalInterface
  interface Given {
    /**
     * Says the target.
     *
     * @param z frames with noise [B, K, C, h, w]
     * @param tau share of noise in z [B], 1 = noise alone
     * @return [B, K, C, h, w]
     */
    Tensor predict(Tensor z, Tensor tau);
  }

  /** The networks that there are. */
  enum Kind {
    /** Convolutions on two levels; the frames are channels of one picture. */
    UNET,
    /** Attention over the patches of a frame and over the frames before it, as in WMPO. */
    TRANSFORMER
  }
}
