package dev.reverie.calibrate;

import dev.reverie.rollout.CameraCalibration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.opencv.calib3d.Calib3d;
import org.opencv.core.CvException;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.MatOfDouble;
import org.opencv.core.MatOfPoint2f;
import org.opencv.core.Size;

/**
 * A camera's matrix and distortion from views of a board (Zhang, A flexible new technique for
 * camera calibration, 2000; OpenCV's calibrateCamera).
 *
 * @param lens what was found
 * @param projection [3, 4] of rectified pictures without black edges, row-major, pixels
 * @param rms of all corners, pixels
 * @param perView root mean square of each view, pixels
 * @param residuals [n, 2] of each view: measured less projected, pixels
 * @param deviations standard deviations of fx, fy, cx, cy, pixels
 */
record CameraFit(
    CameraCalibration lens,
    double[] projection,
    double rms,
    double[] perView,
    List<double[]> residuals,
    double[] deviations) {
  /** Fewest views: each tells two numbers of five, and some of them badly. */
  static final int FEWEST = 8;

  /** Above this share of itself a deviation is no knowledge. */
  private static final double MAX_DEVIATION = 0.01;

  /** The part of the distortion that is fitted. */
  enum Distortion {
    /** k1, k2, p1, p2: as camera_calibration does. */
    PLUMB_BOB_2(Calib3d.CALIB_FIX_K3, 5, "plumb_bob"),
    /** k1, k2, p1, p2, k3. */
    PLUMB_BOB_3(0, 5, "plumb_bob"),
    /** k1 to k6, p1, p2: wide angles. */
    RATIONAL(Calib3d.CALIB_RATIONAL_MODEL, 8, "rational_polynomial");

    private final int flags;
    private final int coefficients;
    private final String model;

    Distortion(int flags, int coefficients, String model) {
      this.flags = flags;
      this.coefficients = coefficients;
      this.model = model;
    }
  }

  /**
   * Fits a camera.
   *
   * @throws CalibrateException where there are too few views, or they do not tell it
   */
  static CameraFit of(List<BoardView> views, Distortion distortion) {
    if (views.size() < FEWEST) {
      throw new CalibrateException(
          "%d views are too few; show the board in at least %d that differ: in each corner of the picture, near and far, tilted"
              .formatted(views.size(), FEWEST));
    }
    List<Mat> object = new ArrayList<>();
    List<Mat> image = new ArrayList<>();
    for (BoardView view : views) {
      object.add(view.objectPoints());
      image.add(view.imagePoints());
    }
    BoardView first = views.getFirst();
    var size = new Size(first.width(), first.height());
    Mat matrix = Mat.eye(3, 3, CvType.CV_64F);
    Mat coefficients = new Mat();
    List<Mat> turns = new ArrayList<>();
    List<Mat> shifts = new ArrayList<>();
    Mat deviations = new Mat();
    Mat perView = new Mat();
    double rms;
    try {
      rms =
          Calib3d.calibrateCameraExtended(
              object,
              image,
              size,
              matrix,
              coefficients,
              turns,
              shifts,
              deviations,
              new Mat(),
              perView,
              distortion.flags);
    } catch (CvException e) {
      throw new CalibrateException(
          "the views do not tell the camera (%s); show the board tilted, and flat as it is"
              .formatted(e.getMessage()),
          e);
    }
    double[] k = new double[9];
    matrix.get(0, 0, k);
    double[] d = Arrays.copyOf(values(coefficients), distortion.coefficients);
    double[] known = Arrays.copyOf(values(deviations), 4);
    requireKnown(k, known, first);
    var lens = new CameraCalibration(first.width(), first.height(), distortion.model, d, k);
    return new CameraFit(
        lens,
        projection(matrix, coefficients, size),
        rms,
        values(perView),
        residuals(views, turns, shifts, lens),
        known);
  }

  private static void requireKnown(double[] k, double[] deviations, BoardView view) {
    boolean sane =
        k[0] > 0 && k[4] > 0 && k[2] > 0 && k[5] > 0 && k[2] < view.width() && k[5] < view.height();
    double focal = Math.max(deviations[0] / k[0], deviations[1] / k[4]);
    double middle = Math.max(deviations[2], deviations[3]) / view.width();
    if (!sane || !(focal <= MAX_DEVIATION && middle <= MAX_DEVIATION)) {
      throw new CalibrateException(
          "the views are too similar: focal length %.1f +- %.1f pixels, middle of the picture %.1f, %.1f +- %.1f, where 1 %% is asked for; show the board tilted by 30 degrees and more to several sides, and in the corners of the picture"
              .formatted(
                  k[0],
                  Math.max(deviations[0], deviations[1]),
                  k[2],
                  k[5],
                  Math.max(deviations[2], deviations[3])));
    }
  }

  private static double[] projection(Mat matrix, Mat coefficients, Size size) {
    Mat best = Calib3d.getOptimalNewCameraMatrix(matrix, coefficients, size, 0, size);
    double[] k = new double[9];
    best.get(0, 0, k);
    return new double[] {k[0], 0, k[2], 0, 0, k[4], k[5], 0, 0, 0, 1, 0};
  }

  private static List<double[]> residuals(
      List<BoardView> views, List<Mat> turns, List<Mat> shifts, CameraCalibration lens) {
    List<double[]> residuals = new ArrayList<>();
    for (int i = 0; i < views.size(); i++) {
      var projected = new MatOfPoint2f();
      Calib3d.projectPoints(
          views.get(i).objectPoints(),
          turns.get(i),
          shifts.get(i),
          BoardView.matrix(lens.k()),
          new MatOfDouble(lens.d()),
          projected);
      float[] points = new float[views.get(i).corners() * 2];
      projected.get(0, 0, points);
      double[] rest = views.get(i).image().clone();
      for (int p = 0; p < rest.length; p++) {
        rest[p] -= points[p];
      }
      residuals.add(rest);
    }
    return residuals;
  }

  private static double[] values(Mat mat) {
    double[] values = new double[(int) mat.total()];
    mat.get(0, 0, values);
    return values;
  }

  /** The greatest residual of a corner, pixels. */
  double worst() {
    double worst = 0;
    for (double[] rest : residuals) {
      for (int i = 0; i < rest.length; i += 2) {
        worst = Math.max(worst, Math.hypot(rest[i], rest[i + 1]));
      }
    }
    return worst;
  }
}
