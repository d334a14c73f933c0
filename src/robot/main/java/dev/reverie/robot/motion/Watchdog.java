package dev.reverie.robot.motion;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;

/**
 * Brakes an arm that moves while no tick comes, from a thread of its own: whatever the control
 * thread hangs in, the arm does not go on. One brake for each silence.
 */
public final class Watchdog implements AutoCloseable {
  /** Silence that is too long, at least, and the most that a tick may be overdue. */
  private static final long SILENCE_NANOS = 100_000_000L;

  /** A tick without its observation comes 1.5 periods after the one before, and some later. */
  private static final double SILENT_PERIODS = 1.5;

  private static final long LATE_NANOS = 20_000_000L;

  private final long silenceNanos;
  private final LongConsumer brake;
  private final AtomicLong movedNanos = new AtomicLong(); // 0: the arm is at rest, or comes to it
  private final Thread thread;
  private volatile boolean closed;

  /**
   * Starts the thread.
   *
   * @param brake brings the arm to rest; takes the length of the silence, ns
   */
  public Watchdog(long periodNanos, LongConsumer brake) {
    silenceNanos = silenceNanos(periodNanos);
    this.brake = brake;
    thread = Thread.ofPlatform().name("watchdog").daemon().unstarted(this::run);
    thread.start();
  }

  /** Returns the time after a tick at which the arm is braked. */
  public static long silenceNanos(long periodNanos) {
    return Math.clamp(
        (long) (SILENT_PERIODS * periodNanos) + LATE_NANOS,
        SILENCE_NANOS,
        periodNanos + SILENCE_NANOS);
  }

  /** Takes notice of a tick that moves the arm. */
  public void moved(long nowNanos) {
    if (movedNanos.getAndSet(nowNanos == 0 ? 1 : nowNanos) == 0) {
      LockSupport.unpark(thread);
    }
  }

  /** Takes notice that the arm comes to rest by itself. */
  public void rests() {
    movedNanos.set(0);
  }

  private void run() {
    var _ = RealTimePriority.take();
    while (!closed) {
      long moved = movedNanos.get();
      long silent = System.nanoTime() - moved;
      if (moved == 0) {
        LockSupport.park(this);
      } else if (silent < silenceNanos) {
        LockSupport.parkNanos(this, silenceNanos - silent);
      } else if (movedNanos.compareAndSet(moved, 0)) {
        brake.accept(silent);
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
