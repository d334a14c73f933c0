package dev.reverie.robot.control;

import java.util.Arrays;

/** Keeps the last {@value #WINDOW} durations and their quantiles. Not thread-safe. */
public final class Latencies {
  private static final int WINDOW = 1024;

  private final long[] nanos = new long[WINDOW];
  private long count;

  void add(long durationNanos) {
    nanos[(int) (count++ % WINDOW)] = durationNanos;
  }

  long count() {
    return count;
  }

  /** Milliseconds; NaN before the first. */
  public double quantileMs(double q) {
    int n = (int) Math.min(count, WINDOW);
    if (n == 0) {
      return Double.NaN;
    }
    long[] sorted = Arrays.copyOf(nanos, n);
    Arrays.sort(sorted);
    return sorted[Math.min(n - 1, (int) (q * n))] / 1e6;
  }
}
