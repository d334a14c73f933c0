package dev.reverie.sim;

import dev.reverie.msgs.trajectory_msgs.JointTrajectory;

/** When an episode moves on. On the executor's thread. */
sealed interface Pace permits LockStep, RealTime {

  /**
   * An episode has begun: publishes its first observation.
   *
   * @return the observation's stamp
   */
  long begin();

  void command(JointTrajectory message);

  /** How often {@link #watch} is to be called. */
  long watchPeriodNanos();

  void watch();
}
