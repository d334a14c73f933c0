package dev.reverie.trainer.model;

import org.bytedeco.pytorch.Tensor;

/** The network inside an auto-encoder: one view's pictures to latents and back. */
sealed interface FrameCoder permits ConvCoder, GraphCoder {
  /**
   * Codes pictures.
   *
   * @param images [B, 3, H, W] in [-1, 1]
   * @return means, then logarithms of variances of their latents [B, 2C, H/4, W/4]
   */
  Tensor posterior(Tensor images);

  /** Latents [B, C, H/4, W/4] to pictures [B, 3, H, W]. */
  Tensor decode(Tensor latents);
}
