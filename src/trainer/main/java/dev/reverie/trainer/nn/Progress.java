package dev.reverie.trainer.nn;

import java.util.function.Supplier;

/**
 * Shows how far a stage is and how long it will take: a bar on a terminal; elsewhere lines on
 * standard output that other programs can read, a line for every tenth.
 *
 * <pre>
 * stage NAME begin
 * stage NAME DONE/TOTAL NOTE
 * stage NAME end SECONDS s
 * </pre>
 *
 * <p>Of several ranks the first shows it. A name has no blanks, a note may have some. A stage that
 * fails or is stopped has no end.
 */
public final class Progress implements AutoCloseable {
  private static final int WIDTH = 24;
  private static final boolean TERMINAL = System.console() != null && System.console().isTerminal();

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

  /** Does the work of a stage between the lines of its begin and its end. */
  public static <T> T stage(String name, Supplier<T> work) {
    long begin = System.nanoTime();
    line(name, "begin");
    T result = work.get();
    line(name, "end %.1f s".formatted((System.nanoTime() - begin) / 1e9));
    return result;
  }

  /** Says a line of its own on standard error, even while a stage's bar is shown. */
  public static void say(String line) {
    System.err.println(TERMINAL ? "\r\033[K" + line : line);
  }

  /** Shows that {@code done} of the total are done. */
  public void at(int done, String note) {
    if (first < 0) {
      first = done; // what a resumed run found done says nothing about its speed
    }
    long now = System.nanoTime();
    boolean due =
        TERMINAL ? done == total || now - shownNanos > 200_000_000 : 10 * done / total > tenth;
    if (!due || !Ranks.world().first()) {
      return;
    }
    shownNanos = now;
    tenth = 10 * done / total;
    if (TERMINAL) {
      int bars = WIDTH * done / total;
      System.err.printf(
          "\r%-16s %s%s %d/%d  %s  %s\033[K",
          stage, "█".repeat(bars), "░".repeat(WIDTH - bars), done, total, note, time(done, now));
    } else {
      String left = done < total ? time(done, now) : ""; // the stage's end tells its seconds
      line(stage, "%d/%d %s".formatted(done, total, left.isEmpty() ? note : note + ", " + left));
    }
  }

  @Override
  public void close() {
    if (TERMINAL && shownNanos != 0) {
      System.err.println();
    }
  }

  private String time(int done, long now) {
    double seconds = (now - beginNanos) / 1e9;
    if (done == total) {
      return "%.0f s".formatted(seconds);
    }
    return done == first ? "" : "%.0f s left".formatted(seconds / (done - first) * (total - done));
  }

  private static void line(String stage, String what) {
    if (!TERMINAL && Ranks.world().first()) {
      System.out.println("stage " + stage + " " + what);
      System.out.flush();
    }
  }
}
