package dev.reverie.msgs;

import dev.reverie.msgs.builtin_interfaces.Duration;
import dev.reverie.msgs.builtin_interfaces.Time;
import java.time.Instant;

/** Converts between nanoseconds and the time messages of builtin_interfaces. */
public final class Stamps {
  private static final long SECOND = 1_000_000_000L;

  private Stamps() {}

  /** Returns the ns since the epoch of the stamp's clock. */
  public static long nanos(Time stamp) {
    return stamp.sec() * SECOND + Integer.toUnsignedLong(stamp.nanosec());
  }

  /** Returns the length in ns. */
  public static long nanos(Duration duration) {
    return duration.sec() * SECOND + Integer.toUnsignedLong(duration.nanosec());
  }

  /** Returns the ns since 1970. */
  public static long nanos(Instant instant) {
    return instant.getEpochSecond() * SECOND + instant.getNano();
  }

  /** Returns the stamp of so many ns since the epoch of its clock; negative ones round down. */
  public static Time time(long nanos) {
    return new Time((int) Math.floorDiv(nanos, SECOND), (int) Math.floorMod(nanos, SECOND));
  }

  /** Returns the duration of so many ns. */
  public static Duration duration(long nanos) {
    return new Duration((int) Math.floorDiv(nanos, SECOND), (int) Math.floorMod(nanos, SECOND));
  }
}
