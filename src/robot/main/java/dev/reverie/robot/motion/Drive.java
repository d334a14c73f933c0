package dev.reverie.robot.motion;

import dev.reverie.arm.Reference;
import dev.reverie.msgs.trajectory_msgs.JointTrajectory;
import dev.reverie.robot.sense.HoldReason;
import java.util.Optional;
import java.util.function.LongFunction;

/** Brings what the arm is asked to do to its controller. Thread-safe. */
public interface Drive extends AutoCloseable {
  /** Begins to bring a reference; another one than before begins where the arm is. */
  void follow(Reference reference);

  /** Tells of a new plan of the reference. */
  void planned(double[] measured);

  /** Tells of a plan that brakes: it goes out at once, whatever has not been answered. */
  default void brake(double[] measured) {
    planned(measured);
  }

  /** Tells that the arm is stopped: nothing more once it rests. */
  void release();

  /** Sends an arm that no reference moves somewhere, by a trajectory of all joints. */
  void stay(JointTrajectory where);

  /**
   * Returns what the controller asks of the arm by a time, by {@link System#nanoTime}, as long as
   * nothing else is sent; empty where it is sent no trajectories on a topic.
   */
  default Optional<LongFunction<MotionState>> asked() {
    return Optional.empty();
  }

  /** Returns that nobody is there to take what this brings; empty where it cannot tell. */
  default Optional<HoldReason> absent() {
    return Optional.empty();
  }

  /** Returns what the controller refused or did not do just now. */
  default Optional<HoldReason> trouble() {
    return Optional.empty();
  }

  /** Returns why the arm may not be moved: the controller goes on refusing. */
  default Optional<HoldReason> fault() {
    return Optional.empty();
  }

  @Override
  default void close() {}
}
