package dev.reverie.sim;

import java.util.List;

/**
 * The geometry of the planar arm: two links of equal length in the plane y = 0 and a peg that is
 * kept vertical. StrictMath, so that an episode is the same on every machine.
 */
final class PegArm {
  static final List<String> JOINTS = List.of("shoulder", "elbow", "wrist");
  static final double BASE_X_M = 0.5;
  static final double BASE_Z_M = 1.0;
  static final double LINK_M = 0.42;

  /** Lower end stops of the joints, as in the URDF, rad; {@link #UPPER} are the upper ones. */
  private static final double[] LOWER = {-4.0, 0.5, -0.9};

  private static final double[] UPPER = {-1.2, 2.8, 2.0};

  /** Distance from the wrist down to the tip of the peg. */
  static final double REACH_M = 0.24;

  /** Bounds of where the tip may be sent. */
  static final double MIN_X_M = 0.08;

  static final double MAX_X_M = 0.92;
  static final double MIN_Z_M = 0.08;
  static final double MAX_Z_M = 0.60;

  /** Squares of the distances from shoulder to wrist that keep the elbow off its singularities. */
  private static final double MIN_REACH_SQUARED = 0.04;

  private static final double MAX_REACH_SQUARED = (2 * LINK_M - 0.004) * (2 * LINK_M - 0.004);

  /** Place of the tip, metres. */
  record Tip(double x, double z) {
    Tip plus(double dx, double dz) {
      return new Tip(x + dx, z + dz);
    }

    /** The nearest point of the workspace. */
    Tip clamped() {
      return new Tip(Math.clamp(x, MIN_X_M, MAX_X_M), Math.clamp(z, MIN_Z_M, MAX_Z_M));
    }
  }

  private PegArm() {}

  /** The nearest joint positions within the end stops. */
  static double[] withinLimits(double[] q) {
    double[] bounded = q.clone();
    for (int joint = 0; joint < bounded.length; joint++) {
      bounded[joint] = Math.clamp(q[joint], LOWER[joint], UPPER[joint]);
    }
    return bounded;
  }

  /** Shoulder, elbow and wrist for a tip with the peg vertical, elbow to the left; rad. */
  static double[] inverse(Tip tip) {
    double x = tip.x - BASE_X_M;
    double z = tip.z + REACH_M - BASE_Z_M;
    double squared = Math.clamp(x * x + z * z, MIN_REACH_SQUARED, MAX_REACH_SQUARED);
    double elbow = StrictMath.acos((squared - 2 * LINK_M * LINK_M) / (2 * LINK_M * LINK_M));
    double shoulder = StrictMath.atan2(z, x) - elbow / 2;
    return new double[] {shoulder, elbow, -(shoulder + elbow)};
  }

  /** The tip that these joint positions would have if the peg were vertical. */
  static Tip forward(double[] q) {
    return new Tip(
        BASE_X_M + LINK_M * (StrictMath.cos(q[0]) + StrictMath.cos(q[0] + q[1])),
        BASE_Z_M + LINK_M * (StrictMath.sin(q[0]) + StrictMath.sin(q[0] + q[1])) - REACH_M);
  }
}
