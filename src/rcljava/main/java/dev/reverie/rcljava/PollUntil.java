package dev.reverie.rcljava;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Waits for conditions that the middleware does not signal. */
final class PollUntil {
  private static final Duration INTERVAL = Duration.ofMillis(10);

  private PollUntil() {}

  /** Waits for a condition; false when it did not come true in time, or before the shutdown. */
  static boolean await(Context context, Duration timeout, BooleanSupplier condition) {
    long end = System.nanoTime() + timeout.toNanos();
    while (!condition.getAsBoolean()) {
      if (!context.isOk() || System.nanoTime() - end >= 0) {
        return false;
      }
      try {
        Thread.sleep(INTERVAL);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
    return true;
  }
}
