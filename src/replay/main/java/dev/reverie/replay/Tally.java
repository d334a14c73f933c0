package dev.reverie.replay;

/**
 * One episode's share in a mean.
 *
 * @param sum of the values
 * @param weight how many values
 */
record Tally(double sum, double weight) {
  static final Tally NONE = new Tally(0, 0);

  Tally plus(double value) {
    return new Tally(sum + value, weight + 1);
  }

  Tally plus(Tally other) {
    return new Tally(sum + other.sum, weight + other.weight);
  }
}
