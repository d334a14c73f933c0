package dev.reverie.robot.sense;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Observations of an episode's ticks, as far back as its policy looks. By the stamps of
 * observations, so that a replay finds the same ones. Not thread-safe.
 */
public final class Sights {
  private final long periodNanos;
  private final Deque<SensorSnapshot> seen = new ArrayDeque<>(); // the oldest first

  /** Creates the memory of an episode that has seen nothing. */
  public Sights(long periodNanos) {
    this.periodNanos = periodNanos;
  }

  /**
   * Keeps an observation.
   *
   * @param back periods that the policy looks back
   */
  public void add(SensorSnapshot sensed, int back) {
    if (back == 0) {
      return;
    }
    seen.addLast(sensed);
    while (seen.size() > back + 1L) { // a period has one tick at most
      seen.removeFirst();
    }
  }

  /** Forgets all: an episode begins. */
  public void clear() {
    seen.clear();
  }

  /**
   * The observations that lie before another, by periods; the first that is known stands for those
   * before it.
   *
   * @param ages periods before it that are looked for; 0 is itself
   */
  public NavigableMap<Integer, SensorSnapshot> before(SensorSnapshot sensed, List<Integer> ages) {
    NavigableMap<Integer, SensorSnapshot> found = new TreeMap<>();
    for (int age : ages) {
      if (age == 0) {
        continue;
      }
      long latest = sensed.stampNanos() - age * periodNanos + periodNanos / 2;
      SensorSnapshot best = seen.isEmpty() ? sensed : seen.getFirst();
      for (SensorSnapshot one : seen) {
        best = one.stampNanos() - latest <= 0 ? one : best;
      }
      found.put(age, best);
    }
    return found;
  }
}
