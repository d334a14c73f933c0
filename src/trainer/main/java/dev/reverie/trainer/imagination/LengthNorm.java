package dev.reverie.trainer.imagination;

import static org.bytedeco.pytorch.global.torch.ScalarType.Float;

import dev.reverie.trainer.nn.Torch;
import org.bytedeco.pytorch.Tensor;

/**
 * The way in which a rollout's length counts in the loss, a mean over chunks. A failure lasts until
 * the time limit and a success ends early, so this decides whether failures weigh more.
 */
public enum LengthNorm {
  /**
   * Each rollout of a group weighs the same, as many tokens as it might have had: a token counts
   * T_max / T_valid, WoVR's code. Where all rollouts have one time limit this is WMPO's mean over
   * the tokens of a rollout, then over rollouts; a start inside an episode has fewer steps left.
   */
  TRAJECTORY {
    @Override
    Tensor weights(Tensor rollout, Tensor limits) {
      Tensor valid = rollout.bincount().to(Float).index_select(0, rollout); // [M]
      Tensor weight = limits.to(Float).index_select(0, rollout).div(valid);
      return weight.div(weight.mean());
    }
  },
  /** Each token weighs the same, so long rollouts weigh more. */
  TOKEN {
    @Override
    Tensor weights(Tensor rollout, Tensor limits) {
      return Torch.full(1, rollout.size(0));
    }
  };

  /**
   * Weights of chunks, of mean 1.
   *
   * @param rollout that each chunk belongs to [M], int64 in 0..B-1
   * @param limits chunks that each rollout might have [B], int64
   * @return [M]
   */
  abstract Tensor weights(Tensor rollout, Tensor limits);
}
