package dev.reverie.rollout;

import java.util.Map;

/**
 * What the sensors said at one instant of an episode.
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
