package dev.reverie.arm;

import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.joml.Matrix4d;
import org.joml.Vector3d;
import org.jspecify.annotations.Nullable;
import org.w3c.dom.Element;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/**
 * The links and joints of an arm, as its URDF (topic {@code robot_description}) describes them.
 *
 * @param root the link that no joint moves
 * @param joints by the name of the child link
 */
public record Urdf(String name, String root, Set<String> links, Map<String, Joint> joints) {
  enum Kind {
    FIXED,
    REVOLUTE,
    PRISMATIC
  }

  /**
   * A joint between two links.
   *
   * @param origin parent link to joint frame at position zero
   * @param axis unit vector in the joint frame
   * @param limits of the position and velocity; infinite where fixed
   */
  record Joint(
      String name,
      Kind kind,
      String parent,
      String child,
      Matrix4d origin,
      Vector3d axis,
      Limits limits) {}

  /** Rad and rad/s, or m and m/s for a prismatic joint. */
  record Limits(double lower, double upper, double velocity) {
    static final Limits NONE =
        new Limits(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY);
  }

  public static Urdf parse(String xml) {
    Element robot = document(xml);
    if (!robot.getTagName().equals("robot")) {
      throw new ArmException(
          "robot_description is <%s>; publish a URDF, which starts with <robot>"
              .formatted(robot.getTagName()));
    }
    Set<String> links = new HashSet<>();
    children(robot, "link").forEach(e -> links.add(attribute(e, "name")));
    Map<String, Joint> joints = new HashMap<>();
    for (Element element : children(robot, "joint")) {
      Joint joint = joint(element);
      for (String link : List.of(joint.parent, joint.child)) {
        if (!links.contains(link)) {
          throw new ArmException(
              "URDF joint '%s' names the link '%s', which is not there; links: %s"
                  .formatted(joint.name, link, links));
        }
      }
      if (joints.put(joint.child, joint) != null) {
        throw new ArmException(
            "URDF link '%s' is the child of two joints; a URDF is a tree".formatted(joint.child));
      }
    }
    List<String> roots = links.stream().filter(link -> !joints.containsKey(link)).toList();
    if (roots.size() != 1) {
      throw new ArmException("URDF has the root links %s; join them to one tree".formatted(roots));
    }
    return new Urdf(robot.getAttribute("name"), roots.get(0), Set.copyOf(links), joints);
  }

  /** The joints from the root to a link, in this order. */
  List<Joint> chain(String link) {
    if (!links.contains(link)) {
      throw new ArmException(
          "the URDF '%s' has no link '%s'; its links: %s".formatted(name, link, links));
    }
    List<Joint> chain = new ArrayList<>();
    for (@Nullable Joint joint = joints.get(link);
        joint != null;
        joint = joints.get(joint.parent)) {
      if (chain.size() > joints.size()) {
        throw new ArmException("the URDF '%s' has a loop at link '%s'".formatted(name, link));
      }
      chain.add(joint);
    }
    return chain.reversed();
  }

  /** The joint of this name, which must be one that moves. */
  Joint moving(String joint) {
    return joints.values().stream()
        .filter(j -> j.name.equals(joint) && j.kind != Kind.FIXED)
        .findAny()
        .orElseThrow(
            () ->
                new ArmException(
                    "the URDF '%s' has no moving joint '%s'; it has %s. Use a policy bundle made for"
                            .formatted(name, joint, movingNames())
                        + " this arm, or publish the right robot_description"));
  }

  private List<String> movingNames() {
    return joints.values().stream()
        .filter(j -> j.kind != Kind.FIXED)
        .map(Joint::name)
        .sorted()
        .toList();
  }

