package dev.reverie.rcljava;

import java.time.Instant;

/**
 * A source of time in nanoseconds. A node's own clock is ROS time: system time, or with the
 * parameter {@code use_sim_time} what the topic /clock said last (0 before it said anything).
 */
public final class Clock {

  /** Nanoseconds since 1970. */
  public static final Clock SYSTEM = new Clock(Source.SYSTEM);

  /** Nanoseconds since some moment; never jumps. */
  public static final Clock STEADY = new Clock(Source.STEADY);

  private enum Source {
    SYSTEM,
    STEADY,
    SIMULATED
  }

  private final Source source;
  private volatile long simulatedNanos;

  private Clock(Source source) {
    this.source = source;
  }

  static Clock simulated() {
    return new Clock(Source.SIMULATED);
  }

  public long nowNanos() {
    return switch (source) {
      case SYSTEM -> {
        Instant now = Instant.now();
        yield now.getEpochSecond() * 1_000_000_000L + now.getNano();
      }
      case STEADY -> System.nanoTime();
      case SIMULATED -> simulatedNanos;
    };
  }

  /** Whether the topic /clock gives the time. */
  public boolean isSimulated() {
    return source == Source.SIMULATED;
  }

  void setSimulated(long nanos) {
    simulatedNanos = nanos;
  }
}
