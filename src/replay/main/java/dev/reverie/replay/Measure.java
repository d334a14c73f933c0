package dev.reverie.replay;

import java.util.Locale;

/**
 * A number that a replay is judged by: a mean over the values of all episodes.
 *
 * @param group what it is about
 * @param part of the group's numbers that this one is; empty where it is the only one
 * @param unit of the number; empty for a share
 * @param mean how the values are put together
 * @param decimals that are shown
 */
record Measure(Group group, String part, String unit, Mean mean, int decimals) {
  /** Groups of measures. */
  enum Group {
    SUCCESS,
    ACTION_ERROR,
    COMMAND_ERROR,
    LOG_LIKELIHOOD,
    SMOOTHNESS,
    LIMITS,
    DISAGREEMENT,
    IMAGINED_SUCCESS
  }

  /** Ways to make a number of sum and weight. */
  enum Mean {
    /** Sum by weight. */
    ARITHMETIC,
    /** Root of the sum of squares by weight. */
    ROOT_SQUARE,
    /** Sum by weight, of values that are 0 or 1 and independent of one another. */
    SHARE
  }

  static Measure mean(Group group, String part, String unit) {
    return new Measure(group, part, unit, Mean.ARITHMETIC, 4);
  }

  static Measure rootSquare(Group group, String part, String unit) {
    return new Measure(group, part, unit, Mean.ROOT_SQUARE, 4);
  }

  static Measure share(Group group, String part) {
    return new Measure(group, part, "", Mean.SHARE, 3);
  }

  /** The name in JSON and in the table, such as {@code limits.position}. */
  String name() {
    String first = group.name().toLowerCase(Locale.ROOT);
    return part.isEmpty() ? first : first + "." + part;
  }

  /** The number; NaN where there is no value. */
  double value(Tally tally) {
    double mean = tally.weight() > 0 ? tally.sum() / tally.weight() : Double.NaN;
    return this.mean == Mean.ROOT_SQUARE ? Math.sqrt(mean) : mean;
  }
}
