package dev.reverie.rollout;

import java.time.Duration;
import picocli.CommandLine.Option;

/** Options of commands that put episodes together, by which messages belong to one observation. */
public final class AlignmentOptions {
  @Option(
      names = "--joint-tolerance",
      paramLabel = "SECONDS",
      defaultValue = "0.02",
      description = "How far a joint state may be from its command (${DEFAULT-VALUE}).")
  private double joints;

  @Option(
      names = "--image-tolerance",
      paramLabel = "SECONDS",
      defaultValue = "0.05",
      description = "How far an image may be from its command (${DEFAULT-VALUE}).")
  private double images;

  /** Creates the options, which picocli fills in. */
  public AlignmentOptions() {}

  /**
   * Returns what was asked for.
   *
   * @throws IllegalArgumentException where a tolerance is no time
   */
  public Alignment alignment() {
    return new Alignment(
        duration("--joint-tolerance", joints), duration("--image-tolerance", images));
  }

  private static Duration duration(String option, double seconds) {
    if (!(seconds >= 0 && seconds <= 3600)) {
      throw new IllegalArgumentException(
          "%s is %s; give seconds, 0 to 3600".formatted(option, seconds));
    }
    return Duration.ofNanos(Math.round(seconds * 1e9));
  }
}
