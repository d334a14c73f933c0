package dev.reverie.arm;

import java.util.Optional;
import java.util.stream.IntStream;
import org.joml.Matrix3d;
import org.joml.Matrix3dc;
import org.joml.Vector3d;
import org.joml.Vector3dc;
import org.jspecify.annotations.Nullable;

/**
 * Inverse kinematics by damped least squares with Levenberg's choice of the damping: quadratic near
 * the solution, and the nearest pose where the target is out of reach. It stays on the branch that
 * it starts from. A joint that would leave its bounds stays at them, and the others do the rest.
 * Not thread-safe.
 */
final class DampedLeastSquares {
  private static final int MAX_ITERATIONS = 60;

  /** Metres and radians together; far below what an encoder resolves. */
  private static final double TOLERANCE = 1e-11;

  private static final int[] ALL = {0, 1, 2};
  private static final double FIRST_DAMPING = 1e-6;
  private static final double MAX_DAMPING = 1e6;

  /**
   * Joint positions differ by so much, rad, where a start that no joint leads away from is left.
   */
  private static final double NUDGE = 0.01;

  private final KinematicChain chain;
  private final Optional<JointSpace> bounds;
  private int[] rows = ALL;
  private final double[][] jacobian;
  private final double[][] normal;
  private final double[] gradient;
  private final double[] error = new double[6];
  private final Matrix3d turn = new Matrix3d();
  private final Vector3d rotation = new Vector3d();
  private final Vector3d point = new Vector3d();

  /**
   * Creates the solver of a chain.
   *
   * @param bounds of the joints, by their places in the vectors; empty for none
   */
  DampedLeastSquares(KinematicChain chain, Optional<JointSpace> bounds) {
    this.chain = chain;
    this.bounds = bounds;
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
    return solve(start, pointInHand, target, orientation, ALL);
  }

  /**
   * Finds joint positions as {@link #solve(double[], Vector3dc, Vector3dc, Matrix3dc)} does, for a
   * hand that may turn freely about some axes.
   *
   * @param turns axes of the frame about which the orientation counts, of 0, 1, 2
   */
  double[] solve(
      double[] start,
      Vector3dc pointInHand,
      Vector3dc target,
      @Nullable Matrix3dc orientation,
      int[] turns) {
    rows =
        orientation == null
            ? ALL
            : IntStream.concat(IntStream.of(ALL), IntStream.of(turns).map(t -> t + 3)).toArray();
    double[] solved = descend(start, start, pointInHand, target, orientation);
    double left = error(solved, pointInHand, target, orientation);
    if (bounds.isEmpty() || left <= TOLERANCE * TOLERANCE || distance(start, solved) > 1e-9) {
      return solved;
    }
    // No joint leads away from here, as where an arm is stretched out: begin a little beside.
    double[] beside = start.clone();
    for (int i = 0; i < chain.size(); i++) {
      beside[chain.jointIndex(i)] += (i % 2 == 0 ? 1 : -1) * NUDGE;
    }
    double[] other = descend(start, beside, pointInHand, target, orientation);
    return error(other, pointInHand, target, orientation) < 0.5 * left ? other : solved;
  }

  private double distance(double[] one, double[] other) {
    double most = 0;
    for (int i = 0; i < chain.size(); i++) {
      int j = chain.jointIndex(i);
      most = Math.max(most, Math.abs(one[j] - other[j]));
    }
    return most;
  }

  private double[] descend(
      double[] start,
      double[] first,
      Vector3dc pointInHand,
      Vector3dc target,
      @Nullable Matrix3dc orientation) {
    double[] positions = first.clone();
    double[] trial = first.clone();
    double damping = FIRST_DAMPING;
    double squared = error(positions, pointInHand, target, orientation);
    for (int i = 0; i < MAX_ITERATIONS && squared > TOLERANCE * TOLERANCE; i++) {
      chain.jacobian(point, jacobian);
      normalEquations();
      lock(start, positions);
      double trialSquared = squared;
      do {
        step(positions, damping, trial);
        bounded(start, trial);
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
    for (int r : rows) {
      sum += error[r] * error[r];
    }
    return sum;
  }

  /** normal = J^T J, gradient = J^T e. */
  private void normalEquations() {
    int n = gradient.length;
    for (int i = 0; i < n; i++) {
      gradient[i] = 0;
      for (int r : rows) {
        gradient[i] += jacobian[r][i] * error[r];
      }
      for (int j = 0; j <= i; j++) {
        double sum = 0;
        for (int r : rows) {
          sum += jacobian[r][i] * jacobian[r][j];
        }
        normal[i][j] = sum;
        normal[j][i] = sum;
      }
    }
  }

  /** Takes joints out of the equations that are at a bound and would go beyond it. */
  private void lock(double[] start, double[] positions) {
    if (bounds.isEmpty()) {
      return;
    }
    for (int i = 0; i < gradient.length; i++) {
      int j = chain.jointIndex(i);
      if ((positions[j] <= lower(start, j) && gradient[i] < 0)
          || (positions[j] >= upper(start, j) && gradient[i] > 0)) {
        gradient[i] = 0;
        for (int k = 0; k < gradient.length; k++) {
          normal[i][k] = i == k ? 1 : 0;
          normal[k][i] = i == k ? 1 : 0;
        }
      }
    }
  }

  private void bounded(double[] start, double[] trial) {
    for (int i = 0; bounds.isPresent() && i < gradient.length; i++) {
      int j = chain.jointIndex(i);
      trial[j] = Math.clamp(trial[j], lower(start, j), upper(start, j));
    }
  }

  /** A joint that is measured beyond its bounds may stay there. */
  private double lower(double[] start, int j) {
    return Math.min(start[j], bounds.orElseThrow().of(j).lower());
  }

  private double upper(double[] start, int j) {
    return Math.max(start[j], bounds.orElseThrow().of(j).upper());
  }

  /** trial = from + (J^T J + damping I)^-1 J^T e. */
  private void step(double[] from, double damping, double[] trial) {
    double[] x = gradient.clone();
    divide(normal, damping, x);
    for (int i = 0; i < x.length; i++) {
      int index = chain.jointIndex(i);
      trial[index] = from[index] + x[i];
    }
  }

  /**
   * x = (normal + damping I)^-1 x, by Cholesky's decomposition.
   *
   * @param normal symmetric, positive semi-definite
   */
  static void divide(double[][] normal, double damping, double[] x) {
    int n = x.length;
    double[][] factor = new double[n][n];
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
  }
}
