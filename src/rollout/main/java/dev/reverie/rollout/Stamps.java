package dev.reverie.rollout;

import dev.reverie.msgs.builtin_interfaces.Duration;
import dev.reverie.msgs.builtin_interfaces.Time;
import java.time.Instant;

/** Stamps of messages as nanoseconds. */
final class Stamps {
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private Stamps() {}

  static long nanos(Time time) {
    return time.sec() * NANOS_PER_SECOND + Integer.toUnsignedLong(time.nanosec());
  }

  static long nanos(Instant instant) {
    return instant.getEpochSecond() * NANOS_PER_SECOND + instant.getNano();
  }

  static long nanos(Duration duration) {
    return duration.sec() * NANOS_PER_SECOND + Integer.toUnsignedLong(duration.nanosec());
  }

  static Time time(long nanos) {
    return new Time(
        (int) Math.floorDiv(nanos, NANOS_PER_SECOND), (int) Math.floorMod(nanos, NANOS_PER_SECOND));
  }
}
