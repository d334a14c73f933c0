package dev.reverie.arm;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/** Arms written for one test. */
final class Arms {
  private Arms() {}

  /** Joints of {@link #six}. */
  static final List<String> SIX = List.of("a", "b", "c", "d", "e", "f");

  /** An arm with the UR5e's lengths; a spherical-like wrist, alternating axes. */
  static Urdf six() {
    return Urdf.parse(
        "<robot name=\"six\"><link name=\"l0\"/>"
            + link(0, "a", "0 0 0.163", "0 0 1")
            + link(1, "b", "0 0.138 0", "0 1 0")
            + link(2, "c", "0 -0.131 0.425", "0 1 0")
            + link(3, "d", "0 0 0.392", "0 1 0")
            + link(4, "e", "0 0.127 0", "0 0 1")
            + link(5, "f", "0 0 0.1", "0 1 0")
            + "</robot>");
  }

  private static String link(int i, String joint, String xyz, String axis) {
    return """
        <link name="l%d"/><joint name="%s" type="revolute"><parent link="l%d"/><child link="l%d"/>
        <origin xyz="%s"/><axis xyz="%s"/><limit lower="-3" upper="3" velocity="3"/></joint>"""
        .formatted(i + 1, joint, i, i + 1, xyz, axis);
  }

  /** Positions of that arm away from singularities. */
  static double[] somewhere(SplittableRandom random) {
    double[] positions = {0.3, 0.6, 1.2, -0.8, 1.3, 0.4};
    for (int i = 0; i < positions.length; i++) {
      positions[i] += random.nextDouble(-0.4, 0.4);
    }
    return positions;
  }

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
