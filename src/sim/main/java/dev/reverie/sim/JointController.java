package dev.reverie.sim;

/** Says what is asked of the joints at each instant, as a controller of ros2_control does. */
sealed interface JointController permits TrajectoryController, ForwardController {
  /**
   * Tells what is asked of the joints.
   *
   * @param nowNanos never before that of an earlier call
   * @param positions receives rad or m
   * @param velocities receives rad/s or m/s
   */
  void sample(long nowNanos, double[] positions, double[] velocities);

  /** Forgets what it was told, and holds. */
  void hold(double[] positions);
}
