package dev.reverie.trainer.imagination;

import dev.reverie.trainer.nn.Torch;
import org.bytedeco.pytorch.Tensor;

/** The part that a ratio of new to old probability is taken of, before it is clipped. */
public enum Ratio {
  /**
   * Each part of what was drawn: a token, a value or a step of denoising. The code of WMPO and of
   * WoVR.
   */
  TOKEN {
    @Override
    Tensor log(Tensor change) {
      return change;
    }
  },
  /** A chunk as a whole, the product of its parts' ratios: WMPO's paper, eq. 3. */
  CHUNK {
    @Override
    Tensor log(Tensor change) {
      return change.flatten(1, -1).sum(new long[] {1}, false, Torch.sameType());
    }
  };

  /**
   * Logarithm of the ratios.
   *
   * @param change of the log-probability of each part [M, E, D], or [M, S]
   * @return of the same shape, or [M]
   */
  abstract Tensor log(Tensor change);
}
