package dev.reverie.console;

/** Rate of something that comes, and age of the newest. For one thread at a time. */
final class Arrivals {
  private static final int REMEMBERED = 64;
  private static final long WINDOW_NANOS = 3_000_000_000L;

  private final long[] nanos = new long[REMEMBERED];
  private long count;
  private double lateS;

  /**
   * Counts one.
   *
   * @param nowNanos of {@link System#nanoTime}
   * @param late seconds from its stamp to its coming, in the clock of this machine
   */
  void add(long nowNanos, double late) {
    nanos[(int) (count++ % REMEMBERED)] = nowNanos;
    lateS = late;
  }

  /** Seconds since the newest came; -1 where none did. */
  double ageS(long nowNanos) {
    return count == 0 ? -1 : (nowNanos - nanos[(int) ((count - 1) % REMEMBERED)]) / 1e9;
  }

  /** Seconds from the newest one's stamp to its coming. */
  double lateS() {
    return lateS;
  }

  /** Returns those a second, of the last three seconds. */
  double hz(long nowNanos) {
    int kept = (int) Math.min(count, REMEMBERED);
    long oldest = nowNanos;
    int recent = 0;
    for (int i = 0; i < kept; i++) {
      if (nowNanos - nanos[i] < WINDOW_NANOS) {
        recent++;
        oldest = Math.min(oldest, nanos[i]);
      }
    }
    return recent < 2 ? 0 : (recent - 1) / Math.max(1e-3, (nowNanos - oldest) / 1e9);
  }
}
