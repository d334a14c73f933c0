package dev.reverie.policy;

import java.util.List;

/**
 * A camera's lens, as in sensor_msgs/CameraInfo.
 *
 * @param width of the pictures that it was made with, pixels
 * @param height of the pictures that it was made with, pixels
 * @param distortionModel {@code "plumb_bob"} or {@code "rational_polynomial"}
 * @param d distortion coefficients
 * @param k 3x3 camera matrix, row-major, pixels
 */
public record Calibration(int width, int height, String distortionModel, double[] d, double[] k) {
  public Calibration {
    if (!List.of("plumb_bob", "rational_polynomial").contains(distortionModel)) {
      throw new IllegalArgumentException(
          "distortion model '%s'; calibrate with plumb_bob or rational_polynomial"
              .formatted(distortionModel));
    }
    if (k.length != 9 || !(k[0] > 0 && k[4] > 0)) {
      throw new IllegalArgumentException(
          "the camera matrix has no focal length; calibrate the camera first");
    }
    if (!List.of(0, 4, 5, 8, 12, 14).contains(d.length)) {
      throw new IllegalArgumentException(
          "%d distortion coefficients; give 4, 5, 8, 12 or 14".formatted(d.length));
    }
    d = d.clone();
    k = k.clone();
  }
}
