package dev.reverie.robot.setup;

import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.ParameterDeclaration;

/**
 * The parameters of what looks after a moving arm.
 *
 * @param followToleranceRad a joint that is farther from all that it was told in the last {@code
 *     followDelayS} does not follow; rad, or m for a prismatic joint; 0: nothing is looked at
 * @param followDelayS time that the arm may be behind
 * @param inferenceTimeoutS an inference that takes longer is ended, where its bundle says nothing
 *     else; 0: never
 * @param shadow when commands go beside the arm
 */
public record GuardParameters(
    double followToleranceRad, double followDelayS, double inferenceTimeoutS, ShadowMode shadow) {
  /** The values where nothing is said. */
  public static final GuardParameters DEFAULT = new GuardParameters(0.2, 0.3, 10, ShadowMode.AUTO);

  /** Declares and reads them. */
  static GuardParameters read(Node node, boolean lockStep) {
    return new GuardParameters(
        RobotParameters.declare(
            node,
            ParameterDeclaration.of("follow_tolerance_rad", DEFAULT.followToleranceRad)
                .range(0, 100),
            "rad, or m; a joint that stays farther from what it was told holds the arm; 0: never"),
        RobotParameters.declare(
            node,
            ParameterDeclaration.of("follow_delay_s", DEFAULT.followDelayS).range(0, 10),
            "s that the arm may be behind what it was told"),
        RobotParameters.declare(
            node,
            ParameterDeclaration.of("inference_timeout_s", DEFAULT.inferenceTimeoutS)
                .range(0, 3600),
            "s; an inference that takes longer is ended, where its bundle has no"
                + " limits.inference_s; 0: never"),
        shadow(node, lockStep));
  }

  private static ShadowMode shadow(Node node, boolean lockStep) {
    String text =
        RobotParameters.declare(
            node,
            ParameterDeclaration.of("shadow", "auto").constrainedTo("auto, always or never"),
            "when commands go beside the arm: always, never, or auto, for a policy that has never"
                + " moved the arm of the arm file");
    ShadowMode mode = MotionParameters.one(ShadowMode.class, "shadow", text);
    if (mode == ShadowMode.ALWAYS && lockStep) {
      throw new RobotException(
          "parameter shadow is 'always' in lock-step, where each observation waits for its command;"
              + " give never or auto");
    }
    return mode;
  }
}
