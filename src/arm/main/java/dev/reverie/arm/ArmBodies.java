package dev.reverie.arm;

import dev.reverie.arm.Urdf.Joint;
import dev.reverie.rollout.JointNames;
import java.util.ArrayList;
import java.util.List;
import org.joml.Matrix4d;
import org.joml.Vector3d;

/** The bodies of an arm, as its URDF draws them, and where they are. */
public final class ArmBodies {
  private final ArmLinks links;
  private final List<Placed> bodies;

  /** A body and the way to its link. */
  private record Placed(ArmLinks.Way way, List<Vector3d> corners) {}

  private ArmBodies(ArmLinks links, List<Placed> bodies) {
    this.links = links;
    this.bodies = bodies;
  }

  /**
   * Reads an arm's bodies.
   *
   * @param names in the URDF
   * @param jointNames order of the joint positions
   * @throws ArmException where the URDF lacks one of the joints, or draws the arm with meshes alone
   */
  public static ArmBodies of(String urdfXml, JointNames names, List<String> jointNames) {
    Urdf urdf = Urdf.parse(urdfXml).withPrefix(names.prefix());
    List<String> joints = names.inMessages(jointNames);
    joints.forEach(urdf::commanded); // refuses those that do not move
    var links = new ArmLinks(urdf, joints);
    List<Placed> placed = new ArrayList<>();
    for (UrdfBodies.Body body : UrdfBodies.read(urdfXml)) {
      List<Joint> chain = urdf.chain(body.link());
      String top = chain.isEmpty() ? body.link() : chain.getFirst().parent();
      if (top.equals(urdf.root())) {
        placed.add(new Placed(links.way(body.link()), body.corners()));
      }
    }
    if (placed.isEmpty()) {
      throw new ArmException(
          "the URDF '%s' draws none of its links; give them a <visual> or a <collision>"
              .formatted(urdf.name()));
    }
    return new ArmBodies(links, placed);
  }

  /**
   * Refuses a link that is not there.
   *
   * @throws ArmException with the nearest
   */
  public void requireLink(String link) {
    links.way(link);
  }

  /** Tells whether the URDF has a link, with its prefix or without. */
  public boolean hasLink(String link) {
    return links.has(link);
  }

  /**
   * The corners of each body as seen from somewhere.
   *
   * @param link that the viewer is fixed to
   * @param viewer axes of the viewer in those of the link
   * @param positions of the joints, rad or m
   * @return in the viewer's axes, metres
   */
  public List<List<Vector3d>> seenFrom(String link, Matrix4d viewer, double[] positions) {
    Matrix4d into = links.way(link).at(positions).mul(viewer).invertAffine();
    List<List<Vector3d>> seen = new ArrayList<>();
    for (Placed body : bodies) {
      Matrix4d pose = into.mul(body.way.at(positions), new Matrix4d());
      seen.add(
          body.corners.stream()
              .map(corner -> pose.transformPosition(corner, new Vector3d()))
              .toList());
    }
    return seen;
  }
}
