package dev.reverie.trainer.imagination;

import dev.reverie.trainer.nn.Torch;
import org.bytedeco.pytorch.Tensor;

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

  /**
   * Compares.
   *
   * @param rewards [P, G]
   * @return [P, G]
   */
  abstract Tensor of(Tensor rewards);
}
