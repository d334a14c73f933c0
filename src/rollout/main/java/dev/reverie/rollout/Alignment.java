package dev.reverie.rollout;

import java.time.Duration;

/**
 * Tolerances of the stamps that belong to one observation. The message with the very stamp of the
 * command is taken where there is one, otherwise the nearest within the tolerance.
 *
 * @param joints joint state to command
 * @param images image to command
 */
public record Alignment(Duration joints, Duration images) {
  /**
   * Two periods of a 100 Hz joint state; one and a half of a 30 Hz camera, which is not
   * synchronised with the arm. Simulated arms stamp everything alike and need neither.
   */
  public static final Alignment DEFAULT =
      new Alignment(Duration.ofMillis(20), Duration.ofMillis(50));

  /** Checks that neither tolerance is negative. */
  public Alignment {
    if (joints.isNegative() || images.isNegative()) {
      throw new IllegalArgumentException(
          "tolerances %s and %s: neither may be negative".formatted(joints, images));
    }
  }
}
