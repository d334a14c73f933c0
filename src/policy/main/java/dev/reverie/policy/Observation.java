package dev.reverie.policy;

import dev.reverie.rollout.CameraImage;
import java.util.Map;

/**
 * An observation: what a policy sees at one instant.
 *
 * @param images by camera name of the spec; of any size
 * @param jointPositions rad, in the order of the spec's joint names
 */
public record Observation(
    Map<String, CameraImage> images, double[] jointPositions, String instruction) {
  /** Copies the map and the array. */
  public Observation {
    images = Map.copyOf(images);
    jointPositions = jointPositions.clone();
  }
}
