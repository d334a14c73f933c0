package dev.reverie.replay;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;

/**
 * Confidence intervals over episodes: the values of one episode hang together, so whole episodes
 * are drawn with replacement (Efron 1979; Field and Welsh 2007 for clusters), and the interval is
 * the middle 95 % of what the draws give. The seed is fixed: the same episodes give the same
 * interval, and differences are paired.
 */
final class Bootstrap {
  private static final int DRAWS = 2000;
  private static final long SEED = 1;
  private static final double TAIL = 0.025;

  private final int[][] draws = new int[DRAWS][];

  /**
   * Draws the samples, which all statistics share.
   *
   * @param episodes how many there are
   */
  Bootstrap(int episodes) {
    var random = new SplittableRandom(SEED);
    for (int i = 0; i < DRAWS; i++) {
      draws[i] = random.ints(episodes, 0, episodes).toArray();
    }
  }

  /**
   * Estimates a statistic with its interval.
   *
   * @param statistic of a draw, which is indices of episodes; NaN where it has none
   * @param whole all episodes once
   * @param episodes that tell of it
   */
  Estimate estimate(ToDoubleFunction<int[]> statistic, int[] whole, int episodes) {
    double value = statistic.applyAsDouble(whole);
    if (episodes < 2) {
      return new Estimate(value, Double.NaN, Double.NaN, episodes);
    }
    double[] values =
        Arrays.stream(draws)
            .mapToDouble(statistic)
            .filter(v -> !Double.isNaN(v))
            .sorted()
            .toArray();
    int tail = (int) (TAIL * values.length);
    return new Estimate(value, values[tail], values[values.length - 1 - tail], episodes);
  }
}
