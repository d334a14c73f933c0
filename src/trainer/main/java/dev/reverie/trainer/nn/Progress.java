package dev.reverie.trainer.nn;

import java.io.PrintStream;

/**
 * One line on the terminal for a stage: how far it is and how long it will take; a line for every
 * tenth where the output is not a terminal.
 */
public final class Progress implements AutoCloseable {
  private static final int WIDTH = 24;

  private final PrintStream out = System.err;
  private final boolean terminal = System.console() != null && System.console().isTerminal();
  private final String stage;
  private final int total;
  private final long beginNanos = System.nanoTime();
  private int first = -1;
  private int tenth = -1;
  private long shownNanos;

  public Progress(String stage, int total) {
    this.stage = stage;
    this.total = total;
  }

  /** A line of its own, even while a stage's line is shown. */
  public static void say(String line) {
    boolean terminal = System.console() != null && System.console().isTerminal();
    System.err.println(terminal ? "\r\033[K" + line : line);
  }

  /** Shows that {@code done} of the total are done. */
  public void at(int done, String note) {
    if (first < 0) {
      first = done; // what a resumed run found done says nothing about its speed
    }
    long now = System.nanoTime();
    boolean due =
        terminal ? done == total || now - shownNanos > 200_000_000 : 10 * done / total > tenth;
    if (!due) {
      return;
    }
    shownNanos = now;
    tenth = 10 * done / total;
    double seconds = (now - beginNanos) / 1e9;
    double left = done > first ? seconds / (done - first) * (total - done) : Double.NaN;
    String time =
        done == total
            ? "%.0f s".formatted(seconds)
            : Double.isNaN(left) ? "" : "%.0f s left".formatted(left);
    if (terminal) {
      int bars = WIDTH * done / total;
      out.printf(
          "\r%-16s %s%s %d/%d  %s  %s\033[K",
          stage, "█".repeat(bars), "░".repeat(WIDTH - bars), done, total, note, time);
    } else {
      out.printf("%-16s %d/%d  %s  %s%n", stage, done, total, note, time);
    }
  }

  @Override
  public void close() {
    if (terminal && shownNanos != 0) {
      out.println();
    }
  }
}
