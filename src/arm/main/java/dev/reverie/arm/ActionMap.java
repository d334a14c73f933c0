package dev.reverie.arm;

import java.util.List;

/** Turns actions into joint targets, and back. Not thread-safe. */
public interface ActionMap {
  /**
   * Target of an action.
   *
   * @param positions rad, in the order of the policy's joints
   * @param limits of the action space that it was brought within
   */
  record Target(double[] positions, List<Limit> limits) {}

  /** Called with the first measurement of an episode, rad. */
  default void begin(double[] measured) {}

  /**
   * Returns the joint positions that an action of a chunk asks for.
   *
   * @param measured rad, in the order of the policy's joints
   * @param actions [K, D] row-major, in [-1, 1]
   * @param k which of the K
   */
  Target target(double[] measured, float[] actions, int k);

  /**
   * Returns the difference between two numbers of an action that mean the same: a full turn, where
   * a number is the position of a continuous joint; else infinity.
   *
   * @param d which of the D
   */
  double turn(int d);

  /** Returns the action [D] in [-1, 1] that would have led to a target, or comes nearest to it. */
  float[] action(double[] measured, double[] target);
}
