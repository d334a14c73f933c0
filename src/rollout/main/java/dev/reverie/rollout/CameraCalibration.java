package dev.reverie.rollout;

import dev.reverie.msgs.sensor_msgs.CameraInfo;
import java.util.List;

/**
 * A camera's calibration, as in sensor_msgs/CameraInfo.
 *
 * @param width of the pictures that it was made with, pixels
 * @param height of the pictures that it was made with, pixels
 * @param distortionModel {@code "plumb_bob"} or {@code "rational_polynomial"}
 * @param d distortion coefficients
 * @param k 3x3 camera matrix, row-major, pixels
 */
public record CameraCalibration(
    int width, int height, String distortionModel, double[] d, double[] k) {
  /** Checks what a picture can be rectified with, and copies the arrays. */
  public CameraCalibration {
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

  /**
   * Takes the calibration out of a message.
   *
   * @throws IllegalArgumentException where it is none, such as that of a camera never calibrated
   */
  public static CameraCalibration of(CameraInfo info) {
    return new CameraCalibration(
        info.width(), info.height(), info.distortionModel(), info.d(), info.k());
  }

  /**
   * The topic beside that of a camera's pictures: of {@code a/image_raw}, {@code a/camera_info}.
   */
  public static String topic(String imageTopic) {
    String images = CameraNames.withoutTransport(imageTopic);
    return images.substring(0, images.lastIndexOf('/') + 1) + "camera_info";
  }
}
