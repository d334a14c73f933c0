package dev.reverie.arm;

import dev.reverie.rollout.NearestNames;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.joml.Matrix4d;
import org.joml.Quaterniond;
import org.joml.Vector3d;
import org.jspecify.annotations.Nullable;
import org.w3c.dom.Element;

/**
 * The links and joints of an arm, as its URDF (topic {@code robot_description}, wiki.ros.org/urdf)
 * describes them. What nobody uses may be odd: limits are read where a joint is commanded ({@link
 * JointBounds}), axes where it moves what is asked for.
 *
 * @param root the link that no joint moves; of several, the one with most links
 * @param joints by the name of the child link
 * @param notices what was taken otherwise than it stands, for people
 * @param fault why none of it can be used, though it could be read; empty where it can
 * @param prefix of the names of links, which who asks for a link may leave out
 */
public record Urdf(
    String name,
    String root,
    Set<String> links,
    Map<String, Joint> joints,
    List<String> notices,
    String fault,
    String prefix) {
  private static final String QUATERNION = "quat_xyzw";

  enum Kind {
    FIXED,
    REVOLUTE,
    CONTINUOUS,
    PRISMATIC;

    boolean turns() {
      return this == REVOLUTE || this == CONTINUOUS;
    }
  }

  /**
   * A joint between two links.
   *
   * @param type as it stands; planar and floating joints are of the kind FIXED
   * @param origin parent link to joint frame at position zero
   * @param axis unit vector in the joint frame; NaN where there is a fault
   * @param limit attributes as they stand
   * @param fault why the joint cannot move; empty where it can
   */
  record Joint(
      String name,
      String type,
      Kind kind,
      String parent,
      String child,
      Matrix4d origin,
      Vector3d axis,
      Map<String, String> limit,
      Optional<Mimic> mimic,
      String fault) {
    boolean moves() {
      return kind != Kind.FIXED;
    }

    /** Refuses a joint that has no axis to move about. */
    Joint sound() {
      requireSound(fault);
      return this;
    }
  }

  /** Follows a driver: position = multiplier * driver's + offset. */
  record Mimic(String driver, double multiplier, double offset) {}

  /**
   * Reads a URDF.
   *
   * @throws ArmException where it is none, or joints and links do not belong together
   */
  public static Urdf parse(String xml) {
    return parse(xml, UrdfXml.From.TOPIC);
  }

  /**
   * Reads a URDF.
   *
   * @param from where the text is from
   * @throws ArmException where it is none, or joints and links do not belong together
   */
  static Urdf parse(String xml, UrdfXml.From from) {
    Element robot = UrdfXml.robot(xml, from);
    Optional<String> xacro = UrdfXml.xacro(robot, from);
    try {
      return read(robot, xacro.orElse(""));
    } catch (ArmException e) {
      throw xacro.map(ArmException::new).orElse(e);
    }
  }

  /** Returns the same, of which who asks for a link may leave a prefix out. */
  public Urdf withPrefix(String other) {
    return new Urdf(name, root, links, joints, notices, fault, other);
  }

  private static Urdf read(Element robot, String fault) {
    List<String> notices = new ArrayList<>();
    Set<String> links = new LinkedHashSet<>();
    for (Element element : UrdfXml.children(robot, "link")) {
      requireOnce(links.add(UrdfXml.attribute(element, "name")), "links", element);
    }
    Map<String, Joint> joints = new HashMap<>();
    Set<String> names = new HashSet<>();
    for (Element element : UrdfXml.children(robot, "joint")) {
      Joint joint = joint(element, notices);
      requireOnce(names.add(joint.name), "joints", element);
      for (String link : List.of(joint.parent, joint.child)) {
        if (!links.contains(link)) {
          throw new ArmException(
              "URDF joint '%s' names the link '%s', which is not there; nearest: %s"
                  .formatted(joint.name, link, NearestNames.of(link, links)));
        }
      }
      if (joints.put(joint.child, joint) != null) {
        throw new ArmException(
            "URDF link '%s' is the child of two joints; a URDF is a tree".formatted(joint.child));
      }
    }
    String root = root(links, joints, notices);
    return new Urdf(
        robot.getAttribute("name"),
        root,
        Set.copyOf(links),
        joints,
        List.copyOf(notices),
        fault,
        "");
  }

  private static void requireOnce(boolean first, String what, Element element) {
    if (!first) {
      throw new ArmException(
          "the URDF has two %s '%s'; give each a name of its own"
              .formatted(what, element.getAttribute("name")));
    }
  }

  private static String root(Set<String> links, Map<String, Joint> joints, List<String> notices) {
    Map<String, String> tops = new HashMap<>(); // of the links that were seen
    Map<String, Integer> sizes = new HashMap<>();
    for (String link : links) {
      Set<String> way = new LinkedHashSet<>();
      String top = link;
      for (@Nullable Joint joint = joints.get(top);
          joint != null && !tops.containsKey(top);
          joint = joints.get(top)) {
        if (!way.add(top)) {
          throw new ArmException("the URDF has a loop at link '%s'".formatted(top));
        }
        top = joint.parent;
      }
      String found = tops.getOrDefault(top, top);
      way.forEach(seen -> tops.put(seen, found));
      tops.put(link, found);
      sizes.merge(found, 1, Integer::sum);
    }
    List<String> roots = links.stream().filter(link -> !joints.containsKey(link)).toList();
    if (roots.isEmpty()) {
      throw new ArmException("the URDF has no link; publish one with <link> and <joint>");
    }
    String root = roots.getFirst();
    for (String other : roots) {
      root = sizes.getOrDefault(other, 0) > sizes.getOrDefault(root, 0) ? other : root;
    }
    if (roots.size() > 1) {
      notices.add("URDF has the root links %s; '%s' is taken".formatted(roots, root));
    }
    return root;
  }

  /** The joints from the root to a link, in this order. */
  List<Joint> chain(String link) {
    requireSound(fault);
    String found = links.contains(link) ? link : prefix + link;
    if (!links.contains(found)) {
      throw new ArmException(
          "the URDF '%s' has no link '%s'; nearest: %s"
              .formatted(name, link, NearestNames.of(link, links)));
    }
    List<Joint> chain = new ArrayList<>();
    for (@Nullable Joint joint = joints.get(found);
        joint != null;
        joint = joints.get(joint.parent)) {
      chain.add(joint);
    }
    return chain.reversed();
  }

  /** Names of the joints that move, sorted. */
  public List<String> moving() {
    return joints.values().stream().filter(Joint::moves).map(Joint::name).sorted().toList();
  }

  /**
   * Names of the joints that could be commanded, from the roots outwards: they move and follow no
   * other one.
   */
  public List<String> driven() {
    List<String> driven = new ArrayList<>();
    List<String> at = links.stream().filter(link -> !joints.containsKey(link)).sorted().toList();
    while (!at.isEmpty()) {
      List<Joint> next = new ArrayList<>();
      for (String link : at) {
        joints.values().stream()
            .filter(joint -> joint.parent.equals(link))
            .sorted(Comparator.comparing(Joint::name))
            .forEach(next::add);
      }
      next.stream()
          .filter(joint -> joint.moves() && joint.mimic.isEmpty())
          .map(Joint::name)
          .forEach(driven::add);
      at = next.stream().map(Joint::child).toList();
    }
    return driven;
  }

  /** Returns whether a joint pushes, in metres. */
  public boolean pushes(String joint) {
    return named(joint).filter(j -> j.kind == Kind.PRISMATIC).isPresent();
  }

  /** Returns the velocity limit of a joint; infinite where the URDF has none, or no sound one. */
  public double velocity(String joint) {
    double limit =
        named(joint)
            .map(j -> UrdfXml.number(j.limit.getOrDefault("velocity", "")))
            .orElse(Double.NaN);
    return limit > 0 ? limit : Double.POSITIVE_INFINITY;
  }

  /** The joint of this name, which must be one that moves and follows no other one. */
  Joint commanded(String joint) {
    return commanded(joint, Optional.empty());
  }

  /**
   * The same.
   *
   * @param arm that names it, if an arm file does
   */
  Joint commanded(String joint, Optional<ArmFile> arm) {
    requireSound(fault);
    Joint found =
        named(joint)
            .filter(Joint::moves)
            .orElseThrow(() -> MissingJoint.of(this, joint, arm))
            .sound();
    found.mimic.ifPresent(
        mimic -> {
          throw new ArmException(follower(joint, driver(mimic)));
        });
    return found;
  }

  /** The joint at the end of those that a joint follows; empty where there is none that drives. */
  private Optional<String> driver(Mimic mimic) {
    Optional<Joint> driver = named(mimic.driver);
    for (int hops = 0; hops <= joints.size() && driver.isPresent(); hops++) {
      Optional<Mimic> next = driver.get().mimic;
      if (next.isEmpty()) {
        return driver.filter(Joint::moves).map(Joint::name);
      }
      driver = named(next.get().driver);
    }
    return Optional.empty();
  }

  private String follower(String joint, Optional<String> driver) {
    String follows = named(joint).flatMap(Joint::mimic).map(Mimic::driver).orElse("");
    return driver.isPresent()
        ? "the joint '%s' of the URDF '%s' follows '%s' (<mimic>) and cannot be commanded; command '%s' instead"
            .formatted(joint, name, follows, driver.get())
        : "the joint '%s' of the URDF '%s' follows '%s' (<mimic>), which is no joint that moves; correct its <mimic>, or remove it"
            .formatted(joint, name, follows);
  }

  /** The joint of this name, whether it moves or not. */
  Optional<Joint> named(String joint) {
    return joints.values().stream().filter(j -> j.name.equals(joint)).findAny();
  }

  private static void requireSound(String fault) {
    if (!fault.isEmpty()) {
      throw new ArmException(fault);
    }
  }

  private static Joint joint(Element element, List<String> notices) {
    String name = UrdfXml.attribute(element, "name");
    String type = UrdfXml.attribute(element, "type").strip();
    Optional<Element> mimic = UrdfXml.child(element, "mimic");
    String fault = "";
    Kind kind =
        switch (type) {
          case "fixed" -> Kind.FIXED;
          case "revolute" -> Kind.REVOLUTE;
          case "continuous" -> Kind.CONTINUOUS;
          case "prismatic" -> Kind.PRISMATIC;
          case "planar", "floating" -> {
            notices.add("URDF joint '%s' is %s; it is taken as fixed".formatted(name, type));
            yield Kind.FIXED;
          }
          default -> {
            fault =
                "URDF joint '%s' has the type '%s'; known: fixed, revolute, continuous, prismatic"
                    .formatted(name, type);
            yield Kind.REVOLUTE;
          }
        };
    Vector3d axis = axis(UrdfXml.child(element, "axis"));
    if (kind != Kind.FIXED && fault.isEmpty() && !axis.isFinite()) {
      fault =
          "URDF joint '%s' has the axis \"%s\"; give a direction"
              .formatted(
                  name, UrdfXml.child(element, "axis").map(e -> e.getAttribute("xyz")).orElse(""));
    }
    return new Joint(
        name,
        type,
        kind,
        link(name, element, "parent"),
        link(name, element, "child"),
        UrdfXml.child(element, "origin").map(Urdf::origin).orElseGet(Matrix4d::new),
        axis,
        UrdfXml.child(element, "limit").map(UrdfXml::attributes).orElse(Map.of()),
        mimic.map(Urdf::mimic),
        fault);
  }

  private static String link(String joint, Element element, String end) {
    return UrdfXml.child(element, end)
        .map(e -> UrdfXml.attribute(e, "link"))
        .orElseThrow(
            () -> new ArmException("URDF joint '%s' has no <%s>; add it".formatted(joint, end)));
  }

  private static Mimic mimic(Element element) {
    return new Mimic(
        element.getAttribute("joint"),
        number(element, "multiplier", 1),
        number(element, "offset", 0));
  }

  private static double number(Element element, String attribute, double absent) {
    String text = element.getAttribute(attribute);
    double value = text.isBlank() ? absent : UrdfXml.number(text);
    if (!Double.isFinite(value)) {
      throw new ArmException(
          "URDF <%s %s=\"%s\"> of '%s'; give a number"
              .formatted(element.getTagName(), attribute, text, UrdfXml.owner(element)));
    }
    return value;
  }

  /** The transform that an element says. */
  static Matrix4d origin(Element element) {
    Vector3d xyz = vector(element, "xyz");
    if (element.hasAttribute(QUATERNION)) { // of version 1.2, in place of rpy
      return new Matrix4d().translationRotate(xyz, quaternion(element));
    }
    Vector3d rpy = vector(element, "rpy"); // about fixed axes: Rz(yaw) Ry(pitch) Rx(roll)
    var turn = new Matrix4d();
    return new Matrix4d()
        .translation(xyz)
        .mul(Rotations.about(new Vector3d(0, 0, 1), rpy.z, turn))
        .mul(Rotations.about(new Vector3d(0, 1, 0), rpy.y, turn))
        .mul(Rotations.about(new Vector3d(1, 0, 0), rpy.x, turn));
  }

  private static Quaterniond quaternion(Element element) {
    String text = element.getAttribute(QUATERNION);
    double[] q = numbers(text);
    double length = Math.sqrt(Arrays.stream(q).map(each -> each * each).sum());
    if (q.length != 4 || !(length > 1e-9 && Double.isFinite(length))) {
      throw new ArmException(
          "URDF <%s %s=\"%s\"> of '%s'; give four numbers, not all of them 0"
              .formatted(element.getTagName(), QUATERNION, text, UrdfXml.owner(element)));
    }
    return new Quaterniond(q[0] / length, q[1] / length, q[2] / length, q[3] / length);
  }

  /** The direction of an axis; NaN where there is none. */
  private static Vector3d axis(Optional<Element> element) {
    if (element.isEmpty()) {
      return new Vector3d(1, 0, 0);
    }
    double[] xyz = numbers(element.get().getAttribute("xyz"));
    Vector3d axis = xyz.length == 3 ? new Vector3d(xyz) : new Vector3d();
    double largest = axis.get(axis.maxComponent()); // so that no square overflows
    return Math.abs(largest) > 1e-9 && axis.isFinite()
        ? axis.div(Math.abs(largest)).normalize()
        : new Vector3d(Double.NaN);
  }

  private static Vector3d vector(Element element, String attribute) {
    String text = element.getAttribute(attribute).strip();
    double[] values = numbers(text);
    if (text.isEmpty()) {
      return new Vector3d();
    }
    if (values.length == 3 && new Vector3d(values).isFinite()) {
      return new Vector3d(values);
    }
    throw new ArmException(
        "URDF <%s %s=\"%s\"> of '%s'; give three numbers"
            .formatted(element.getTagName(), attribute, text, UrdfXml.owner(element)));
  }

  static double[] numbers(String text) {
    return Stream.of(text.strip().split("\\s+", -1)).mapToDouble(UrdfXml::number).toArray();
  }
}
