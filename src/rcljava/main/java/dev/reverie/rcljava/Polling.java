package dev.reverie.rcljava;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Waits for what the middleware tells no one about. */
public final class Polling {

  private static final Duration INTERVAL = Duration.ofMillis(10);

  private Polling() {}

  /** Whether the condition came true in time, before the context was shut down. */
  public static boolean await(Context context, Duration timeout, BooleanSupplier condition) {
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
