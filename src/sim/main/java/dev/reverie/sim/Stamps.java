package dev.reverie.sim;

import dev.reverie.msgs.builtin_interfaces.Duration;
import dev.reverie.msgs.builtin_interfaces.Time;

/** Nanoseconds and ROS messages. */
final class Stamps {

  private static final long SECOND = 1_000_000_000L;

  private Stamps() {}

  static Time time(long nanos) {
    return new Time((int) Math.floorDiv(nanos, SECOND), (int) Math.floorMod(nanos, SECOND));
  }

  static long nanos(Time time) {
    return time.sec() * SECOND + time.nanosec();
  }

  static Duration duration(long nanos) {
    return new Duration((int) Math.floorDiv(nanos, SECOND), (int) Math.floorMod(nanos, SECOND));
  }

  static long nanos(Duration duration) {
    return duration.sec() * SECOND + duration.nanosec();
  }
}
