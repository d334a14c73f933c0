package dev.reverie.trainer.imagination;

import static org.bytedeco.pytorch.global.torch.ScalarType.Float;

import dev.reverie.trainer.nn.Check;
import dev.reverie.trainer.nn.Torch;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Groups that practice learns from: those with successes and failures, and a share of successes in
 * a band.
 *
 * @param low least share
 * @param high greatest share
 */
record Band(double low, double high) {
  /** Shares are of whole rollouts; 0.1 of 10 is 1 of them. */
  private static final double ROUNDING = 1e-6;

  /** Refuses a band that no group of this size lies in. */
  void check(int groupSize) {
    Check.share("grpo.successLow", low);
    Check.share("grpo.successHigh", high);
    Check.that(low <= high, "grpo.successHigh", high, "grpo.successLow or more, which is " + low);
    Check.that(
        IntStream.range(1, groupSize).anyMatch(some -> has((double) some / groupSize)),
        "grpo.successLow",
        low,
        "so far below grpo.successHigh, which is %s, that 1 to %d successes of grpo.groupSize %d may lie between"
            .formatted(high, groupSize - 1, groupSize));
  }

  private boolean has(double share) {
    return share > low - ROUNDING && share < high + ROUNDING;
  }

  /** Tells which groups are learned from, by their rollouts that were not cut, [P] bool. */
  Tensor usable(PlayedRollouts played, long groupSize) {
    Tensor kept = Torch.greater(played.trusted(), 0).view(-1, groupSize).to(Float);
    return usable(played.rewards(groupSize), kept);
  }

  /**
   * The same.
   *
   * @param rewards 1 for success, 0 for failure [P, G]
   * @param kept 1, or 0 where the rollout was cut [P, G]
   */
  Tensor usable(Tensor rewards, Tensor kept) {
    Tensor all = sum(kept); // [P]
    Tensor succeeded = sum(rewards.mul(kept));
    Tensor share = succeeded.div(torch.clamp_min(all, new Scalar(1)));
    return Torch.greater(succeeded, 0)
        .bitwise_and(succeeded.lt(all))
        .bitwise_and(Torch.greater(share, low - ROUNDING))
        .bitwise_and(Torch.less(share, high + ROUNDING));
  }

  private static Tensor sum(Tensor ofRollouts) {
    return ofRollouts.sum(new long[] {1}, false, Torch.sameType());
  }
}
