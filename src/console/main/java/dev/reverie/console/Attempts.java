package dev.reverie.console;

/** Counts wrong tokens, so that nobody tries many: after some a minute no token is looked at. */
final class Attempts {
  private static final int MOST_A_MINUTE = 10;
  private static final long MINUTE_NANOS = 60_000_000_000L;

  private int failed;
  private long sinceNanos;

  /** Returns whether another token may be tried now. */
  synchronized boolean mayTry(long nowNanos) {
    if (failed > 0 && nowNanos - sinceNanos > MINUTE_NANOS) {
      failed = 0;
    }
    return failed < MOST_A_MINUTE;
  }

  synchronized void failed(long nowNanos) {
    if (failed++ == 0) {
      sinceNanos = nowNanos;
    }
  }
}
