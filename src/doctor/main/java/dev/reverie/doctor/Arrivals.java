package dev.reverie.doctor;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Arrival times of a topic's messages.
 *
 * @param arrivals in the ROS clock, nanoseconds, in their order
 * @param stamps of their headers, nanoseconds; 0 where there is none
 */
record Arrivals(List<Long> arrivals, List<Long> stamps) {
  Arrivals {
    arrivals = List.copyOf(arrivals);
    stamps = List.copyOf(stamps);
  }

  int count() {
    return arrivals.size();
  }

  /** Messages a second; empty of fewer than two. */
  OptionalDouble rateHz() {
    return count() < 2
        ? OptionalDouble.empty()
        : OptionalDouble.of(
            (count() - 1) * 1e9 / Math.max(1, arrivals.getLast() - arrivals.getFirst()));
  }

  /** The longest time between two messages, s. */
  double longestGapS() {
    double longest = 0;
    for (int i = 1; i < count(); i++) {
      longest = Math.max(longest, (arrivals.get(i) - arrivals.get(i - 1)) / 1e9);
    }
    return longest;
  }

  /** The median of arrival less stamp, s: negative where the publisher's clock runs ahead. */
  double ageS() {
    long[] ages = new long[count()];
    for (int i = 0; i < ages.length; i++) {
      ages[i] = arrivals.get(i) - stamps.get(i);
    }
    Arrays.sort(ages);
    return ages.length == 0 ? 0 : ages[ages.length / 2] / 1e9;
  }

  /** Returns whether messages come without a stamp. */
  boolean unstamped() {
    return stamps.contains(0L);
  }

  /** Returns whether all stamps are the same though several messages came. */
  boolean sameStamp() {
    return count() > 2 && stamps.stream().distinct().count() == 1;
  }
}
