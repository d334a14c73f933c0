package dev.reverie.rcljava;

import java.time.Duration;

/**
 * Calls back once a period, on the executor's thread: of simulated time where the node's clock is
 * simulated, else of steady time. Periods that were missed are skipped, not made up for.
 */
public final class Timer implements AutoCloseable {

  private final Node node;
  private final Clock clock;
  private final long periodNanos;
  private final Runnable callback;
  private long next;
  private boolean started;
  private boolean open = true;

  Timer(Node node, Duration period, Runnable callback) {
    if (period.isNegative() || period.isZero()) {
      throw new IllegalArgumentException("timer period " + period + " is not positive");
    }
    this.node = node;
    this.clock = node.clock().isSimulated() ? node.clock() : Clock.STEADY;
    this.periodNanos = period.toNanos();
    this.callback = callback;
    reset();
  }

  /** Begins a new period now. */
  public synchronized void reset() {
    long now = clock.nowNanos();
    started = !clock.isSimulated() || now != 0;
    next = now + periodNanos;
  }

  /**
   * @return nanoseconds of wall-clock time until it is due, at most 0 when it is; {@link
   *     Long#MAX_VALUE} where only /clock can tell
   */
  synchronized long delayNanos() {
    long now = clock.nowNanos();
    if (!open || clock.isSimulated() && now == 0) {
      return Long.MAX_VALUE;
    }
    boolean wentBack = next - now > periodNanos; // simulated time that began anew
    if (!started || wentBack) {
      reset();
    }
    long delay = next - now;
    return clock.isSimulated() && delay > 0 ? Long.MAX_VALUE : delay;
  }

  /** Calls back if it is due; returns whether it was. */
  boolean runIfDue() {
    synchronized (this) {
      if (delayNanos() > 0) {
        return false;
      }
      long missed = (clock.nowNanos() - next) / periodNanos;
      next += (missed + 1) * periodNanos;
    }
    callback.run();
    return true;
  }

  /** It does not call back any more, except for a call that has begun. */
  @Override
  public void close() {
    synchronized (this) {
      open = false;
    }
    node.remove(this);
  }
}
