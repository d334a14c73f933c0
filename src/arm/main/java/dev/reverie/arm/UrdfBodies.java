package dev.reverie.arm;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.joml.Matrix4d;
import org.joml.Vector3d;
import org.w3c.dom.Element;

/**
 * The bodies that a URDF draws its links with, each as the corners that it is the hull of. Round
 * ones have so many corners that they are hundredths of their radius too thin at most.
 */
final class UrdfBodies {
  /** Corners of a circle: half of one between two is cos(pi / 24) of the radius, 0.9 % less. */
  private static final int ROUND = 24;

  /** Circles of half a sphere. */
  private static final int CIRCLES = 6;

  private UrdfBodies() {}

  /**
   * A convex body.
   *
   * @param corners that it is the hull of, in the axes of its link, metres
   */
  record Body(String link, List<Vector3d> corners) {}

  /**
   * Reads the bodies of all links: what is to be seen of each, or where that is a mesh or nothing
   * what it collides with.
   *
   * @throws ArmException where a link has meshes alone
   */
  static List<Body> read(String urdfXml) {
    List<Body> bodies = new ArrayList<>();
    for (Element link : UrdfXml.children(UrdfXml.robot(urdfXml, UrdfXml.From.TOPIC), "link")) {
      String name = UrdfXml.attribute(link, "name");
      List<Element> seen = UrdfXml.children(link, "visual");
      List<Element> hit = UrdfXml.children(link, "collision");
      boolean other = seen.isEmpty() || (hasMesh(seen) && !hit.isEmpty());
      for (Element element : other ? hit : seen) {
        bodies.add(new Body(name, corners(name, element)));
      }
    }
    return bodies;
  }

  private static boolean hasMesh(List<Element> elements) {
    return elements.stream()
        .flatMap(element -> UrdfXml.child(element, "geometry").stream())
        .anyMatch(geometry -> UrdfXml.child(geometry, "mesh").isPresent());
  }

  private static List<Vector3d> corners(String link, Element element) {
    Matrix4d origin =
        UrdfXml.child(element, "origin").map(Urdf::origin).orElseGet(() -> new Matrix4d());
    Element shape =
        UrdfXml.child(element, "geometry")
            .flatMap(UrdfBodies::shape)
            .orElseThrow(
                () ->
                    new ArmException(
                        "the link '%s' of the URDF is drawn by no box, cylinder, sphere or capsule; give it a <collision> of these, whose silhouette is that of its mesh"
                            .formatted(link)));
    List<Vector3d> corners =
        switch (shape.getTagName()) {
          case "box" -> box(size(link, shape));
          case "cylinder" -> cylinder(positive(link, shape, "radius"), length(link, shape));
          case "sphere" -> capsule(positive(link, shape, "radius"), 0);
          default -> capsule(positive(link, shape, "radius"), length(link, shape));
        };
    corners.forEach(origin::transformPosition);
    return corners;
  }

  private static Optional<Element> shape(Element geometry) {
    return Stream.of("box", "cylinder", "sphere", "capsule")
        .flatMap(tag -> UrdfXml.child(geometry, tag).stream())
        .findFirst();
  }

  private static double length(String link, Element shape) {
    return positive(link, shape, "length");
  }

  private static double positive(String link, Element shape, String attribute) {
    double value = UrdfXml.number(shape.getAttribute(attribute));
    if (!(value > 0 && Double.isFinite(value))) {
      throw refused(link, shape, attribute, "a length above 0 m");
    }
    return value;
  }

  private static Vector3d size(String link, Element box) {
    double[] size = Urdf.numbers(box.getAttribute("size"));
    if (size.length != 3 || !(Math.min(size[0], Math.min(size[1], size[2])) > 0)) {
      throw refused(link, box, "size", "three lengths above 0 m");
    }
    return new Vector3d(size);
  }

  private static ArmException refused(
      String link, Element shape, String attribute, String allowed) {
    return new ArmException(
        "URDF <%s %s=\"%s\"> of the link '%s'; give %s"
            .formatted(
                shape.getTagName(), attribute, shape.getAttribute(attribute), link, allowed));
  }

  private static List<Vector3d> box(Vector3d size) {
    List<Vector3d> corners = new ArrayList<>();
    for (int corner = 0; corner < 8; corner++) {
      corners.add(
          new Vector3d(
              size.x * ((corner & 1) - 0.5),
              size.y * ((corner >> 1 & 1) - 0.5),
              size.z * ((corner >> 2 & 1) - 0.5)));
    }
    return corners;
  }

  private static List<Vector3d> cylinder(double radius, double length) {
    List<Vector3d> corners = new ArrayList<>(circle(radius, length / 2));
    corners.addAll(circle(radius, -length / 2));
    return corners;
  }

  /** A ball that goes straight along z. */
  private static List<Vector3d> capsule(double radius, double length) {
    List<Vector3d> corners = new ArrayList<>();
    for (int side : new int[] {-1, 1}) {
      for (int i = 0; i < CIRCLES; i++) {
        double height = Math.PI / 2 * i / CIRCLES;
        corners.addAll(
            circle(radius * Math.cos(height), side * (length / 2 + radius * Math.sin(height))));
      }
      corners.add(new Vector3d(0, 0, side * (length / 2 + radius)));
    }
    return corners;
  }

  private static List<Vector3d> circle(double radius, double z) {
    List<Vector3d> corners = new ArrayList<>();
    for (int i = 0; i < ROUND; i++) {
      double angle = 2 * Math.PI * i / ROUND;
      corners.add(new Vector3d(radius * Math.cos(angle), radius * Math.sin(angle), z));
    }
    return corners;
  }
}
