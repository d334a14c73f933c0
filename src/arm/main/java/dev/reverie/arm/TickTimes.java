package dev.reverie.arm;

/**
 * Finds even times for ticks that come unevenly, with the pictures of a camera: times keep their
 * distance of a period while ticks come a little late or early, and follow their rate slowly. A
 * tick that comes later or earlier than that slips by the rest. Times are those of {@link
 * System#nanoTime}. Not thread-safe.
 */
final class TickTimes {
  /** A tick may come so early or late without a slip, in periods. */
  private static final double LATE = 0.6;

  /** Weight with which the lateness of ticks is averaged. */
  private static final double AVERAGED = 0.25;

  /** Part of the averaged lateness that the next tick makes up for. */
  private static final double PULL = 0.03;

  /** Part of it that all ticks to come make up for: their rate is not quite the control rate. */
  private static final double RATE = 0.0005;

  /** At most this part of the period, each. */
  private static final double MAX_PULL = 0.02;

  private final long periodNanos;
  private final long slipNanos;
  private long tickNanos; // of the last tick
  private double lateNanos; // averaged
  private double rateNanos; // that a tick comes later than a period after the last one, usually

  /**
   * Begins with a tick.
   *
   * @param leastSlipNanos a tick may be so early or late at least
   */
  TickTimes(long periodNanos, long leastSlipNanos, long nowNanos) {
    this.periodNanos = periodNanos;
    slipNanos = Math.max((long) (LATE * periodNanos), leastSlipNanos);
    tickNanos = nowNanos;
  }

  /** Begins anew with a tick after a pause. */
  void begin(long nowNanos) {
    tickNanos = nowNanos;
    lateNanos = 0;
  }

  /** Returns the time of the tick that comes now. */
  long next(long nowNanos) {
    double late = averaged(nowNanos);
    long next =
        tickNanos + periodNanos + (long) (rate(late) + Math.clamp(PULL * late, -most(), most()));
    return Math.clamp(next, nowNanos - slipNanos, nowNanos + slipNanos);
  }

  /** Takes notice of the tick that comes now; returns its time. */
  long ticked(long nowNanos) {
    long next = next(nowNanos);
    lateNanos = averaged(nowNanos);
    rateNanos = rate(lateNanos);
    tickNanos = next;
    return next;
  }

  private double averaged(long nowNanos) {
    long late = nowNanos - (tickNanos + periodNanos);
    return lateNanos + (late - lateNanos) * AVERAGED;
  }

  private double rate(double late) {
    return Math.clamp(rateNanos + RATE * late, -most(), most());
  }

  private double most() {
    return MAX_PULL * periodNanos;
  }
}
