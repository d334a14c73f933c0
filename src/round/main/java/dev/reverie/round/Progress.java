package dev.reverie.round;

/** A bar with the time left on a terminal; every tenth of the work a line elsewhere. */
final class Progress {

  private static final int WIDTH = 30;
  private static final boolean TERMINAL = System.console() != null;

  private final String what;
  private final int total;
  private final long startNanos = System.nanoTime();
  private int shownTenth;

  Progress(String what, int total) {
    this.what = what;
    this.total = total;
  }

  void at(int done, String note) {
    double elapsed = (System.nanoTime() - startNanos) / 1e9;
    double left = elapsed / done * (total - done);
    int tenth = done * 10 / total;
    if (TERMINAL) {
      String bar = "#".repeat(done * WIDTH / total) + ".".repeat(WIDTH - done * WIDTH / total);
      System.out.printf("\r   [%s] %d/%d %s, %s, %.0f s left ", bar, done, total, what, note, left);
      if (done == total) {
        System.out.println();
      }
    } else if (tenth > shownTenth) {
      System.out.printf("   %d/%d %s, %s, %.0f s left%n", done, total, what, note, left);
    }
    shownTenth = tenth;
  }
}
