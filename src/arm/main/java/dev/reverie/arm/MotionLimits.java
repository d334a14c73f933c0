package dev.reverie.arm;

/**
 * Says how an arm may move: for each joint, in the order of the joints. Radians, or metres for
 * prismatic joints; seconds. What nobody says is taken from the velocity limit: a joint takes
 * {@value #STOP_S} s to its full speed, and the acceleration builds up in {@value #RISE_S} s.
 *
 * @param step at most, between two commands
 */
public record MotionLimits(
    double[] lower,
    double[] upper,
    double[] velocity,
    double[] acceleration,
    double[] jerk,
    double[] step) {
  /** Time from rest to the velocity limit, s. */
  private static final double STOP_S = 0.25;

  /** Small servo arms have velocity limits of 10 rad/s, which no table stands still at. */
  private static final double MAX_ACCELERATION = 20;

  /** Time from no acceleration to the acceleration limit, s. */
  private static final double RISE_S = 0.05;

  /** Returns how the joints may move. */
  public static MotionLimits of(JointSpace space) {
    int n = space.size();
    var limits =
        new MotionLimits(
            new double[n],
            new double[n],
            new double[n],
            new double[n],
            new double[n],
            new double[n]);
    for (int i = 0; i < n; i++) {
      JointBounds bounds = space.of(i);
      limits.lower[i] = bounds.lower();
      limits.upper[i] = bounds.upper();
      limits.velocity[i] = bounds.velocity();
      limits.step[i] = bounds.step();
      limits.acceleration[i] =
          Double.isInfinite(bounds.acceleration())
              ? Math.min(bounds.velocity() / STOP_S, MAX_ACCELERATION)
              : bounds.acceleration();
      limits.jerk[i] =
          Double.isInfinite(bounds.jerk()) ? limits.acceleration[i] / RISE_S : bounds.jerk();
    }
    return limits;
  }

  /** Number of joints. */
  public int size() {
    return lower.length;
  }
}
