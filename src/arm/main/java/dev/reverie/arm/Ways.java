package dev.reverie.arm;

import java.util.function.DoublePredicate;

/** Parts of the straight way from one position of the joints to another. */
final class Ways {
  private Ways() {}

  /** Brings the end of a way nearer, to a fraction of it. */
  static void shorten(double[] from, double fraction, double[] to) {
    for (int i = 0; i < to.length; i++) {
      to[i] = from[i] + fraction * (to[i] - from[i]);
    }
  }

  /**
   * Returns the largest fraction of a way that is allowed, by halving.
   *
   * @param low that is allowed
   * @param high that is not
   */
  static double largest(double low, double high, int halvings, DoublePredicate allowed) {
    double most = low;
    double least = high;
    for (int i = 0; i < halvings; i++) {
      double middle = (most + least) / 2;
      if (allowed.test(middle)) {
        most = middle;
      } else {
        least = middle;
      }
    }
    return most;
  }
}
