package dev.reverie.arm;

import dev.reverie.arm.Urdf.Joint;
import dev.reverie.arm.Urdf.Kind;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Bounds of a commanded joint: the tightest of the URDF, {@code joint_limits.yaml} and the arm
 * file. Radians, or metres for a prismatic joint; seconds.
 *
 * @param joint its own name, as policy and arm file say it
 * @param unit rad or m
 * @param continuous whether positions a full turn apart are the same; then without lower and upper
 * @param lower negative infinity where there is none
 * @param upper infinity where there is none
 * @param velocity finite, above zero
 * @param acceleration infinity where nobody says one
 * @param jerk infinity where nobody says one
 * @param step at most between two commands; infinity where nobody says one
 */
public record JointBounds(
    String joint,
    String unit,
    boolean continuous,
    double lower,
    double upper,
    double velocity,
    double acceleration,
    double jerk,
    double step) {
  private static final String REMEDY =
      "; give it there, in a joint_limits.yaml (description.joint_limits of the arm file: %s), or in the arm file (limits.joints.%s.%s)";

  /**
   * Returns the bounds of a joint.
   *
   * @param name its own name
   * @param limits of joint_limits.yaml and arm file
   * @throws ArmException where no velocity, or for a joint with stops no lower and upper, is known
   */
  static JointBounds of(String name, Joint joint, List<JointLimits> limits) {
    double lower = greatest(limits, JointLimits::lower);
    double upper = -greatest(limits, l -> -l.upper());
    boolean bounded = joint.kind() != Kind.CONTINUOUS;
    if (bounded) {
      double own = number(joint, "lower");
      double other = number(joint, "upper");
      if (Double.isFinite(own) && Double.isFinite(other) && own < other) {
        lower = Math.max(lower, own);
        upper = Math.min(upper, other);
      } else if (!(Double.isFinite(lower) && Double.isFinite(upper))) {
        throw new ArmException(
            ("URDF joint '%s' has %s and %s; a number is needed for each, lower below upper"
                    + REMEDY)
                .formatted(
                    joint.name(),
                    told(joint, "lower"),
                    told(joint, "upper"),
                    "min_position, max_position",
                    name,
                    "lower and upper"));
      }
    }
    if (!(lower < upper)) {
      throw new ArmException(
          "joint '%s' may not go anywhere: URDF, joint_limits.yaml and arm file together leave it lower %s and upper %s; repair limits.joints.%s"
              .formatted(name, lower, upper, name));
    }
    return new JointBounds(
        name,
        joint.kind() == Kind.PRISMATIC ? "m" : "rad",
        !bounded && Double.isInfinite(lower) && Double.isInfinite(upper),
        lower,
        upper,
        velocity(name, joint, limits),
        tightest(joint, "acceleration", limits, JointLimits::acceleration),
        tightest(joint, "jerk", limits, JointLimits::jerk),
        -greatest(limits, l -> -l.step()));
  }

  private static double velocity(String name, Joint joint, List<JointLimits> limits) {
    double velocity = tightest(joint, "velocity", limits, JointLimits::velocity);
    if (Double.isInfinite(velocity)) {
      throw new ArmException(
          ("URDF joint '%s' has %s; a finite velocity above 0 is needed" + REMEDY)
              .formatted(joint.name(), told(joint, "velocity"), "max_velocity", name, "velocity"));
    }
    return velocity;
  }

  private static double tightest(
      Joint joint,
      String attribute,
      List<JointLimits> limits,
      ToDoubleFunction<JointLimits> limit) {
    double least = -greatest(limits, l -> -limit.applyAsDouble(l));
    double own = number(joint, attribute);
    return own > 0 ? Math.min(own, least) : least;
  }

  private static double greatest(List<JointLimits> limits, ToDoubleFunction<JointLimits> limit) {
    return limits.stream().mapToDouble(limit).max().orElse(Double.NEGATIVE_INFINITY);
  }

  private static double number(Joint joint, String attribute) {
    return UrdfXml.number(joint.limit().getOrDefault(attribute, ""));
  }

  private static String told(Joint joint, String attribute) {
    return joint.limit().containsKey(attribute)
        ? "the %s limit \"%s\"".formatted(attribute, joint.limit().get(attribute))
        : "no %s limit".formatted(attribute);
  }
}
