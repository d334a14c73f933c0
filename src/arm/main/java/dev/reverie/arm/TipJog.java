package dev.reverie.arm;

import java.util.List;
import org.joml.Matrix4d;
import org.joml.Vector3d;

/**
 * Moves the joints so that the tip goes with a velocity: a damped least squares step of the
 * Jacobian (Nakamura and Hanafusa, 1986), slower near singularities. An arm with less than six
 * joints keeps the translation before the turn. Not thread-safe.
 */
public final class TipJog {
  /** Length that a radian counts for, metres: translation goes before turning. */
  private static final double METRES_PER_RADIAN = 0.05;

  /** Below this the damping grows: about the shortest lever, metres. */
  private static final double DAMPING = 0.01;

  private final Urdf urdf;
  private final List<String> joints;
  private final String tipLink;
  private final KinematicChain chain;
  private final double[][] jacobian;

  /**
   * Creates the jog of a tip.
   *
   * @param joints names in the URDF, in the order of the positions
   * @param tipLink link of the URDF
   * @throws ArmException where the joints do not move such a link
   */
  public TipJog(Urdf urdf, List<String> joints, String tipLink) {
    this.urdf = urdf;
    this.joints = List.copyOf(joints);
    this.tipLink = tipLink;
    chain = KinematicChain.of(urdf, joints, urdf.root(), tipLink);
    jacobian = new double[6][chain.size()];
  }

  /**
   * Returns the joint positions after a step.
   *
   * @param from rad
   * @param frame link in whose axes the velocity is given: one that stands still, or the tip;
   *     empty: the root of the URDF
   * @param linear x, y, z of the tip, m/s
   * @param angular about x, y, z, rad/s
   * @param seconds that the step lasts
   * @throws ArmException where there is no such frame, or another joint moves it
   */
  public double[] step(
      double[] from, String frame, double[] linear, double[] angular, double seconds) {
    Matrix4d hand = chain.forward(from);
    Vector3d point = hand.transformPosition(chain.tipInHand(), new Vector3d());
    chain.jacobian(point, jacobian);
    Matrix4d axes = axes(from, frame);
    double[] wanted = new double[6];
    rotate(axes, linear, wanted, 0);
    rotate(axes, angular, wanted, 3);
    int n = chain.size();
    double[][] normal = new double[n][n];
    double[] x = new double[n];
    for (int r = 0; r < 6; r++) {
      double weight = r < 3 ? 1 : METRES_PER_RADIAN * METRES_PER_RADIAN;
      for (int i = 0; i < n; i++) {
        x[i] += weight * jacobian[r][i] * wanted[r];
        for (int j = 0; j < n; j++) {
          normal[i][j] += weight * jacobian[r][i] * jacobian[r][j];
        }
      }
    }
    DampedLeastSquares.divide(normal, DAMPING * DAMPING, x);
    double[] to = from.clone();
    for (int i = 0; i < n; i++) {
      to[chain.jointIndex(i)] += x[i] * seconds;
    }
    return to;
  }

  /** Turn from a frame's axes to those of the root. */
  private Matrix4d axes(double[] from, String frame) {
    if (frame.isEmpty() || frame.equals(urdf.root())) {
      return new Matrix4d();
    }
    if (frame.equals(tipLink)) {
      return chain.tipPose(from, new Matrix4d());
    }
    // The tip's pose from the root, then back by its pose from the frame.
    Matrix4d inFrame =
        KinematicChain.of(urdf, joints, frame, tipLink).tipPose(from, new Matrix4d());
    return chain.tipPose(from, new Matrix4d()).mul(inFrame.invertAffine());
  }

  private static void rotate(Matrix4d axes, double[] vector, double[] into, int offset) {
    var turned = axes.transformDirection(new Vector3d(vector[0], vector[1], vector[2]));
    for (int i = 0; i < 3; i++) {
      into[offset + i] = turned.get(i);
    }
  }
}
