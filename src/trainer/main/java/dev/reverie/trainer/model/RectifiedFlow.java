package dev.reverie.trainer.model;

import dev.reverie.trainer.nn.Torch;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Rectified flow (Liu et al., arXiv 2209.03003): straight paths z = (1 - tau) x + tau e from noise
 * e to frames x, tau from 1 to 0.
 *
 * @param target that the network predicts
 * @param times law of tau in training
 * @param pureNoise share of the samples that start from noise alone
 */
record RectifiedFlow(Target target, TimeLaw times, double pureNoise) {
  /** Share of frames in z below which frames cannot be had from a prediction of the noise. */
  private static final double LEAST_SHARE = 1e-2;

  /** Bound of frames that are had near that share: latents have deviation 1. */
  private static final double MOST = 4;

  /** The quantity that a network predicts. */
  public enum Target {
    /** x, as the newest frame of the context plus a correction. */
    CLEAN,
    /** x - e: the code of WMPO. */
    VELOCITY,
    /** e: the paper of WMPO, table 3. */
    NOISE
  }

  /** Distributions of tau in training. */
  public enum TimeLaw {
    /** U(0, 1). */
    UNIFORM,
    /** Sigmoid of N(0, 1): WMPO's code. */
    LOGIT_NORMAL
  }

  /** Tells whether flow times go from 1 or less down and down, and stay above 0. */
  static boolean goDown(List<Double> taus) {
    boolean down = !taus.isEmpty() && taus.getFirst() <= 1 && taus.getLast() > 0;
    for (int i = 1; i < taus.size(); i++) {
      down &= taus.get(i) < taus.get(i - 1);
    }
    return down;
  }

  /** Draws tau for training, [B]. */
  Tensor drawTimes(long batch) {
    Tensor pure = Torch.less(torch.rand(batch), pureNoise);
    return torch.where(
        pure,
        Torch.full(1, batch),
        times == TimeLaw.UNIFORM ? torch.rand(batch) : torch.randn(batch).sigmoid());
  }

  /**
   * Points on the paths.
   *
   * @param tau [B, 1, ...]
   */
  static Tensor path(Tensor clean, Tensor noise, Tensor tau) {
    return torch.lerp(clean, noise, tau);
  }

  /** Returns what the network should have predicted. */
  Tensor wanted(Tensor clean, Tensor noise) {
    return switch (target) {
      case CLEAN -> clean;
      case VELOCITY -> clean.sub(noise);
      case NOISE -> noise;
    };
  }

  /** The clean frames that a prediction at tau says. */
  Tensor clean(Tensor predicted, Tensor z, double tau) {
    return switch (target) {
      case CLEAN -> predicted;
      case VELOCITY -> z.add(Torch.times(predicted, tau));
      case NOISE ->
          Torch.clamp(
              Torch.times(z.sub(Torch.times(predicted, tau)), 1 / Math.max(1 - tau, LEAST_SHARE)),
              -MOST,
              MOST);
    };
  }
}
