package dev.reverie.rollout;

import java.util.Map;

/**
 * An observation of an episode: what the sensors said at one instant.
 *
 * @param stampNanos of the joint state
 * @param images by camera name, of the cameras that were read
 * @param jointPositions rad, in the order of {@link Episode#jointNames}; must not be changed
 */
public record RecordedObservation(
    long stampNanos, Map<String, CameraImage> images, double[] jointPositions) {
  /** Copies the map. */
  public RecordedObservation {
    images = Map.copyOf(images);
  }
}
