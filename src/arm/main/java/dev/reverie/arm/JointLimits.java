package dev.reverie.arm;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Limits of one joint that somebody wrote; infinite where nobody did. Radians, or metres for a
 * prismatic joint; seconds.
 *
 * @param step at most, between two commands
 */
public record JointLimits(
    double lower, double upper, double velocity, double acceleration, double jerk, double step) {
  /** No limits. */
  public static final JointLimits NONE =
      new JointLimits(
          Double.NEGATIVE_INFINITY,
          Double.POSITIVE_INFINITY,
          Double.POSITIVE_INFINITY,
          Double.POSITIVE_INFINITY,
          Double.POSITIVE_INFINITY,
          Double.POSITIVE_INFINITY);

  /** Checks the signs. */
  public JointLimits {
    if (!(lower < upper)) {
      throw new IllegalArgumentException(
          "lower %s and upper %s; lower must be below upper".formatted(lower, upper));
    }
    Map<String, Double> positive = new LinkedHashMap<>();
    positive.put("velocity", velocity);
    positive.put("acceleration", acceleration);
    positive.put("jerk", jerk);
    positive.put("step", step);
    List<String> wrong = new ArrayList<>();
    positive.forEach(
        (name, limit) -> {
          if (!(limit > 0)) {
            wrong.add("%s is %s".formatted(name, limit));
          }
        });
    if (!wrong.isEmpty()) {
      throw new IllegalArgumentException(
          "%s; give more than 0, or leave it out".formatted(String.join(", ", wrong)));
    }
  }
}
