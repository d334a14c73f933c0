package dev.reverie.trainer.imagination;

import dev.reverie.trainer.nn.Torch;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Ways to compare a rollout's success with its group's; 0 where a group ends alike. */
public enum Advantage {
  /** (R - mean) / (deviation + 1e-6), the unbiased deviation: the code of WMPO and of WoVR. */
  STANDARDISED {
    @Override
    Tensor of(Tensor rewards) {
      Tensor deviation = rewards.std(new long[] {1}, true, true);
      return CENTRED.of(rewards).div(Torch.plus(deviation, 1e-6));
    }
  },
  /** R - mean: WoVR's paper, section 4.2. */
  CENTRED {
    @Override
    Tensor of(Tensor rewards) {
      return rewards.sub(rewards.mean(new long[] {1}, true, Torch.sameType()));
    }
  };

  /** Weight that counts as none: as good as none, and nothing divides by 0. */
  private static final double NONE = 1e-12;

  /**
   * Compares.
   *
   * @param rewards [P, G]
   * @return [P, G]
   */
  abstract Tensor of(Tensor rewards);

  /**
   * Compares those that are trusted with each other, a rollout of weight w as w of one: the group's
   * mean and deviation are weighted, and so is what comes out. Cut rollouts, of weight 0, are as if
   * they had not been.
   *
   * @param trusted weight of each [P, G]
   * @return [P, G]
   */
  Tensor of(Tensor rewards, Tensor trusted) {
    if (trusted.min().item_double() == 1) {
      return of(rewards);
    }
    Tensor all = sum(trusted);
    Tensor apart = rewards.sub(sum(rewards.mul(trusted)).div(all));
    if (this == CENTRED) {
      return apart.mul(trusted);
    }
    Tensor free = all.sub(sum(trusted.square()).div(all)); // G - 1 where all are trusted
    Tensor variance = sum(apart.square().mul(trusted)).div(torch.clamp_min(free, new Scalar(NONE)));
    return apart.div(Torch.plus(variance.sqrt(), 1e-6)).mul(trusted);
  }

  /** Sums over each group [P, 1], above 0. */
  private static Tensor sum(Tensor ofRollouts) {
    Tensor sum = ofRollouts.sum(new long[] {1}, true, Torch.sameType());
    return torch.clamp_min(sum, new Scalar(NONE));
  }
}
