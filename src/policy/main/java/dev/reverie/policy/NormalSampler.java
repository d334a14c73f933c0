package dev.reverie.policy;

import java.util.random.RandomGenerator;

/** Draws actions from normal distributions. */
final class NormalSampler {
  private NormalSampler() {}

  /**
   * Draws every value of the chunk by itself.
   *
   * @param temperature multiplies the variance, as it divides logits; 0 takes the mean, with
   *     log-probability 0
   * @param random the same generator state gives the same actions
   */
  static Sample sample(PolicyOutput output, double temperature, RandomGenerator random) {
    int values = output.horizon() * output.dimensions();
    Sample sample = new Sample(new int[0], new float[values], new float[values]);
    for (int i = 0; i < values; i++) {
      Normal normal = output.normal(i, temperature);
      if (temperature == 0) {
        sample.actions()[i] = bounded(normal.mean());
      } else {
        sample.actions()[i] = bounded(normal.mean() + normal.sd() * random.nextGaussian());
        sample.logProbabilities()[i] = (float) normal.logProbability(sample.actions()[i]);
      }
    }
    return sample;
  }

  /** An action within [-1, 1]. */
  static float bounded(double action) {
    return (float) Math.clamp(action, -1.0, 1.0);
  }
}
