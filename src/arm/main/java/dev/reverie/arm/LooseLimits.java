package dev.reverie.arm;

import dev.reverie.arm.Urdf.Joint;
import dev.reverie.arm.Urdf.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Finds limits of an arm file that do nothing, since the URDF's are tighter. */
final class LooseLimits {
  private LooseLimits() {}

  /**
   * Says which do nothing; limits that nobody wrote are not told.
   *
   * @param name of the joint in the arm file
   */
  static List<String> of(String name, Joint joint, JointLimits written) {
    List<String> loose = new ArrayList<>();
    if (joint.kind() != Kind.CONTINUOUS && urdf(joint, "lower") < urdf(joint, "upper")) {
      add(loose, name, joint, "lower", -written.lower(), -1);
      add(loose, name, joint, "upper", written.upper(), 1);
    }
    Map<String, Double> rates = new LinkedHashMap<>();
    rates.put("velocity", written.velocity());
    rates.put("acceleration", written.acceleration());
    rates.put("jerk", written.jerk());
    rates.forEach(
        (attribute, limit) -> {
          if (urdf(joint, attribute) > 0) { // others count for none
            add(loose, name, joint, attribute, limit, 1);
          }
        });
    return loose;
  }

  /**
   * Adds a limit that is looser.
   *
   * @param outwards the limit times the sign
   * @param sign of where it gets looser
   */
  private static void add(
      List<String> loose, String name, Joint joint, String attribute, double outwards, int sign) {
    double urdf = urdf(joint, attribute);
    if (Double.isFinite(outwards) && outwards > sign * urdf) {
      loose.add(
          "limits.joints.%s.%s is %s and does nothing: the URDF has %s, which is tighter and counts"
              .formatted(name, attribute, sign * outwards, urdf));
    }
  }

  private static double urdf(Joint joint, String attribute) {
    return UrdfXml.number(joint.limit().getOrDefault(attribute, ""));
  }
}
