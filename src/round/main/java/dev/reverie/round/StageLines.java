package dev.reverie.round;

import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Passes on the trainer's lines about its stages, such as {@code stage grpo 8/40 imagined success
 * 0.81, 77 s left}: where a stage begins and ends, and one now and then in between. Others stay in
 * its log.
 */
final class StageLines implements Consumer<String> {

  /** Longest silence of a stage: a person who watches shall see that the work goes on. */
  static final long QUIET_NANOS = 10_000_000_000L;

  private static final Pattern STAGE = Pattern.compile("stage (\\S+) (begin|end|\\d+/\\d+)(.*)");

  private final LongSupplier nanoTime;
  private final Consumer<String> out;
  private long shownNanos;

  /**
   * Passes lines on to {@code out}.
   *
   * @param nanoTime such as {@link System#nanoTime}
   */
  StageLines(LongSupplier nanoTime, Consumer<String> out) {
    this.nanoTime = nanoTime;
    this.out = out;
  }

  @Override
  public void accept(String line) {
    Matcher told = STAGE.matcher(line);
    if (!told.matches()) {
      return;
    }
    long now = nanoTime.getAsLong();
    boolean goesOn = told.group(2).contains("/");
    if (!goesOn || now - shownNanos >= QUIET_NANOS) {
      shownNanos = now;
      String name = told.group(1).replace('_', ' ');
      String what = told.group(2).equals("end") ? "" : " " + told.group(2);
      out.accept("   " + name + what + told.group(3));
    }
  }
}
