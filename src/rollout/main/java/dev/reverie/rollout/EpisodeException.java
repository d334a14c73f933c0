package dev.reverie.rollout;

import org.jspecify.annotations.Nullable;

/** A bag that is no episode, or not a whole one. The message names the bag and the remedy. */
public class EpisodeException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public EpisodeException(String message) {
    super(message);
  }

  public EpisodeException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
