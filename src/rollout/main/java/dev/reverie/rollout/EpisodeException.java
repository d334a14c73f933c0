package dev.reverie.rollout;

import org.jspecify.annotations.Nullable;

/**
 * Thrown where a bag is no episode, or not a whole one. The message names the bag and the remedy.
 */
public class EpisodeException extends RuntimeException {
  /** Creates a refusal that nothing else caused. */
  public EpisodeException(String message) {
    super(message);
  }

  /** Creates a refusal with what caused it. */
  public EpisodeException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
