package dev.reverie.sim;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * A person of middling skill who touches the cube from above: some aim beside it, half of these see
 * that, lift the tip and aim anew, and the others stay where they are and fail. Moves by the
 * inverse of the tip's Jacobian, damped.
 */
final class SceneExpert {
  private static final double STEP_M = 0.025; // of the tip in a tick of 0.1 s
  private static final double MAX_STEP_RAD = 0.15;
  private static final double ABOVE_M = 0.075;
  private static final double DOWN_M = 0.028;
  private static final double ARRIVED_M = 0.012;
  private static final double MISTAKES = 0.4;
  private static final double RECOVERY = 0.5;
  private static final double BESIDE_MIN_M = 0.045;
  private static final double BESIDE_MAX_M = 0.06;
  private static final double AIM_ERROR_M = 0.004;
  private static final double TREMBLE_M = 0.002;
  private static final double DAMPING = 4e-4; // m^2

  private enum Phase {
    APPROACH,
    DOWN,
    LIFT
  }

  private final SceneArm arm;
  private final RandomGenerator random;
  private final boolean recovers;
  private double besideX;
  private double besideY;
  private Phase phase = Phase.APPROACH;
  private int ticksDown;

  /** An expert for the episode that has just begun, whose errors come from its seed. */
  SceneExpert(SceneArm arm, long seed) {
    this.arm = arm;
    random = new SplittableRandom(~seed);
    boolean mistaken = random.nextDouble() < MISTAKES;
    recovers = random.nextDouble() < RECOVERY;
    double angle = random.nextDouble(2 * Math.PI);
    double far = random.nextDouble(BESIDE_MIN_M, BESIDE_MAX_M);
    besideX = mistaken ? far * StrictMath.cos(angle) : AIM_ERROR_M * random.nextGaussian();
    besideY = mistaken ? far * StrictMath.sin(angle) : AIM_ERROR_M * random.nextGaussian();
  }

  /** The next command, once in each tick: joint positions, rad. */
  double[] command() {
    double[] tip = arm.tip();
    double[] cube = arm.cube();
    double x = cube[0] + besideX - tip[0];
    double y = cube[1] + besideY - tip[1];
    observe(Math.hypot(x, y), tip[2]);
    double[] move =
        switch (phase) {
          case APPROACH -> new double[] {x, y, ABOVE_M - tip[2]};
          case DOWN -> new double[] {x, y, DOWN_M - tip[2]};
          case LIFT -> new double[] {0, 0, ABOVE_M - tip[2]};
        };
    double length = Math.sqrt(move[0] * move[0] + move[1] * move[1] + move[2] * move[2]);
    for (int axis = 0; axis < 3; axis++) {
      move[axis] *= Math.min(1, STEP_M / Math.max(length, 1e-9));
      if (length > ARRIVED_M) { // who stands still does not tremble
        move[axis] += TREMBLE_M * random.nextGaussian();
      }
    }
    return moved(move);
  }

  private void observe(double beside, double height) {
    switch (phase) {
      case APPROACH -> {
        if (beside < ARRIVED_M && height < ABOVE_M + 2 * ARRIVED_M) {
          phase = Phase.DOWN;
          ticksDown = 0;
        }
      }
      case DOWN -> {
        boolean missed = !arm.touching() && height < DOWN_M + ARRIVED_M;
        if (missed && ++ticksDown >= 3 && recovers) {
          besideX = AIM_ERROR_M * random.nextGaussian();
          besideY = AIM_ERROR_M * random.nextGaussian();
          phase = Phase.LIFT;
        }
      }
      case LIFT -> {
        if (height > ABOVE_M - ARRIVED_M) {
          phase = Phase.APPROACH;
        }
      }
    }
  }

  /**
   * Measured positions, and the joints' part in a move of the tip: J^T (J J^T + damping)^-1 move.
   */
  private double[] moved(double[] move) {
    double[][] jacobian = arm.tipJacobian();
    double[][] square = new double[3][3];
    for (int r = 0; r < 3; r++) {
      for (int c = 0; c < 3; c++) {
        for (int i = 0; i < jacobian[r].length; i++) {
          square[r][c] += jacobian[r][i] * jacobian[c][i];
        }
      }
      square[r][r] += DAMPING;
    }
    double[] force = solved(square, move);
    double[] positions = arm.positions();
    double[] step = new double[positions.length];
    double largest = MAX_STEP_RAD;
    for (int i = 0; i < step.length; i++) {
      for (int axis = 0; axis < 3; axis++) {
        step[i] += jacobian[axis][i] * force[axis];
      }
      largest = Math.max(largest, Math.abs(step[i]));
    }
    for (int i = 0; i < step.length; i++) {
      positions[i] += step[i] * MAX_STEP_RAD / largest;
    }
    return arm.withinLimits(positions);
  }

  /** Cramer's rule. */
  private static double[] solved(double[][] a, double[] b) {
    double determinant = determinant(a);
    double[] x = new double[3];
    for (int column = 0; column < 3; column++) {
      double[][] replaced = {a[0].clone(), a[1].clone(), a[2].clone()};
      for (int row = 0; row < 3; row++) {
        replaced[row][column] = b[row];
      }
      x[column] = determinant(replaced) / determinant;
    }
    return x;
  }

  private static double determinant(double[][] m) {
    return m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1])
        - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0])
        + m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0]);
  }
}
