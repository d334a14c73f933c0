package dev.reverie.trainer.imagination;

import static org.bytedeco.pytorch.global.torch.ScalarType.Float;

import dev.reverie.trainer.nn.Torch;
import org.bytedeco.pytorch.Tensor;

/**
 * How a rollout's length counts in the loss, a mean over chunks. A failure lasts until the time
 * limit and a success ends early, so this decides whether failures weigh more.
 */
public enum LengthNorm {
  /**
   * Each rollout weighs the same: mean over its tokens, then over rollouts. WMPO's code; WoVR's
   * tokens over T_valid / T_max are the same but for a constant.
   */
  TRAJECTORY {
    @Override
    Tensor weights(Tensor rollout) {
      Tensor chunks = rollout.bincount(); // [B], 0 for rollouts that are not there
      Tensor inverse = chunks.to(Float).reciprocal().index_select(0, rollout); // [M]
      return inverse.div(inverse.mean());
    }
  },
  /** Each token weighs the same, so long rollouts weigh more. */
  TOKEN {
    @Override
    Tensor weights(Tensor rollout) {
      return Torch.full(1, rollout.size(0));
    }
  };

  /**
   * Weights of chunks, of mean 1.
   *
   * @param rollout that each chunk belongs to [M], int64
   * @return [M]
   */
  abstract Tensor weights(Tensor rollout);
}
