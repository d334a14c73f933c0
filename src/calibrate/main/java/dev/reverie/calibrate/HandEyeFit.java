package dev.reverie.calibrate;

import dev.reverie.arm.HandEye.Mounting;
import java.util.ArrayList;
import java.util.List;
import org.joml.AxisAngle4d;
import org.joml.Matrix4d;
import org.joml.Quaterniond;
import org.joml.Vector3d;
import org.opencv.calib3d.Calib3d;
import org.opencv.core.CvType;
import org.opencv.core.Mat;

/**
 * Finds where a camera stands, from poses of an arm and of a board that the camera saw: A X = X B.
 *
 * @param camera in the frame that it is fixed to, metres
 * @param board mean pose in the frame that the board is fixed to
 * @param method the one of OpenCV's that fitted best
 * @param rotationDeg of the board that each pair tells from their mean
 * @param translationMm likewise
 */
record HandEyeFit(
    Matrix4d camera, Matrix4d board, String method, double[] rotationDeg, double[] translationMm) {
  /** Fewest pairs; three would have one solution and no residual. */
  static final int FEWEST = 6;

  private static final double LEAST_TURN_DEG = 10;
  private static final double LEAST_BETWEEN_AXES_DEG = 15;

  /**
   * A pose of the arm with the board as it was seen there.
   *
   * @param tip in the arm's base
   * @param board in the camera's optical frame
   */
  record Pair(Matrix4d tip, Matrix4d board) {}

  /** Methods of OpenCV: Tsai and Lenz 1989, Park and Martin 1994, Horaud 1995, Daniilidis 1999. */
  enum Method {
    PARK(Calib3d.CALIB_HAND_EYE_PARK),
    TSAI(Calib3d.CALIB_HAND_EYE_TSAI),
    HORAUD(Calib3d.CALIB_HAND_EYE_HORAUD),
    DANIILIDIS(Calib3d.CALIB_HAND_EYE_DANIILIDIS);

    private final int id;

    Method(int id) {
      this.id = id;
    }
  }

  /**
   * Fits by each method and returns what has the smallest residual.
   *
   * @throws CalibrateException where the pairs do not tell it
   */
  static HandEyeFit of(List<Pair> pairs, Mounting mounting) {
    if (pairs.size() < FEWEST) {
      throw new CalibrateException(
          "%d pairs of poses are too few; give at least %d in which the tip is turned otherwise"
              .formatted(pairs.size(), FEWEST));
    }
    List<Matrix4d> moving = pairs.stream().map(pair -> moving(pair, mounting)).toList();
    requireMotion(moving);
    HandEyeFit best = null;
    for (Method method : Method.values()) {
      HandEyeFit fit = fit(moving, pairs, method);
      // NaN, where a method fails, is not less.
      if (best == null || fit.translationRms() < best.translationRms()) {
        best = fit;
      }
    }
    if (best == null || !Double.isFinite(best.translationRms())) {
      throw new CalibrateException(
          "no method finds where the camera stands; turn the tip more, about several axes");
    }
    return best;
  }

  /** The pose of what the camera is fixed to, in the frame that the board is fixed to. */
  private static Matrix4d moving(Pair pair, Mounting mounting) {
    return mounting == Mounting.EYE_IN_HAND
        ? new Matrix4d(pair.tip)
        : pair.tip.invertAffine(new Matrix4d());
  }

  private static HandEyeFit fit(List<Matrix4d> moving, List<Pair> pairs, Method method) {
    List<Mat> turns = new ArrayList<>();
    List<Mat> shifts = new ArrayList<>();
    List<Mat> boardTurns = new ArrayList<>();
    List<Mat> boardShifts = new ArrayList<>();
    for (int i = 0; i < pairs.size(); i++) {
      turns.add(rotation(moving.get(i)));
      shifts.add(translation(moving.get(i)));
      boardTurns.add(rotation(pairs.get(i).board));
      boardShifts.add(translation(pairs.get(i).board));
    }
    Mat turn = new Mat();
    Mat shift = new Mat();
    Calib3d.calibrateHandEye(turns, shifts, boardTurns, boardShifts, turn, shift, method.id);
    Matrix4d camera = BoardView.ofRotation(turn, shift);
    List<Matrix4d> boards = new ArrayList<>();
    for (int i = 0; i < pairs.size(); i++) {
      boards.add(new Matrix4d(moving.get(i)).mul(camera).mul(pairs.get(i).board));
    }
    Matrix4d mean = mean(boards);
    double[] rotationDeg = new double[boards.size()];
    double[] translationMm = new double[boards.size()];
    for (int i = 0; i < boards.size(); i++) {
      rotationDeg[i] = Math.toDegrees(turnBetween(mean, boards.get(i)).angle);
      translationMm[i] =
          1000
              * mean.getTranslation(new Vector3d())
                  .distance(boards.get(i).getTranslation(new Vector3d()));
    }
    return new HandEyeFit(camera, mean, method.name(), rotationDeg, translationMm);
  }

  /**
   * Refuses poses that leave a part of the answer open: turns about one axis only, or hardly any.
   */
  private static void requireMotion(List<Matrix4d> poses) {
    List<Vector3d> axes = new ArrayList<>();
    double most = 0;
    for (int i = 0; i < poses.size(); i++) {
      for (int j = 0; j < i; j++) {
        AxisAngle4d turn = turnBetween(poses.get(i), poses.get(j));
        double degrees = Math.toDegrees(turn.angle);
        most = Math.max(most, degrees);
        // Near half a turn the axis has either sign, and noise turns it.
        if (degrees >= LEAST_TURN_DEG && degrees < 170) {
          axes.add(new Vector3d(turn.x, turn.y, turn.z));
        }
      }
    }
    if (axes.isEmpty()) {
      throw new CalibrateException(
          "between the poses the tip turned by %.1f degrees at most; turn it by 30 degrees and more, about several axes"
              .formatted(most));
    }
    double apart = 0;
    for (Vector3d axis : axes) {
      for (Vector3d other : axes) {
        apart = Math.max(apart, Math.toDegrees(Math.acos(Math.min(1, Math.abs(axis.dot(other))))));
      }
    }
    if (apart < LEAST_BETWEEN_AXES_DEG) {
      Vector3d axis = axes.getFirst();
      throw new CalibrateException(
          "the tip turned about one axis only (%.2f %.2f %.2f, others within %.0f degrees of it), which leaves the camera's place along it open; turn the tip about another axis too"
              .formatted(axis.x, axis.y, axis.z, apart));
    }
  }

  /** The turn from one pose to another: angle 0 to pi. */
  private static AxisAngle4d turnBetween(Matrix4d from, Matrix4d to) {
    Matrix4d between = from.invertAffine(new Matrix4d()).mul(to);
    Quaterniond q = between.getNormalizedRotation(new Quaterniond());
    if (q.w < 0) {
      q.set(-q.x, -q.y, -q.z, -q.w);
    }
    var axis = new Vector3d(q.x, q.y, q.z);
    double sin = axis.length();
    return new AxisAngle4d(
        2 * Math.atan2(sin, q.w),
        sin > 0 ? axis.x / sin : 1,
        sin > 0 ? axis.y / sin : 0,
        sin > 0 ? axis.z / sin : 0);
  }

  private static Matrix4d mean(List<Matrix4d> poses) {
    var translation = new Vector3d();
    var rotation = new Quaterniond(0, 0, 0, 0);
    Quaterniond first = poses.getFirst().getNormalizedRotation(new Quaterniond());
    for (Matrix4d pose : poses) {
      translation.add(pose.getTranslation(new Vector3d()));
      Quaterniond q = pose.getNormalizedRotation(new Quaterniond());
      double sign = q.dot(first) < 0 ? -1 : 1;
      rotation.add(sign * q.x, sign * q.y, sign * q.z, sign * q.w);
    }
    return new Matrix4d()
        .rotation(rotation.normalize())
        .setTranslation(translation.div(poses.size()));
  }

  private static Mat rotation(Matrix4d pose) {
    return BoardView.matrix(
        new double[] {
          pose.m00(), pose.m10(), pose.m20(),
          pose.m01(), pose.m11(), pose.m21(),
          pose.m02(), pose.m12(), pose.m22()
        });
  }

  private static Mat translation(Matrix4d pose) {
    Mat translation = new Mat(3, 1, CvType.CV_64F);
    translation.put(0, 0, pose.m30(), pose.m31(), pose.m32());
    return translation;
  }

  /** Degrees, root mean square. */
  double rotationRms() {
    return rms(rotationDeg);
  }

  /** Millimetres, root mean square. */
  double translationRms() {
    return rms(translationMm);
  }

  private static double rms(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value * value;
    }
    return Math.sqrt(sum / values.length);
  }
}
