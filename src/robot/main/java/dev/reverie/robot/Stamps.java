package dev.reverie.robot;

import dev.reverie.msgs.builtin_interfaces.Duration;
import dev.reverie.msgs.builtin_interfaces.Time;

/** Nanoseconds to and from the messages' times. */
public final class Stamps {
  private static final long SECOND = 1_000_000_000L;

  private Stamps() {}

  public static long nanos(Time time) {
    return time.sec() * SECOND + Integer.toUnsignedLong(time.nanosec());
  }

  public static long nanos(Duration duration) {
    return duration.sec() * SECOND + Integer.toUnsignedLong(duration.nanosec());
  }

  public static Time time(long nanos) {
    return new Time((int) Math.floorDiv(nanos, SECOND), (int) Math.floorMod(nanos, SECOND));
  }

  public static Duration duration(long nanos) {
    return new Duration((int) Math.floorDiv(nanos, SECOND), (int) Math.floorMod(nanos, SECOND));
  }
}
