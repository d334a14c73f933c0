package dev.reverie.rcljava;

import dev.reverie.msgs.builtin_interfaces.Time;

/** Between nanoseconds and builtin_interfaces/msg/Time. */
public final class Stamps {

  private static final long SECOND = 1_000_000_000L;

  private Stamps() {}

  /** The stamp of so many ns since the epoch. */
  public static Time of(long nanos) {
    return new Time((int) Math.floorDiv(nanos, SECOND), (int) Math.floorMod(nanos, SECOND));
  }

  /** The stamp in ns since the epoch. */
  public static long nanos(Time stamp) {
    return stamp.sec() * SECOND + Integer.toUnsignedLong(stamp.nanosec());
  }
}
