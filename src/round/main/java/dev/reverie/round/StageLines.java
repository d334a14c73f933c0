package dev.reverie.round;

import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Passes on the trainer's lines about its stages, such as {@code grpo 8/40 imagined success 0.81 77
 * s left}: where a stage begins and ends, and one now and then in between. Others stay in its log.
 */
final class StageLines implements Consumer<String> {

  /** Longest silence of a stage: a person who watches shall see that the work goes on. */
  static final long QUIET_NANOS = 10_000_000_000L;

  private static final Pattern STAGE = Pattern.compile("(\\S+) +(\\d+)/(\\d+)  (.*)");

  private final LongSupplier nanoTime;
  private final Consumer<String> out;
  private String stage = "";
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
    boolean begins = !told.group(1).equals(stage);
    boolean ends = told.group(2).equals(told.group(3));
    if (begins || ends || now - shownNanos >= QUIET_NANOS) {
      stage = ends ? "" : told.group(1);
      shownNanos = now;
      out.accept(
          "   %s %s/%s %s"
              .formatted(
                  told.group(1).replace('_', ' '),
                  told.group(2),
                  told.group(3),
                  told.group(4).strip().replaceAll(" {2,}", ", ")));
    }
  }
}
