package dev.reverie.replay;

/**
 * A number with its 95 % confidence interval.
 *
 * @param low NaN where one episode alone tells of it
 * @param high NaN where one episode alone tells of it
 * @param episodes that tell of it
 */
record Estimate(double value, double low, double high, int episodes) {

  private static final double Z = 1.959964;

  /** A share of independent trials with the Wilson score interval (Wilson 1927). */
  static Estimate wilson(double successes, double trials) {
    double p = successes / trials;
    double centre = p + Z * Z / (2 * trials);
    double spread = Z * Math.sqrt(p * (1 - p) / trials + Z * Z / (4 * trials * trials));
    double scale = 1 + Z * Z / trials;
    return new Estimate(p, (centre - spread) / scale, (centre + spread) / scale, (int) trials);
  }
}