  private static Element document(String xml) {
    try {
      var factory = DocumentBuilderFactory.newInstance();
      // No DTD: a description from the network must not make this process open files or addresses.
      factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
      var builder = factory.newDocumentBuilder();
      builder.setErrorHandler(null); // errors are thrown, not printed
      return builder.parse(new InputSource(new StringReader(xml))).getDocumentElement();
    } catch (SAXException e) {
      throw new ArmException(
          "robot_description is no readable URDF: " + e.getMessage() + "; publish valid XML", e);
    } catch (IOException | ParserConfigurationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Joint joint(Element element) {
    String name = attribute(element, "name");
    Kind kind =
        switch (attribute(element, "type")) {
          case "fixed" -> Kind.FIXED;
          case "revolute", "continuous" -> Kind.REVOLUTE;
          case "prismatic" -> Kind.PRISMATIC;
          case String other ->
              throw new ArmException(
                  "URDF joint '%s' has the type '%s'; known: fixed, revolute, continuous, prismatic"
                      .formatted(name, other));
        };
    return new Joint(
        name,
        kind,
        attribute(child(element, "parent"), "link"),
        attribute(child(element, "child"), "link"),
        origin(children(element, "origin")),
        axis(name, children(element, "axis")),
        kind == Kind.FIXED ? Limits.NONE : limits(name, element));
  }

  private static Limits limits(String joint, Element element) {
    boolean continuous = element.getAttribute("type").equals("continuous");
    Element limit = child(element, "limit");
    double velocity = number(limit, "velocity");
    if (continuous) {
      return new Limits(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, velocity);
    }
    var limits = new Limits(number(limit, "lower"), number(limit, "upper"), velocity);
    if (!(limits.lower < limits.upper && velocity > 0)) {
      throw new ArmException(
          "URDF joint '%s' has the limits %s; lower must be below upper, velocity above 0"
              .formatted(joint, limits));
    }
    return limits;
  }

  private static Matrix4d origin(List<Element> elements) {
    if (elements.isEmpty()) {
      return new Matrix4d();
    }
    Vector3d xyz = vector(elements.get(0), "xyz");
    Vector3d rpy = vector(elements.get(0), "rpy"); // about fixed axes: Rz(yaw) Ry(pitch) Rx(roll)
    var turn = new Matrix4d();
    return new Matrix4d()
        .translation(xyz)
        .mul(Rotations.about(new Vector3d(0, 0, 1), rpy.z, turn))
        .mul(Rotations.about(new Vector3d(0, 1, 0), rpy.y, turn))
        .mul(Rotations.about(new Vector3d(1, 0, 0), rpy.x, turn));
  }

  private static Vector3d axis(String joint, List<Element> elements) {
    Vector3d axis = elements.isEmpty() ? new Vector3d(1, 0, 0) : vector(elements.get(0), "xyz");
    if (!(axis.length() > 1e-9)) {
      throw new ArmException(
          "URDF joint '%s' has the axis %s; give a direction".formatted(joint, axis));
    }
    return axis.normalize();
  }

  private static Vector3d vector(Element element, String attribute) {
    String text = element.getAttribute(attribute).strip();
    if (text.isEmpty()) {
      return new Vector3d();
    }
    String[] parts = text.split("\\s+", -1);
    try {
      if (parts.length == 3) {
        return new Vector3d(
            Double.parseDouble(parts[0]),
            Double.parseDouble(parts[1]),
            Double.parseDouble(parts[2]));
      }
    } catch (NumberFormatException e) {
      // told below, with the text
    }
    throw new ArmException(
        "URDF <%s %s=\"%s\">; give three numbers".formatted(element.getTagName(), attribute, text));
  }

  private static double number(Element element, String attribute) {
    try {
      return Double.parseDouble(attribute(element, attribute));
    } catch (NumberFormatException e) {
      throw new ArmException(
          "URDF <%s %s=\"%s\">; give a number"
              .formatted(element.getTagName(), attribute, element.getAttribute(attribute)),
          e);
    }
  }

  private static String attribute(Element element, String attribute) {
    if (!element.hasAttribute(attribute)) {
      throw new ArmException(
          "URDF <%s> of '%s' lacks the attribute '%s'; add it"
              .formatted(element.getTagName(), owner(element), attribute));
    }
    return element.getAttribute(attribute);
  }

  private static Element child(Element element, String tag) {
    List<Element> found = children(element, tag);
    if (found.size() != 1) {
      throw new ArmException(
          "URDF joint '%s' has %d <%s> elements; give one"
              .formatted(owner(element), found.size(), tag));
    }
    return found.get(0);
  }

  private static String owner(Element element) {
    return element.hasAttribute("name") || !(element.getParentNode() instanceof Element parent)
        ? element.getAttribute("name")
        : parent.getAttribute("name");
  }

  private static List<Element> children(Element element, String tag) {
    List<Element> found = new ArrayList<>();
    for (var node = element.getFirstChild(); node != null; node = node.getNextSibling()) {
      if (node instanceof Element e && e.getTagName().equals(tag)) {
        found.add(e);
      }
    }
    return found;
  }
}
