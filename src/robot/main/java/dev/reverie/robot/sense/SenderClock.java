package dev.reverie.robot.sense;

/**
 * Finds when a message was sent, in the time of {@link System#nanoTime}, from the sender's stamps:
 * its clock may be another one, and what is under way the shortest tells by how much. Not
 * thread-safe.
 */
public final class SenderClock {
  /** Clocks drift by so much between two messages at most. */
  private static final long DRIFT_NANOS = 2_000L;

  /** A clock that is off by so much suddenly was set. */
  private static final long SET_NANOS = 200_000_000L;

  private long stampNanos = Long.MIN_VALUE; // of the last message
  private long offsetNanos; // from stamps to arrivals, of the shortest way

  /** Returns when a message was sent; when it arrived, where its stamp does not tell. */
  public long sentNanos(long stamp, long arrivalNanos) {
    if (stamp <= 0 || stamp == stampNanos) {
      return arrivalNanos;
    }
    long offset = arrivalNanos - stamp;
    boolean known = stampNanos != Long.MIN_VALUE && stamp > stampNanos;
    stampNanos = stamp;
    offsetNanos =
        known && Math.abs(offset - offsetNanos) < SET_NANOS
            ? Math.min(offset, offsetNanos + DRIFT_NANOS)
            : offset;
    return stamp + offsetNanos;
  }
}
