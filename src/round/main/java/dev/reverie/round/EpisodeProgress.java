package dev.reverie.round;

import java.util.Locale;

/**
 * Shows how many episodes of a batch have run: a bar on a terminal, now and then a line elsewhere.
 */
final class EpisodeProgress {
  private static final int WIDTH = 30;

  private final Console console;
  private final String what;
  private final int total;
  private final long startNanos = System.nanoTime();
  private long shownNanos = startNanos;

  EpisodeProgress(Console console, String what, int total) {
    this.console = console;
    this.what = what;
    this.total = total;
  }

  void at(int done, int successes) {
    long now = System.nanoTime();
    double left = (now - startNanos) / 1e9 / done * (total - done);
    String text =
        String.format(
            Locale.ROOT,
            "%d/%d %s, %d succeeded%s",
            done,
            total,
            what,
            successes,
            done == total ? "" : String.format(Locale.ROOT, ", %.0f s left", left));
    if (done == total) {
      console.bar("");
    }
    if (done == total || (!console.isTerminal() && now - shownNanos >= StageLines.QUIET_NANOS)) {
      console.line("   " + text);
      shownNanos = now;
    } else if (console.isTerminal()) {
      int bars = done * WIDTH / total;
      console.bar("   [%s%s] %s".formatted("#".repeat(bars), ".".repeat(WIDTH - bars), text));
    }
  }
}
