package dev.reverie.round;

import dev.reverie.report.Interval;
import java.util.Locale;

/** Counts successes among episodes. */
record Success(int successes, int episodes) {
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
