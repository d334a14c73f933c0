package dev.reverie.trainer.model;

import dev.reverie.trainer.nn.Share;
import dev.reverie.trainer.nn.Torch;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Normal distributions of actions. Values beyond [-1, 1] are carried out as -1 and 1, which
 * therefore have the probability of all that lies beyond: so an action tells its own probability.
 *
 * @param mean any shape
 * @param logSd log of the standard deviation, of a shape that fits
 */
record NormalActions(Tensor mean, Tensor logSd) {
  private static final double LOG_ROOT_TWO_PI = Math.log(2 * Math.PI) / 2;

  /** These with the variance multiplied. */
  NormalActions at(double temperature) {
    return temperature == 1
        ? this
        : new NormalActions(mean, Torch.plus(logSd, Math.log(temperature) / 2));
  }

  /**
   * Draws a value of each, in [-1, 1].
   *
   * @param share of a batch that these are
   */
  PolicySample draw(Share share) {
    Tensor value = mean.add(share.normalLike(mean).mul(logSd.exp()));
    Tensor actions = Torch.clamp(value, -1, 1);
    return new PolicySample(actions, actions, logProbability(actions));
  }

  /** Log-probability of actions in [-1, 1]: of a density between them. */
  Tensor logProbability(Tensor actions) {
    Tensor sd = logSd.exp();
    Tensor above = torch.log_ndtr(Torch.plus(mean, -1).div(sd));
    Tensor below = torch.log_ndtr(Torch.plus(mean.neg(), -1).div(sd));
    Tensor inner = torch.where(actions.le(new Scalar(-1.0)), below, logDensity(actions));
    return torch.where(actions.ge(new Scalar(1.0)), above, inner);
  }

  /** Log of the density, whatever the value. */
  Tensor logDensity(Tensor values) {
    Tensor z = values.sub(mean).div(logSd.exp());
    return Torch.plus(Torch.times(z.square(), -0.5).sub(logSd), -LOG_ROOT_TWO_PI);
  }

  /** Mean entropy of the normal distributions, nats. */
  Tensor entropy() {
    return Torch.plus(logSd.mean(), 0.5 + LOG_ROOT_TWO_PI);
  }
}
