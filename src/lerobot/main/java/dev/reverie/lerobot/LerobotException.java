package dev.reverie.lerobot;

import dev.reverie.rollout.GitLfs;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Thrown where something cannot be exported or imported. The message names the file or episode and
 * the remedy.
 */
final class LerobotException extends RuntimeException {
  LerobotException(String message) {
    super(message);
  }

  LerobotException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** Refuses a file that Git LFS did not fetch. */
  static void requireFetched(Path file) {
    GitLfs.pointer(file)
        .ifPresent(
            told -> {
              throw new LerobotException(told);
            });
  }
}
