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
      description = "JSON with the trainer's settings to change")
  private @Nullable Path settings;

  long seed() {
    return seed;
  }

  /** File with the trainer's settings that are to be others. */
  Optional<Path> settings() {
    return Optional.ofNullable(settings);
  }
}
