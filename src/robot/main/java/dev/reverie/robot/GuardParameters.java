package dev.reverie.robot;

import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.ParameterDeclaration;

/**
 * The parameters of what looks after a moving arm.
 *
 * @param followToleranceRad a joint that is farther from all that it was told in the last {@code
 *     followDelayS} does not follow; rad, or m for a prismatic joint; 0: nothing is looked at
 * @param followDelayS time that the arm may be behind
 */
record GuardParameters(double followToleranceRad, double followDelayS) {
  /** What they are where nothing is said. */
  static final GuardParameters DEFAULT = new GuardParameters(0.2, 0.3);

  /** Declares and reads them. */
  static GuardParameters read(Node node) {
    return new GuardParameters(
        RobotParameters.declare(
            node,
            ParameterDeclaration.of("follow_tolerance_rad", DEFAULT.followToleranceRad)
                .range(0, 100),
            "rad, or m; a joint that stays farther from what it was told holds the arm; 0: never"),
        RobotParameters.declare(
            node,
            ParameterDeclaration.of("follow_delay_s", DEFAULT.followDelayS).range(0, 10),
            "s that the arm may be behind what it was told"));
  }
}
