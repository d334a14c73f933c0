package dev.reverie.rollout;

import dev.reverie.msgs.sensor_msgs.CameraInfo;
import java.util.Arrays;
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
  /** Radii at which it is looked whether a lens's distortion goes on outwards. */
  private static final int RADII = 64;

  /** Checks what a picture can be rectified with, and copies the arrays. */
  public CameraCalibration {
    if (k.length != 9 || !(k[0] > 0 && k[4] > 0)) {
      throw new IllegalArgumentException(
          "the camera matrix has no focal length; calibrate the camera first: ./reverie calibrate camera");
    }
    if (!List.of("plumb_bob", "rational_polynomial").contains(distortionModel)) {
      throw new IllegalArgumentException(
          "distortion model '%s'; calibrate with plumb_bob or rational_polynomial"
              .formatted(distortionModel));
    }
    if (width < 1 || height < 1) {
      throw new IllegalArgumentException(
          "the calibration is of pictures of %dx%d pixels; publish the size that it was made with"
              .formatted(width, height));
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
   * The same lens with pictures of another size, as binning and resizing make them.
   *
   * @throws IllegalArgumentException where the sides are not scaled alike: then the picture was cut
   */
  public CameraCalibration scaledTo(int newWidth, int newHeight) {
    if (newWidth == width && newHeight == height) {
      return this;
    }
    double scale = (double) newWidth / width;
    // A side is a whole number of pixels.
    if (Math.abs(scale * height - newHeight) > Math.max(1, scale)) {
      throw new IllegalArgumentException(
          "pictures of %dx%d pixels, but a calibration at %dx%d, which is no other size of the same picture; calibrate it at this size"
              .formatted(newWidth, newHeight, width, height));
    }
    double scaleY = (double) newHeight / height;
    double[] scaled = k.clone();
    // The centre of the first pixel is (0, 0), so its corner is (-0.5, -0.5).
    scaled[0] *= scale;
    scaled[1] *= scale;
    scaled[2] = (k[2] + 0.5) * scale - 0.5;
    scaled[4] *= scaleY;
    scaled[5] = (k[5] + 0.5) * scaleY - 0.5;
    return new CameraCalibration(newWidth, newHeight, distortionModel, d, scaled);
  }

  /**
   * Returns how far apart the two see the same things, at most, as a share of the picture's width;
   * infinite where one is of a picture that was cut otherwise.
   *
   * @param rectified whether the pictures are compared once their distortion is removed
   */
  public double difference(CameraCalibration other, boolean rectified) {
    if (Math.abs((double) width * other.height - (double) other.width * height) > width + height) {
      return Double.POSITIVE_INFINITY;
    }
    double most = 0;
    for (double row = 0.1; row < 1; row += 0.4) {
      for (double column = 0.1; column < 1; column += 0.4) {
        double x = (column * width - k[2]) / k[0];
        double y = (row * height - k[5]) / k[4];
        double[] mine = project(x, y, rectified);
        double[] others = other.project(x, y, rectified);
        most = Math.max(most, Math.hypot(mine[0] - others[0], mine[1] - others[1]));
      }
    }
    return most;
  }

  /**
   * Returns where a ray (x, y, 1) meets the picture, pixels; the centre of the first one is 0.
   *
   * @param rectified whether the picture's distortion is removed
   */
  public double[] pixel(double x, double y, boolean rectified) {
    double[] widths = project(x, y, rectified);
    return new double[] {widths[0] * width, widths[1] * width};
  }

  /**
   * Tells whether the distortion that is known reaches a ray (x, y, 1). Far beside the picture its
   * polynomials turn back, and what is there would seem to be in the picture.
   */
  public boolean reaches(double x, double y) {
    double radius = Math.hypot(x, y);
    double before = 0;
    for (int i = 1; i <= RADII; i++) {
      double r = radius * i / RADII;
      double bent = r * radial(r * r);
      if (!(bent >= before)) {
        return false;
      }
      before = bent;
    }
    return true;
  }

  /** Returns how much further from the middle a ray is seen. */
  private double radial(double r2) {
    double[] c = Arrays.copyOf(d, 8);
    return (1 + r2 * (c[0] + r2 * (c[1] + r2 * c[4])))
        / (1 + r2 * (c[5] + r2 * (c[6] + r2 * c[7])));
  }

  /**
   * Returns where a ray (x, y, 1) meets the picture, in widths from the centre of the first pixel.
   */
  private double[] project(double x, double y, boolean rectified) {
    double u = x;
    double v = y;
    if (!rectified && d.length > 0) { // OpenCV's model, but for the thin prism and the tilt
      double[] c = Arrays.copyOf(d, 4);
      double r2 = x * x + y * y;
      double radial = radial(r2);
      u = x * radial + 2 * c[2] * x * y + c[3] * (r2 + 2 * x * x);
      v = y * radial + c[2] * (r2 + 2 * y * y) + 2 * c[3] * x * y;
    }
    return new double[] {(k[0] * u + k[2]) / width, (k[4] * v + k[5]) / width};
  }

  /** Tells whether all numbers are the same. */
  public boolean sameAs(CameraCalibration other) {
    return width == other.width
        && height == other.height
        && distortionModel.equals(other.distortionModel)
        && Arrays.equals(d, other.d)
        && Arrays.equals(k, other.k);
  }

  /**
   * The topic beside that of a camera's pictures: of {@code a/image_raw}, {@code a/camera_info}.
   */
  public static String topic(String imageTopic) {
    String images = CameraNames.withoutTransport(imageTopic);
    return images.substring(0, images.lastIndexOf('/') + 1) + "camera_info";
  }
}
