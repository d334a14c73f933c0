package dev.reverie.replay;

/**
 * A number that a replay is judged by: a mean over the values of all episodes.
 *
 * @param name in JSON
 * @param unit of the number; empty for a share
 * @param mean how the values are put together
 * @param decimals that are shown
 */
record Measure(String name, String unit, Mean mean, int decimals) {
  /** Ways to make a number of sum and weight. */
  enum Mean {
    /** Sum by weight. */
    ARITHMETIC,
    /** Root of the sum of squares by weight. */
    ROOT_SQUARE,
    /** Sum by weight, of values that are 0 or 1 and independent of one another. */
    SHARE
  }

  static Measure mean(String name, String unit) {
    return new Measure(name, unit, Mean.ARITHMETIC, 4);
  }

  static Measure rootSquare(String name, String unit) {
    return new Measure(name, unit, Mean.ROOT_SQUARE, 4);
  }

  static Measure share(String name) {
    return new Measure(name, "", Mean.SHARE, 3);
  }

  /** The number; NaN where there is no value. */
  double value(Tally tally) {
    double mean = tally.weight() > 0 ? tally.sum() / tally.weight() : Double.NaN;
    return this.mean == Mean.ROOT_SQUARE ? Math.sqrt(mean) : mean;
  }
}
