package dev.reverie.trainer.model;

import org.bytedeco.pytorch.Tensor;

/** The network inside a reward classifier. */
sealed interface ClipJudge permits ConvJudge, GraphJudge {
  /**
   * Judges clips.
   *
   * @param clips [B, K, 3, H, W] in [-1, 1]
   * @param task of each [B], int64
   * @return log-odds [B]
   */
  Tensor logits(Tensor clips, Tensor task);
}
