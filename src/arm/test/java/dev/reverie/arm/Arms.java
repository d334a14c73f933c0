package dev.reverie.arm;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Arms written for one test. */
final class Arms {
  private Arms() {}

  /** A URDF whose joints stand in a row: link0, link1 and so on. Each joint is given as XML. */
  static String urdf(String... joints) {
    var text = new StringBuilder("<robot name=\"row\"><link name=\"link0\"/>");
    for (int i = 0; i < joints.length; i++) {
      text.append("<link name=\"link").append(i + 1).append("\"/>");
      text.append(
          joints[i].replaceFirst(
              ">",
              "><parent link=\"link%d\"/><child link=\"link%d\"/><origin xyz=\"0.1 0 0.2\"/>"
                  .formatted(i, i + 1)));
    }
    return text.append("</robot>").toString();
  }

  /** The row's joint of this type and name, with more inside of it. */
  static String joint(String type, String name, String inside) {
    return "<joint type=\"%s\" name=\"%s\">%s</joint>".formatted(type, name, inside);
  }

  /** A joint that may be commanded. */
  static String revolute(String name) {
    return joint(
        "revolute",
        name,
        "<axis xyz=\"0 1 0\"/><limit lower=\"-2\" upper=\"2\" velocity=\"3\" effort=\"1\"/>");
  }

  /** The bounds of joints as the URDF has them. */
  static JointSpace space(Urdf urdf, List<String> joints) {
    return new JointSpace(
        joints.stream().map(j -> JointBounds.of(j, urdf.commanded(j), List.of())).toList());
  }

  /** Joints without stops in this order; the named ones are continuous. */
  static JointSpace space(List<String> joints, String... continuous) {
    return new JointSpace(
        joints.stream()
            .map(
                j ->
                    new JointBounds(
                        j,
                        "rad",
                        Arrays.asList(continuous).contains(j),
                        Double.NEGATIVE_INFINITY,
                        Double.POSITIVE_INFINITY,
                        3,
                        Double.POSITIVE_INFINITY,
                        Double.POSITIVE_INFINITY,
                        Double.POSITIVE_INFINITY))
            .toList());
  }

  /** The gate of an arm with these joints. */
  static SafetyGate gate(JointSpace space, double periodS) {
    return new SafetyGate(space, Optional.empty(), Optional.empty(), periodS, 0.2);
  }
}
