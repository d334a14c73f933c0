package dev.reverie.arm;

import dev.reverie.arm.Urdf.Joint;
import dev.reverie.arm.Urdf.Mimic;
import dev.reverie.rollout.JointNames;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.joml.Matrix4d;
import org.joml.Vector3d;

/** Places of an arm's links, whether joints move them or not. */
public final class ArmLinks {
  private final Urdf urdf;
  private final List<String> joints; // as the URDF calls them, the order of positions

  /**
   * A joint on the way to a link, and how it follows joint {@code index} of a vector of positions;
   * below 0: one that nobody tells of, which stays at zero.
   */
  private record Segment(Joint joint, int index, double multiplier, double offset) {
    double position(double[] positions) {
      return index < 0 ? 0 : multiplier * positions[index] + offset;
    }
  }

  /** The way from the root to a link. */
  record Way(List<Segment> segments) {
    /** The pose of the link in the root, metres. */
    Matrix4d at(double[] positions) {
      var pose = new Matrix4d();
      for (Segment segment : segments) {
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

  /**
   * Creates the links of an arm.
   *
   * @param joints whose positions are told, as the URDF calls them, in their order
   */
  ArmLinks(Urdf urdf, List<String> joints) {
    this.urdf = urdf;
    this.joints = joints;
  }

  /**
   * Reads the links of an arm, of which all joints may be told.
   *
   * @param names in the URDF, whose prefix who asks for a link may leave out
   */
  public static ArmLinks of(String urdfXml, JointNames names) {
    Urdf urdf = Urdf.parse(urdfXml).withPrefix(names.prefix());
    return new ArmLinks(urdf, urdf.moving());
  }

  /** The link that no joint moves. */
  String root() {
    return urdf.root();
  }

  /** Tells whether the URDF has a link, with its prefix or without. */
  public boolean has(String link) {
    return urdf.links().contains(link) || urdf.links().contains(urdf.prefix() + link);
  }

  /**
   * The way to a link.
   *
   * @throws ArmException with the nearest, where there is no such link
   */
  Way way(String link) {
    List<Segment> way = new ArrayList<>();
    for (Joint joint : urdf.chain(link)) {
      Mimic driven = KinematicChain.driven(urdf, joints, joint);
      int index = joint.moves() ? joints.indexOf(driven.driver()) : -1;
      way.add(
          new Segment(
              index < 0 ? joint : joint.sound(), index, driven.multiplier(), driven.offset()));
    }
    return new Way(way);
  }

  /**
   * Returns positions in the order of this arm's joints.
   *
   * @param told by the joint's name
   * @param others that hold for joints which are not among those; 0 where neither has one
   */
  double[] vector(Map<String, Double> told, Map<String, Double> others) {
    return joints.stream()
        .mapToDouble(joint -> told.getOrDefault(joint, others.getOrDefault(joint, 0.0)))
        .toArray();
  }

  /** Names of the joints that move one link as seen from another, sorted. */
  List<String> between(String one, String other) {
    List<Segment> first = way(one).segments;
    List<Segment> second = way(other).segments;
    Set<String> names = new TreeSet<>();
    for (List<Segment> way : List.of(first, second)) {
      List<Segment> beside = way == first ? second : first;
      way.stream()
          .filter(segment -> segment.index >= 0 && !beside.contains(segment))
          .forEach(segment -> names.add(joints.get(segment.index)));
    }
    return List.copyOf(names);
  }

  /**
   * Returns the link that most of some joints move, and of those the one that is nearest to the
   * root: the hand, where nobody names a tip.
   *
   * @param moving names of joints
   * @throws ArmException where they move nothing
   */
  public String hand(List<String> moving) {
    String hand = "";
    int most = 0;
    int depth = 0;
    for (String link : urdf.links().stream().sorted().toList()) {
      List<Joint> chain = urdf.chain(link);
      int moved = (int) chain.stream().filter(joint -> isMoved(joint, moving)).count();
      if (moved > most || (moved == most && moved > 0 && chain.size() < depth)) {
        hand = link;
        most = moved;
        depth = chain.size();
      }
    }
    if (hand.isEmpty()) {
      throw new ArmException(
          "the joints %s move no link of the URDF '%s'; use a policy bundle made for this arm"
              .formatted(moving, urdf.name()));
    }
    return hand;
  }

  private boolean isMoved(Joint joint, List<String> moving) {
    return joint.moves() && moving.contains(KinematicChain.driven(urdf, joints, joint).driver());
  }
}
