package dev.reverie.arm;

import dev.reverie.arm.Urdf.Joint;
import dev.reverie.arm.Urdf.Mimic;
import dev.reverie.rollout.JointNames;
import java.util.ArrayList;
import java.util.List;
import org.joml.Matrix4d;
import org.joml.Vector3d;

/** What an arm consists of, as its URDF draws it, and where that is. */
public final class ArmBodies {
  private final Urdf urdf;
  private final List<String> joints; // as the URDF calls them
  private final List<Placed> bodies;

  /**
   * A body and the way to its link.
   *
   * @param way from the root
   */
  private record Placed(List<Segment> way, List<Vector3d> corners) {}

  /**
   * A joint on the way to a link, and how it follows joint {@code index} of a vector of positions;
   * below 0: one that nobody tells of, which stays at zero.
   */
  private record Segment(Joint joint, int index, double multiplier, double offset) {
    double position(double[] positions) {
      return index < 0 ? 0 : multiplier * positions[index] + offset;
    }
  }

  private ArmBodies(Urdf urdf, List<String> joints, List<Placed> bodies) {
    this.urdf = urdf;
    this.joints = joints;
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
    List<Placed> placed = new ArrayList<>();
    for (UrdfBodies.Body body : UrdfBodies.read(urdfXml)) {
      List<Joint> chain = urdf.chain(body.link());
      String top = chain.isEmpty() ? body.link() : chain.getFirst().parent();
      if (top.equals(urdf.root())) {
        placed.add(new Placed(way(urdf, joints, chain), body.corners()));
      }
    }
    if (placed.isEmpty()) {
      throw new ArmException(
          "the URDF '%s' draws none of its links; give them a <visual> or a <collision>"
              .formatted(urdf.name()));
    }
    return new ArmBodies(urdf, joints, placed);
  }

  private static List<Segment> way(Urdf urdf, List<String> joints, List<Joint> chain) {
    List<Segment> way = new ArrayList<>();
    for (Joint joint : chain) {
      Mimic driven = KinematicChain.driven(urdf, joints, joint);
      int index = joint.moves() ? joints.indexOf(driven.driver()) : -1;
      way.add(
          new Segment(
              index < 0 ? joint : joint.sound(), index, driven.multiplier(), driven.offset()));
    }
    return way;
  }

  /**
   * Refuses a link that is not there.
   *
   * @throws ArmException with the nearest
   */
  public void requireLink(String link) {
    urdf.chain(link);
  }

  /** Tells whether the URDF has a link, with its prefix or without. */
  public boolean hasLink(String link) {
    return urdf.links().contains(link) || urdf.links().contains(urdf.prefix() + link);
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
    Matrix4d into = pose(way(urdf, joints, urdf.chain(link)), positions).mul(viewer).invertAffine();
    List<List<Vector3d>> seen = new ArrayList<>();
    for (Placed body : bodies) {
      Matrix4d pose = into.mul(pose(body.way, positions), new Matrix4d());
      seen.add(
          body.corners.stream()
              .map(corner -> pose.transformPosition(corner, new Vector3d()))
              .toList());
    }
    return seen;
  }

  private static Matrix4d pose(List<Segment> way, double[] positions) {
    var pose = new Matrix4d();
    for (Segment segment : way) {
      Joint joint = segment.joint;
      double position = segment.position(positions);
      pose.mul(joint.origin());
      if (position != 0 && joint.kind().turns()) {
        pose.mul(Rotations.about(joint.axis(), position, new Matrix4d()));
      } else if (position != 0) {
        pose.translate(new Vector3d(joint.axis()).mul(position));
      }
    }
    return pose;
  }
}
