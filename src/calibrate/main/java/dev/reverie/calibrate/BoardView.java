package dev.reverie.calibrate;

import dev.reverie.rollout.CameraCalibration;
import java.util.Optional;
import org.joml.Matrix3d;
import org.joml.Matrix4d;
import org.joml.Vector3d;
import org.opencv.calib3d.Calib3d;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.MatOfDouble;
import org.opencv.core.MatOfPoint2f;
import org.opencv.core.MatOfPoint3f;

/**
 * The corners of a board in one picture.
 *
 * @param width of the picture, pixels
 * @param height of the picture, pixels
 * @param object [n, 2] corners on the board, metres
 * @param image [n, 2] the same in the picture, pixels; the centre of the first pixel is (0, 0)
 * @param outline [4, 2] the outermost corners on the board, around it
 */
record BoardView(int width, int height, double[] object, double[] image, double[] outline) {
  /** The number of corners. */
  int corners() {
    return image.length / 2;
  }

  /** The board's corners, [n, 3] with z 0. */
  MatOfPoint3f objectPoints() {
    float[] points = new float[corners() * 3];
    for (int i = 0; i < corners(); i++) {
      points[3 * i] = (float) object[2 * i];
      points[3 * i + 1] = (float) object[2 * i + 1];
    }
    var mat = new MatOfPoint3f();
    mat.alloc(corners());
    mat.put(0, 0, points);
    return mat;
  }

  /** The picture's corners, [n, 2]. */
  MatOfPoint2f imagePoints() {
    return points(image);
  }

  /** The board's outermost corners in the picture, [4, 2]; those out of it are computed. */
  double[] outlineInPicture() {
    Mat homography = Calib3d.findHomography(points(object), points(image));
    if (homography.empty()) {
      throw new IllegalStateException("corners on one line");
    }
    double[] h = new double[9];
    homography.get(0, 0, h);
    double[] result = new double[8];
    for (int i = 0; i < 8; i += 2) {
      double x = outline[i];
      double y = outline[i + 1];
      double w = h[6] * x + h[7] * y + h[8];
      result[i] = (h[0] * x + h[1] * y + h[2]) / w;
      result[i + 1] = (h[3] * x + h[4] * y + h[5]) / w;
    }
    return result;
  }

  /**
   * The pose of the board in the camera's optical frame, metres; empty where none is found.
   *
   * @param lens of this size of pictures
   */
  Optional<Matrix4d> pose(CameraCalibration lens) {
    Mat turn = new Mat();
    Mat shift = new Mat();
    var distortion = new MatOfDouble(lens.d());
    // Of the two poses that a flat board may have this keeps the one that fits, then refines it.
    if (!Calib3d.solvePnP(
        objectPoints(),
        imagePoints(),
        matrix(lens.k()),
        distortion,
        turn,
        shift,
        false,
        Calib3d.SOLVEPNP_IPPE)) {
      return Optional.empty();
    }
    Calib3d.solvePnPRefineLM(
        objectPoints(), imagePoints(), matrix(lens.k()), distortion, turn, shift);
    return Optional.of(pose(turn, shift));
  }

  /** A 3x3 matrix from its rows. */
  static Mat matrix(double[] rows) {
    Mat matrix = new Mat(3, 3, CvType.CV_64F);
    matrix.put(0, 0, rows);
    return matrix;
  }

  /** A pose from OpenCV's rotation vector and translation. */
  static Matrix4d pose(Mat rotationVector, Mat translation) {
    Mat rotation = new Mat();
    Calib3d.Rodrigues(rotationVector, rotation);
    return ofRotation(rotation, translation);
  }

  /** A pose from OpenCV's rotation matrix and translation. */
  static Matrix4d ofRotation(Mat rotation, Mat translation) {
    double[] r = new double[9];
    double[] t = new double[3];
    rotation.get(0, 0, r);
    translation.get(0, 0, t);
    // JOML takes columns.
    var turn = new Matrix3d(r[0], r[3], r[6], r[1], r[4], r[7], r[2], r[5], r[8]);
    return new Matrix4d(turn).setTranslation(new Vector3d(t));
  }

  private static MatOfPoint2f points(double[] values) {
    float[] points = new float[values.length];
    for (int i = 0; i < points.length; i++) {
      points[i] = (float) values[i];
    }
    var mat = new MatOfPoint2f();
    mat.alloc(points.length / 2);
    mat.put(0, 0, points);
    return mat;
  }
}
