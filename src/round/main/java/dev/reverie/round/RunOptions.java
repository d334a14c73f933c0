package dev.reverie.round;

import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of the commands that run whole rounds. */
final class RunOptions {
  @Option(names = "--seed", defaultValue = "1", description = "of everything that is drawn")
  private long seed;

  @Option(
      names = "--settings",
      paramLabel = "FILE",
      description = "JSON with the trainer's settings to change, of --preset where that is given")
  private @Nullable Path settings;

  @Option(
      names = "--preset",
      paramLabel = "NAME",
      description = "the trainer's settings that belong together: demo, lab, wmpo or wovr")
  private @Nullable String preset;

  long seed() {
    return seed;
  }

  /** Returns what the trainer is told of its settings. */
  TrainerSettings settings() {
    return new TrainerSettings(Optional.ofNullable(preset), Optional.ofNullable(settings));
  }
}
