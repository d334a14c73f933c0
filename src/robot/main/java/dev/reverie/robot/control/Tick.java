package dev.reverie.robot.control;

import dev.reverie.arm.Limit;
import dev.reverie.robot.control.ActionQueue.Action;
import dev.reverie.robot.sense.HoldReason;
import dev.reverie.robot.sense.JointSample;
import java.util.List;
import java.util.Optional;

/** Decision on one control tick. */
sealed interface Tick {
  /** Returns why the arm is not moved; empty where it is, or where the tick waits. */
  default Optional<HoldReason> why() {
    return switch (this) {
      case Refused refused -> Optional.of(refused.reason);
      case Held held -> Optional.of(held.reason);
      case Blind blind -> Optional.of(blind.reason);
      case Sent _, Waiting _ -> Optional.empty();
    };
  }

  /** Answer to an observation: joint positions go to the arm. */
  sealed interface Answer extends Tick {
    /** Returns the number of the command in its episode, from 0. */
    int number();

    /** The joint state of the observation. */
    JointSample measured();

    /** Returns the joint positions that go to the arm, rad. */
    double[] positions();
  }

  /**
   * The arm does what the policy or a person asked for.
   *
   * @param person who acts; empty where the policy does
   * @param limits that the target was brought within
   */
  record Sent(
      int number,
      JointSample measured,
      double[] positions,
      Action action,
      Optional<String> person,
      List<Limit> limits)
      implements Answer {}

  /**
   * The arm stays at its last command: what was asked for is refused.
   *
   * @param person who asked; empty where the policy did
   */
  record Refused(
      int number,
      JointSample measured,
      double[] positions,
      Optional<String> person,
      HoldReason reason)
      implements Answer {}

  /** There is nothing to do: the arm stays at its last command. */
  record Held(int number, JointSample measured, double[] positions, HoldReason reason)
      implements Answer {}

  /** There is no observation to answer: no command, the arm stays where its last one led. */
  record Blind(HoldReason reason) implements Tick {}

  /** The tick of an observation waits for an inference, or for a person. */
  record Waiting() implements Tick {}
}
