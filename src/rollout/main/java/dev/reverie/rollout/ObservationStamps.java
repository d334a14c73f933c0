package dev.reverie.rollout;

import java.util.Map;

/**
 * The stamps of the messages that make up one observation of an episode.
 *
 * @param stampNanos of the observation: what the command that answers it is stamped with
 * @param jointStampNanos of its joint state
 * @param imageStampNanos of its pictures, by topic
 */
public record ObservationStamps(
    long stampNanos, long jointStampNanos, Map<String, Long> imageStampNanos) {
  /** Copies the map. */
  public ObservationStamps {
    imageStampNanos = Map.copyOf(imageStampNanos);
  }
}
