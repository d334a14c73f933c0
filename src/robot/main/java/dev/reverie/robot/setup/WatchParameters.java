package dev.reverie.robot.setup;

import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.ParameterDeclaration;

/**
 * The parameters of when a policy that was swapped in is rolled back by itself; 0 is never.
 *
 * @param failures inferences in a row that failed
 * @param slow inferences in a row that took too long
 * @param maxInferenceS what is too long, s; 0: longer than the actions of a chunk last
 * @param limitedTicks ticks in a row that the safety gate limited
 * @param expectedSuccess share of its episodes that a good policy succeeds in
 * @param tooLittleSuccess share at which it is to be sent back
 */
public record WatchParameters(
    long failures,
    long slow,
    double maxInferenceS,
    long limitedTicks,
    double expectedSuccess,
    double tooLittleSuccess) {
  /** The values where nothing is said. */
  static final WatchParameters DEFAULT = new WatchParameters(3, 10, 0, 0, 0, 0);

  /** Checks that the two shares can be told apart. */
  public WatchParameters {
    if (expectedSuccess > 0 && !(expectedSuccess < 1 && tooLittleSuccess < expectedSuccess)) {
      throw new RobotException(
          "parameters swap.expected_success %s and swap.too_little_success %s; give shares of episodes below 1, the second below the first, or 0 for the first"
              .formatted(expectedSuccess, tooLittleSuccess));
    }
    if (expectedSuccess > 0 && tooLittleSuccess == 0) {
      tooLittleSuccess = expectedSuccess / 2;
    }
  }

  /** Declares and reads them. */
  static WatchParameters read(Node node) {
    return new WatchParameters(
        RobotParameters.declare(
            node,
            ParameterDeclaration.of("swap.max_failures", DEFAULT.failures).range(0, 1000),
            "inferences in a row that fail before a new policy is rolled back; 0: never"),
        RobotParameters.declare(
            node,
            ParameterDeclaration.of("swap.max_slow", DEFAULT.slow).range(0, 100_000),
            "inferences in a row that are too slow before a new policy is rolled back; 0: never"),
        RobotParameters.declare(
            node,
            ParameterDeclaration.of("swap.max_inference_s", DEFAULT.maxInferenceS).range(0, 3600),
            "s; a longer inference is too slow; 0: one longer than the actions of a chunk last"),
        RobotParameters.declare(
            node,
            ParameterDeclaration.of("swap.max_limited_ticks", DEFAULT.limitedTicks)
                .range(0, 1_000_000),
            "limited ticks in a row before a new policy is rolled back; 0: never"),
        RobotParameters.declare(
            node,
            ParameterDeclaration.of("swap.expected_success", DEFAULT.expectedSuccess).range(0, 1),
            "share of its episodes that a new policy is expected to succeed in; 0: nobody looks"),
        RobotParameters.declare(
            node,
            ParameterDeclaration.of("swap.too_little_success", DEFAULT.tooLittleSuccess)
                .range(0, 1),
            "share at which a new policy is rolled back; 0: half of what is expected"));
  }
}
