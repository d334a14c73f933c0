package dev.reverie.arm;

import org.joml.Matrix3d;
import org.joml.Matrix3dc;
import org.joml.Vector3d;
import org.joml.Vector3dc;
import org.jspecify.annotations.Nullable;

/**
 * Inverse kinematics by damped least squares with Levenberg's choice of the damping: quadratic near
 * the solution, and the nearest pose where the target is out of reach. It stays on the branch that
 * it starts from. Not thread-safe.
 */
final class DampedLeastSquares {
  private static final int MAX_ITERATIONS = 60;

  /** Metres and radians together; far below what an encoder resolves. */
  private static final double TOLERANCE = 1e-11;

  private static final double FIRST_DAMPING = 1e-6;
  private static final double MAX_DAMPING = 1e6;

  private final KinematicChain chain;
  private final double[][] jacobian;
  private final double[][] normal;
  private final double[] gradient;
  private final double[] error = new double[6];
  private final Matrix3d turn = new Matrix3d();
  private final Vector3d rotation = new Vector3d();
  private final Vector3d point = new Vector3d();

  DampedLeastSquares(KinematicChain chain) {
    this.chain = chain;
    int n = chain.size();
    jacobian = new double[6][n];
    normal = new double[n][n];
    gradient = new double[n];
  }

  /**
   * Finds joint positions near {@code start} that bring a point of the hand to a target.
   *
   * @param start joint positions; joints outside of the chain keep theirs
   * @param pointInHand metres
   * @param target of the point, in the chain's frame, metres
   * @param orientation of the hand in the chain's frame; null leaves it free
   */
  double[] solve(
      double[] start, Vector3dc pointInHand, Vector3dc target, @Nullable Matrix3dc orientation) {
    double[] positions = start.clone();
    double[] trial = start.clone();
    double damping = FIRST_DAMPING;
    double squared = error(positions, pointInHand, target, orientation);
    for (int i = 0; i < MAX_ITERATIONS && squared > TOLERANCE * TOLERANCE; i++) {
      chain.jacobian(point, jacobian);
      normalEquations(orientation == null ? 3 : 6);
      double trialSquared = squared;
      do {
        step(positions, damping, trial);
        trialSquared = error(trial, pointInHand, target, orientation);
        damping *= trialSquared < squared ? 0.01 : 10;
      } while (!(trialSquared < squared) && damping < MAX_DAMPING);
      if (!(trialSquared < squared)) {
        break; // no direction is downhill: the nearest pose is reached
      }
      System.arraycopy(trial, 0, positions, 0, trial.length);
      squared = trialSquared;
    }
    return positions;
  }

  /** Sets error and point to joint positions; returns the squared norm of the error. */
  private double error(
      double[] positions,
      Vector3dc pointInHand,
      Vector3dc target,
      @Nullable Matrix3dc orientation) {
    var hand = chain.forward(positions);
    hand.transformPosition(pointInHand, point);
    for (int r = 0; r < 3; r++) {
      error[r] = target.get(r) - point.get(r);
      error[r + 3] = 0;
    }
    if (orientation != null) {
      hand.get3x3(turn).transpose(turn); // the turn that is missing, as a rotation vector
      orientation.mul(turn, turn);
      Rotations.vector(turn, rotation);
      for (int r = 0; r < 3; r++) {
        error[r + 3] = rotation.get(r);
      }
    }
    double sum = 0;
    for (double e : error) {
      sum += e * e;
    }
    return sum;
  }

  /** normal = J^T J, gradient = J^T e. */
  private void normalEquations(int rows) {
    int n = gradient.length;
    for (int i = 0; i < n; i++) {
      gradient[i] = 0;
      for (int r = 0; r < rows; r++) {
        gradient[i] += jacobian[r][i] * error[r];
      }
      for (int j = 0; j <= i; j++) {
        double sum = 0;
        for (int r = 0; r < rows; r++) {
          sum += jacobian[r][i] * jacobian[r][j];
        }
        normal[i][j] = sum;
        normal[j][i] = sum;
      }
    }
  }

  /** trial = from + (J^T J + damping I)^-1 J^T e, by Cholesky's decomposition. */
  private void step(double[] from, double damping, double[] trial) {
    int n = gradient.length;
    double[][] factor = new double[n][n];
    double[] x = gradient.clone();
    for (int i = 0; i < n; i++) {
      for (int j = 0; j <= i; j++) {
        double sum = normal[i][j] + (i == j ? damping : 0);
        for (int k = 0; k < j; k++) {
          sum -= factor[i][k] * factor[j][k];
        }
        factor[i][j] = i == j ? Math.sqrt(Math.max(sum, 1e-300)) : sum / factor[j][j];
      }
    }
    for (int i = 0; i < n; i++) {
      for (int k = 0; k < i; k++) {
        x[i] -= factor[i][k] * x[k];
      }
      x[i] /= factor[i][i];
    }
    for (int i = n - 1; i >= 0; i--) {
      for (int k = i + 1; k < n; k++) {
        x[i] -= factor[k][i] * x[k];
      }
      x[i] /= factor[i][i];
    }
    for (int i = 0; i < n; i++) {
      int index = chain.jointIndex(i);
      trial[index] = from[index] + x[i];
    }
  }
}
