package dev.reverie.sim;

/**
 * Joint steps for a motion of the hand in space: damped least squares, J^T (J J^T + damping)^-1,
 * and beside it a pull of the arm towards the posture where it began.
 */
final class TipMotion {
  private static final double DAMPING = 0.0025;
  private static final double POSTURE = 0.05;

  private final SceneArm arm;
  private final int site;
  private final int joints;
  private final double[] posture;

  /**
   * Moves a hand.
   *
   * @param site on the hand
   * @param posture [joints] of the first joints, which are the arm's without its gripper, rad
   */
  TipMotion(SceneArm arm, String site, double[] posture) {
    this.arm = arm;
    this.site = arm.simulation().siteId(site);
    this.posture = posture.clone();
    joints = posture.length;
  }

  /** [3] where the hand is, metres. */
  double[] position() {
    return arm.simulation().sitePositions().toArray(3 * site, 3);
  }

  /** [3, 3] hand to world. */
  double[] rotation() {
    return arm.simulation().siteRotations().toArray(9 * site, 9);
  }

  /**
   * Returns where the joints are to go.
   *
   * @param from [joints] what was asked of them last, rad
   * @param motion [6] of the hand, metres and radians, in the world
   */
  double[] joints(double[] from, double[] motion) {
    double[][] jacobian = jacobian();
    double[] back = new double[joints];
    double[] moved = new double[6];
    for (int joint = 0; joint < joints; joint++) {
      back[joint] = POSTURE * (posture[joint] - from[joint]);
      for (int row = 0; row < 6; row++) {
        moved[row] += jacobian[row][joint] * back[joint];
      }
    }
    double[][] square = new double[6][6];
    double[] wanted = new double[6];
    for (int r = 0; r < 6; r++) {
      wanted[r] = motion[r] - moved[r];
      for (int c = 0; c < 6; c++) {
        for (int joint = 0; joint < joints; joint++) {
          square[r][c] += jacobian[r][joint] * jacobian[c][joint];
        }
      }
      square[r][r] += DAMPING;
    }
    double[] force = solved(square, wanted);
    double[] to = from.clone();
    for (int joint = 0; joint < joints; joint++) {
      to[joint] += back[joint];
      for (int row = 0; row < 6; row++) {
        to[joint] += jacobian[row][joint] * force[row];
      }
    }
    return to;
  }

  /** [6][joints] metres and radians a radian. */
  private double[][] jacobian() {
    double[] moves = arm.simulation().siteJacobian(site);
    double[] turns = arm.simulation().siteTurning();
    double[][] jacobian = new double[6][joints];
    for (int axis = 0; axis < 3; axis++) {
      for (int joint = 0; joint < joints; joint++) {
        int at = axis * moves.length / 3 + arm.joints().get(joint).velocity();
        jacobian[axis][joint] = moves[at];
        jacobian[3 + axis][joint] = turns[at];
      }
    }
    return jacobian;
  }

  /** Gauss, without pivots: the matrix is positive definite. */
  private static double[] solved(double[][] a, double[] b) {
    int n = b.length;
    for (int column = 0; column < n; column++) {
      for (int row = column + 1; row < n; row++) {
        double factor = a[row][column] / a[column][column];
        for (int k = column; k < n; k++) {
          a[row][k] -= factor * a[column][k];
        }
        b[row] -= factor * b[column];
      }
    }
    double[] x = new double[n];
    for (int row = n - 1; row >= 0; row--) {
      double sum = b[row];
      for (int k = row + 1; k < n; k++) {
        sum -= a[row][k] * x[k];
      }
      x[row] = sum / a[row][row];
    }
    return x;
  }
}
