package dev.reverie.rcljava;

import java.time.Duration;

/**
 * Calls back once a period of its clock, on a thread of the executor. Periods that were missed are
 * skipped, not made up for.
 */
public final class Timer extends Waitable {
  private final Clock clock;
  private final long periodNanos;
  private final Runnable callback;
  // Guarded by this.
  private long next;
  private boolean simulated;
  private boolean started;
  private boolean canceled;

  Timer(Node node, Clock clock, Duration period, Runnable callback, CallbackGroup group) {
    super(Kind.TIMER, node, group);
    this.clock = clock;
    this.periodNanos = period.toNanos();
    this.callback = callback;
    acquire(() -> positive(period));
    restart();
  }

  private static void positive(Duration period) {
    if (period.isNegative() || period.isZero()) {
      throw new IllegalArgumentException("timer period " + period + " is not positive");
    }
  }

  /** Begins a new period now, also after {@link #cancel}. */
  public void reset() {
    synchronized (this) {
      canceled = false;
      restart();
    }
    node().partsChanged();
  }

  /** Stops calling back until {@link #reset}. */
  public synchronized void cancel() {
    canceled = true;
  }

  /** Returns whether it was canceled. */
  public synchronized boolean isCanceled() {
    return canceled;
  }

  private synchronized void restart() {
    simulated = clock.isSimulated();
    long now = clock.timerNanos();
    started = !simulated || now != 0;
    next = now + periodNanos;
  }

  /**
   * Returns the time until it is due.
   *
   * @return nanoseconds of wall-clock time, at most 0 when it is due; {@link Long#MAX_VALUE} where
   *     only /clock can tell
   */
  synchronized long delayNanos() {
    if (canceled || !isOpen()) {
      return Long.MAX_VALUE;
    }
    long now = clock.timerNanos();
    if (clock.isSimulated() && now == 0) {
      return Long.MAX_VALUE;
    }
    boolean wentBack = next - now > periodNanos; // simulated time that began anew
    if (!started || wentBack || simulated != clock.isSimulated()) {
      restart();
    }
    long delay = next - now;
    return simulated && delay > 0 ? Long.MAX_VALUE : delay;
  }

  /** Calls back if it is due. */
  @Override
  boolean work() {
    synchronized (this) {
      if (delayNanos() > 0) {
        return false;
      }
      long missed = (clock.timerNanos() - next) / periodNanos;
      next += (missed + 1) * periodNanos;
    }
    taken();
    callback.run();
    return true;
  }

  @Override
  void release() {}

  /** Closes the timer: it does not call back any more, except for a call that has begun. */
  @Override
  public void close() {
    super.close();
  }
}
