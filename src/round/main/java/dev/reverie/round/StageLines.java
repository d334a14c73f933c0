package dev.reverie.round;

import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Passes on the lines in which the trainer tells of its stages: where one begins and ends, and now
 * and then how far it is. Other lines stay in its log.
 *
 * <pre>
 * stage world_model begin
 * stage world_model 61/600 loss 0.0144
 * stage world_model end 35.3 s
 * </pre>
 */
final class StageLines implements Consumer<String> {
  /** Longest silence of a stage: a person who watches shall see that the work goes on. */
  static final long QUIET_NANOS = 10_000_000_000L;

  private static final Pattern STAGE = Pattern.compile("stage (\\S+) (begin|end (.*)|\\d+/\\d+.*)");

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
    String stage = told.group(1).replace('_', ' ');
    String what = told.group(2);
    long now = nanoTime.getAsLong();
    if (what.equals("begin")) {
      out.accept("   " + stage);
    } else if (told.group(3) != null) {
      out.accept("   " + stage + ": " + told.group(3));
    } else if (now - shownNanos >= QUIET_NANOS) {
      out.accept("   " + stage + " " + what.strip());
    } else {
      return;
    }
    shownNanos = now;
  }
}
