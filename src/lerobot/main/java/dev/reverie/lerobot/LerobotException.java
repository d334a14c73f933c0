package dev.reverie.lerobot;

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
}
