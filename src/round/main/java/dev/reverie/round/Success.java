package dev.reverie.round;

import dev.reverie.report.Interval;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** Counts successes among episodes. */
record Success(int successes, int episodes) {
  /** Counts the outcomes of episodes. */
  static Success of(List<Boolean> outcomes) {
    return new Success((int) outcomes.stream().filter(won -> won).count(), outcomes.size());
  }

  /**
   * The share by which success rose, with its interval over pairs of episodes on the same scene.
   *
   * @param before outcome of each scene
   * @param after outcome of each scene, in the same order
   */
  static Interval gain(List<Boolean> before, List<Boolean> after) {
    return Interval.ofMean(
        IntStream.range(0, before.size())
            .mapToDouble(i -> (after.get(i) ? 1 : 0) - (before.get(i) ? 1 : 0))
            .toArray());
  }

  /**
   * The share by which success rose, with its interval where the episodes are no pairs (Newcombe
   * 1998, method 10).
   */
  static Interval difference(Success before, Success after) {
    Interval b = before.interval();
    Interval a = after.interval();
    double gain = a.value() - b.value();
    return new Interval(
        gain,
        gain - Math.hypot(a.value() - a.low(), b.high() - b.value()),
        gain + Math.hypot(a.high() - a.value(), b.value() - b.low()));
  }

  Success {
    if (episodes < 0 || successes < 0 || successes > episodes) {
      throw new IllegalArgumentException(successes + " successes of " + episodes + " episodes");
    }
  }

  /** The share of successes with its 95 % interval; not a number where there are no episodes. */
  Interval interval() {
    return Interval.wilson(successes, episodes);
  }

  @Override
  public String toString() {
    Interval i = interval();
    return episodes == 0
        ? "no episodes"
        : String.format(
            Locale.ROOT,
            "%.3f [%.3f, %.3f] (%d of %d)",
            i.value(),
            i.low(),
            i.high(),
            successes,
            episodes);
  }
}
