package dev.reverie.sim;

import dev.reverie.msgs.trajectory_msgs.JointTrajectory;

/** Decides when an episode moves on; called on the executor's thread. */
sealed interface Pace extends AutoCloseable permits LockStep, MockDrivers, RealTime {
  /**
   * An episode has begun: publishes its first observation.
   *
   * @return the observation's stamp
   */
  long begin();

  void command(JointTrajectory message);

  /** Period at which {@link #watch} is to be called. */
  long watchPeriodNanos();

  void watch();

  /** Ends what goes on beside the executor. */
  @Override
  default void close() {}
}
