package dev.reverie.report;

import java.util.Arrays;

/**
 * A number with its 95 % confidence interval.
 *
 * @param low NaN where there is no interval
 * @param high NaN where there is no interval
 */
public record Interval(double value, double low, double high) {
  /** Quantile 0.975 of the normal distribution. */
  private static final double Z = 1.959964;

  /** A number without an interval. */
  public static Interval none(double value) {
    return new Interval(value, Double.NaN, Double.NaN);
  }

  /** A share of independent trials with the Wilson score interval (Wilson 1927). */
  public static Interval wilson(double successes, double trials) {
    double p = successes / trials;
    double centre = p + Z * Z / (2 * trials);
    double spread = Z * Math.sqrt(p * (1 - p) / trials + Z * Z / (4 * trials * trials));
    double scale = 1 + Z * Z / trials;
    return new Interval(p, (centre - spread) / scale, (centre + spread) / scale);
  }

  /**
   * A mean of independent numbers with its normal interval; where several trials share a start, the
   * mean of each start is one of them.
   *
   * @param values two or more
   */
  public static Interval ofMean(double[] values) {
    double mean = Arrays.stream(values).average().orElse(Double.NaN);
    double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
    return ofVariance(mean, squares / (values.length - 1) / values.length);
  }

  /**
   * An estimate with its normal interval.
   *
   * @param variance of the estimate itself
   */
  public static Interval ofVariance(double value, double variance) {
    double spread = Z * Math.sqrt(variance);
    return new Interval(value, value - spread, value + spread);
  }
}
