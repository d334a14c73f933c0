package dev.reverie.trainer;

import dev.reverie.report.Interval;
import dev.reverie.trainer.nn.Torch;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/**
 * Real outcomes of recorded episodes, and how these were drawn: held-out rollouts are a share of
 * the successes and a share of the failures, so that the ends of all rollouts, which nothing has to
 * learn to be known, say how much each of the two counts.
 *
 * @param success of each episode that is started from
 * @param drawnFrom successes and failures among all that they were drawn from; those of the
 *     episodes themselves where they were not drawn by how they ended
 * @param byOutcome whether they were
 */
record Outcomes(boolean[] success, long[] drawnFrom, boolean byOutcome) {
  /**
   * Returns those of episodes that were not drawn by how they ended.
   *
   * @param success [N], bool
   */
  static Outcomes of(Tensor success) {
    return of(told(success));
  }

  /** Returns those of episodes that were not drawn by how they ended. */
  static Outcomes of(boolean[] success) {
    return new Outcomes(success, counts(success), false);
  }

  /**
   * Returns those of held-out rollouts.
   *
   * @param all whether each of all rollouts succeeded [N], bool
   * @param heldOut places among them, int64
   */
  static Outcomes ofHeldOut(Tensor all, Tensor heldOut) {
    return ofHeldOut(told(all.index_select(0, heldOut)), counts(told(all)));
  }

  /**
   * Returns those of held-out rollouts.
   *
   * @param drawnFrom successes and failures among all
   */
  static Outcomes ofHeldOut(boolean[] success, long[] drawnFrom) {
    return new Outcomes(success, drawnFrom, true);
  }

  /** Number of the episodes. */
  int episodes() {
    return success.length;
  }

  /** Real success, with the interval that the number of all known ends leaves. */
  Interval real() {
    return Interval.wilson(drawnFrom[0], drawnFrom[0] + drawnFrom[1]);
  }

  /**
   * Real successes of each episode's starts, each of which came to what its episode did.
   *
   * @param starts of each episode
   */
  double[] sums(double[] starts) {
    return IntStream.range(0, starts.length).mapToDouble(i -> success[i] ? starts[i] : 0).toArray();
  }

  /**
   * Mean of numbers that several starts of each episode have, a start as much as the next. Its
   * interval is clustered by episode, since what an episode's starts tell hangs together; of
   * held-out rollouts it is that of double sampling (Cochran, Sampling Techniques, 12.2), in which
   * the ends of all rollouts are the first sample and the held-out ones the second.
   *
   * @param sums of the numbers of each episode's starts
   * @param starts of each episode
   */
  Interval mean(double[] sums, double[] starts) {
    double[] weights = weights();
    double all = 0;
    double count = 0;
    for (int i = 0; i < sums.length; i++) {
      all += weights[i] * sums[i];
      count += weights[i] * starts[i];
    }
    double mean = all / count;
    double[] apart = new double[sums.length];
    double[] range = new double[sums.length];
    for (int i = 0; i < sums.length; i++) {
      apart[i] = (sums[i] - mean * starts[i]) / count;
      range[i] = starts[i] / count;
    }
    return Interval.ofVariance(mean, byOutcome ? drawn(apart, range) : spread(apart, range));
  }

  /** Returns what each episode counts; all together 1. */
  private double[] weights() {
    double[] weights = new double[success.length];
    Arrays.fill(weights, 1.0 / success.length);
    if (byOutcome) {
      long[] here = counts(success);
      double all = drawnFrom[0] + drawnFrom[1];
      for (int i = 0; i < success.length; i++) {
        int outcome = success[i] ? 0 : 1;
        weights[i] = drawnFrom[outcome] / all / here[outcome];
      }
    }
    return weights;
  }

  /** Variance of a mean of residuals, where so many of each outcome were drawn. */
  private double drawn(double[] apart, double[] range) {
    double all = drawnFrom[0] + drawnFrom[1];
    double variance = 0;
    for (int outcome = 0; outcome < 2; outcome++) {
      double[] of = ofOutcome(apart, outcome);
      double share = drawnFrom[outcome] / all;
      double mean = Arrays.stream(of).average().orElse(0);
      variance += share * mean * mean / all;
      variance += share * share * spread(of, ofOutcome(range, outcome));
    }
    return variance;
  }

  private double[] ofOutcome(double[] values, int outcome) {
    return IntStream.range(0, values.length)
        .filter(i -> (success[i] ? 0 : 1) == outcome)
        .mapToDouble(i -> values[i])
        .toArray();
  }

  /**
   * Variance of the mean of independent numbers. One alone does not tell how far others are apart:
   * then as far as they can be.
   *
   * @param range that each number may lie in, of one sign
   */
  private static double spread(double[] values, double[] range) {
    if (values.length == 1) {
      return range[0] * range[0] / 4;
    }
    double mean = Arrays.stream(values).average().orElse(0);
    double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
    return values.length == 0 ? 0 : squares / (values.length - 1) / values.length;
  }

  /** Successes and failures. */
  private static long[] counts(boolean[] success) {
    long successes = 0;
    for (boolean each : success) {
      successes += each ? 1 : 0;
    }
    return new long[] {successes, success.length - successes};
  }

  private static boolean[] told(Tensor success) {
    long[] ended = Torch.longs(success);
    boolean[] told = new boolean[ended.length];
    for (int i = 0; i < ended.length; i++) {
      told[i] = ended[i] != 0;
    }
    return told;
  }
}
