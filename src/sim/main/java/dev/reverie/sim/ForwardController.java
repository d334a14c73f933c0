package dev.reverie.sim;

import java.util.Arrays;
import java.util.Optional;

/**
 * Hands positions to the joints as they come, as ros2_control's forward_command_controller does: no
 * interpolation, no limits.
 */
final class ForwardController implements JointController {
  private double[] asked;

  ForwardController(double[] positions) {
    asked = positions.clone();
  }

  @Override
  public void hold(double[] positions) {
    asked = positions.clone();
  }

  /**
   * Takes positions.
   *
   * @return why they are dropped
   */
  Optional<String> offer(double[] positions) {
    if (positions.length != asked.length) {
      return Optional.of("sizes");
    }
    if (!Arrays.stream(positions).allMatch(Double::isFinite)) {
      return Optional.of("not finite");
    }
    asked = positions.clone();
    return Optional.empty();
  }

  @Override
  public void sample(long nowNanos, double[] positions, double[] velocities) {
    System.arraycopy(asked, 0, positions, 0, positions.length);
    Arrays.fill(velocities, 0);
  }
}
