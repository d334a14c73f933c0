package dev.reverie.arm;

import dev.reverie.rollout.NearestNames;
import java.util.Comparator;
import java.util.Optional;

/** Says that a joint that is to be commanded is none of a URDF's that move, and what helps. */
final class MissingJoint {
  private MissingJoint() {}

  /**
   * Returns the refusal.
   *
   * @param arm that names the joint, if an arm file does; else a policy's bundle does
   */
  static ArmException of(Urdf urdf, String joint, Optional<ArmFile> arm) {
    String file = arm.map(a -> a.description().urdf()).orElse("");
    String named = "'%s'%s".formatted(urdf.name(), file.isEmpty() ? "" : " (" + file + ")");
    String nearest = NearestNames.of(joint, urdf.moving());
    Optional<Urdf.Joint> fixed = urdf.named(joint);
    if (fixed.isPresent()) {
      return new ArmException(
          "the joint '%s' of the URDF %s is %s and cannot be commanded; nearest that move: %s"
              .formatted(joint, named, fixed.get().type(), nearest));
    }
    Optional<String> prefix = prefix(urdf, joint);
    String remedies =
        arm.isPresent()
            ? "correct joints of the arm file, or %s, or %s"
                .formatted(
                    prefix
                        .map("set joint_states.prefix, such as '%s'"::formatted)
                        .orElse("give its name in the URDF by joint_states.names"),
                    file.isEmpty()
                        ? "publish the right robot_description"
                        : "give the right URDF as description.urdf")
            : "%s, use a policy bundle made for this arm, or publish the right robot_description"
                .formatted(
                    prefix
                        .map(
                            "set joint_prefix, or joint_states.prefix in the arm file, such as '%s'"
                                ::formatted)
                        .orElse("name it in joint_names, or joint_states.names of the arm file"));
    return new ArmException(
        "the URDF %s has no joint '%s'; nearest: %s - %s"
            .formatted(named, joint, nearest, remedies));
  }

  /** Returns what stands before the joint's name in the URDF, where the name ends so there. */
  private static Optional<String> prefix(Urdf urdf, String joint) {
    return urdf.moving().stream()
        .filter(name -> name.endsWith(joint))
        .min(Comparator.comparingInt(String::length))
        .map(name -> name.substring(0, name.length() - joint.length()));
  }
}
