package dev.reverie.rcljava;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;

/**
 * Quality of service of a topic or a service. Deadline, lifespan and liveliness stay at ROS 2's
 * defaults.
 *
 * @param depth messages kept; counts with {@link History#KEEP_LAST} only
 */
public record Qos(History history, int depth, Reliability reliability, Durability durability) {

  /** Which messages are kept for a slow reader. */
  public enum History {
    KEEP_LAST(1),
    KEEP_ALL(2);

    private final int value;

    History(int value) {
      this.value = value;
    }
  }

  /** Whether lost messages are sent again. */
  public enum Reliability {
    RELIABLE(1),
    BEST_EFFORT(2);

    private final int value;

    Reliability(int value) {
      this.value = value;
    }
  }

  /** Whether late subscribers get the messages that are still kept. */
  public enum Durability {
    TRANSIENT_LOCAL(1),
    VOLATILE(2);

    private final int value;

    Durability(int value) {
      this.value = value;
    }
  }

  /** Reliable, volatile, the last 10: what {@code ros2 topic pub} uses too. */
  public static final Qos DEFAULT = reliable(10);

  /** Best effort, volatile, the last 5. */
  public static final Qos SENSOR_DATA =
      new Qos(History.KEEP_LAST, 5, Reliability.BEST_EFFORT, Durability.VOLATILE);

  /** Of services and their clients. */
  public static final Qos SERVICES = reliable(10);

  public Qos {
    if (history == History.KEEP_LAST && depth < 1) {
      throw new IllegalArgumentException("QoS depth " + depth + ": keep at least the last 1");
    }
  }

  public static Qos reliable(int depth) {
    return new Qos(History.KEEP_LAST, depth, Reliability.RELIABLE, Durability.VOLATILE);
  }

  public static Qos bestEffort(int depth) {
    return new Qos(History.KEEP_LAST, depth, Reliability.BEST_EFFORT, Durability.VOLATILE);
  }

  public static Qos transientLocal(int depth) {
    return new Qos(History.KEEP_LAST, depth, Reliability.RELIABLE, Durability.TRANSIENT_LOCAL);
  }

  /**
   * Writes the first 24 bytes of the rmw_qos_profile_t at the beginning of an options structure.
   */
  void writeTo(MemorySegment options) {
    options.set(JAVA_INT, 0, history.value);
    options.set(JAVA_LONG, 8, depth);
    options.set(JAVA_INT, 16, reliability.value);
    options.set(JAVA_INT, 20, durability.value);
  }
}
