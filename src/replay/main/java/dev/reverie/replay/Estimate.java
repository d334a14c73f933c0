package dev.reverie.replay;

import dev.reverie.report.Interval;

/**
 * A number with its 95 % confidence interval, and how many episodes tell of it.
 *
 * @param low NaN where one episode alone tells of it
 * @param high NaN where one episode alone tells of it
 */
record Estimate(double value, double low, double high, int episodes) {
  /** A share of independent trials. */
  static Estimate share(double successes, double trials) {
    Interval wilson = Interval.wilson(successes, trials);
    return new Estimate(wilson.value(), wilson.low(), wilson.high(), (int) trials);
  }

  Interval interval() {
    return new Interval(value, low, high);
  }
}
