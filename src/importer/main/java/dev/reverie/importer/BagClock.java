package dev.reverie.importer;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Says when a message of a bag happened: by the stamp in its header where that can be believed, and
 * else by when the bag received it, both in one clock.
 *
 * @param received whether no stamp counts
 * @param unbelieved topics whose stamps do not count
 * @param leadNanos of the receiving clock over that of the stamps
 */
record BagClock(boolean received, Set<String> unbelieved, long leadNanos) {
  /** Clocks that are nearer than this are one: messages take some time to arrive. */
  private static final long ONE_CLOCK_NANOS = 500_000_000L;

  /**
   * A message's stamp and when it was received.
   *
   * @param stampNanos 0 where it has none
   */
  record Times(long stampNanos, long receivedNanos) {}

  /**
   * Finds out what can be believed.
   *
   * @param seen of each topic with stamps, in the order of the bag
   * @param received whether no stamp counts
   * @param tell takes a line for each topic whose stamps do not count
   */
  static BagClock of(Map<String, List<Times>> seen, boolean received, Consumer<String> tell) {
    if (received) {
      return new BagClock(true, Set.of(), 0);
    }
    Set<String> unbelieved = new HashSet<>();
    Map<String, Long> leads = new TreeMap<>();
    seen.forEach(
        (topic, times) -> {
          String why = problem(times);
          if (!why.isEmpty()) {
            tell.accept(
                "stamps of %s %s: its messages count from when the bag received them"
                    .formatted(topic, why));
            unbelieved.add(topic);
          } else if (!times.isEmpty()) {
            leads.put(topic, median(times));
          }
        });
    if (leads.isEmpty()) {
      return new BagClock(true, Set.of(), 0);
    }
    long least = min(leads.values());
    if (max(leads.values()) - least > ONE_CLOCK_NANOS) {
      tell.accept(
          "the stamps are of several clocks, seconds behind the bag's: %s; every message counts from when the bag received it"
              .formatted(seconds(leads)));
      return new BagClock(true, Set.of(), 0);
    }
    return new BagClock(false, unbelieved, Math.abs(least) > ONE_CLOCK_NANOS ? least : 0);
  }

  private static String problem(List<Times> times) {
    long before = 0;
    for (Times message : times) {
      if (message.stampNanos == 0) {
        return "are zero";
      }
      if (message.stampNanos < before - ONE_CLOCK_NANOS) {
        return "fall back by %.3f s".formatted((before - message.stampNanos) * 1e-9);
      }
      before = Math.max(before, message.stampNanos);
    }
    return "";
  }

  private static long median(List<Times> times) {
    long[] leads = times.stream().mapToLong(t -> t.receivedNanos - t.stampNanos).sorted().toArray();
    return leads[leads.length / 2];
  }

  private static long min(Collection<Long> values) {
    return values.stream().mapToLong(v -> v).min().orElseThrow();
  }

  private static long max(Collection<Long> values) {
    return values.stream().mapToLong(v -> v).max().orElseThrow();
  }

  private static Map<String, String> seconds(Map<String, Long> nanos) {
    Map<String, String> seconds = new TreeMap<>();
    nanos.forEach((topic, lead) -> seconds.put(topic, "%.3f".formatted(lead * 1e-9)));
    return seconds;
  }

  /** Returns when a message happened. */
  long nanos(String topic, Times times) {
    return received || times.stampNanos == 0 || unbelieved.contains(topic)
        ? times.receivedNanos - leadNanos
        : times.stampNanos;
  }
}
