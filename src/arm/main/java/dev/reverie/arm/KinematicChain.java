package dev.reverie.arm;

import dev.reverie.arm.Urdf.Joint;
import dev.reverie.arm.Urdf.Mimic;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.joml.Matrix4d;
import org.joml.Vector3d;

/**
 * The moving joints between a frame and a tip, seen from the frame. The last moving link is the
 * hand; the tip is fixed to it. A joint that follows a driver moves with it. Not thread-safe: poses
 * are reused.
 */
public final class KinematicChain {
  private final List<Segment> segments;
  private final int[] moved;
  private final int jointCount;
  private final Matrix4d tip;
  private final Matrix4d hand = new Matrix4d();
  private final Matrix4d turn = new Matrix4d();
  private final Vector3d[] axes;
  private final Vector3d[] origins;

  /**
   * A moving joint: the fixed transform before it, and how it follows joint {@code index} of the
   * vector of joints, which is column {@code column} of the Jacobian.
   */
  private record Segment(
      Matrix4d before, Joint joint, int index, int column, double multiplier, double offset) {
    double position(double[] positions) {
      return multiplier * positions[index] + offset;
    }
  }

  private KinematicChain(List<Segment> segments, int[] moved, int jointCount, Matrix4d tip) {
    this.segments = segments;
    this.moved = moved;
    this.jointCount = jointCount;
    this.tip = tip;
    axes = new Vector3d[segments.size()];
    origins = new Vector3d[segments.size()];
    for (int i = 0; i < axes.length; i++) {
      axes[i] = new Vector3d();
      origins[i] = new Vector3d();
    }
  }

  /**
   * Returns the chain of the joints that move a tip.
   *
   * @param jointNames order of the joint positions; joints outside of the chain are allowed
   * @param frame link in whose axes all poses are given; that joints which nobody commands move it
   *     and the tip alike does not matter
   */
  public static KinematicChain of(
      Urdf urdf, List<String> jointNames, String frame, String tipLink) {
    List<Joint> toFrame = urdf.chain(frame);
    List<Joint> toTip = urdf.chain(tipLink);
    int shared = 0;
    while (shared < Math.min(toFrame.size(), toTip.size())
        && toFrame.get(shared).equals(toTip.get(shared))) {
      shared++;
    }
    for (Joint joint : toFrame.subList(0, shared)) {
      if (joint.moves() && jointNames.contains(driven(urdf, jointNames, joint).driver())) {
        throw moving(urdf, frame, joint);
      }
    }
    Matrix4d before = fixed(urdf, frame, toFrame.subList(shared, toFrame.size())).invertAffine();
    List<Segment> segments = new ArrayList<>();
    List<Integer> moved = new ArrayList<>();
    for (Joint joint : toTip.subList(shared, toTip.size())) {
      before.mul(joint.origin());
      if (joint.moves()) {
        Mimic driven = driven(urdf, jointNames, joint.sound());
        int index = jointNames.indexOf(driven.driver());
        if (index < 0) {
          throw new ArmException(
              "joint '%s' moves the link '%s' but is not among the policy's joints %s; use a policy bundle made for this arm, or a frame behind the joint"
                  .formatted(joint.name(), tipLink, jointNames));
        }
        if (!moved.contains(index)) {
          moved.add(index);
        }
        segments.add(
            new Segment(
                before, joint, index, moved.indexOf(index), driven.multiplier(), driven.offset()));
        before = new Matrix4d();
      }
    }
    if (segments.isEmpty()) {
      throw new ArmException(
          "no joint moves the link '%s'; name a moving link as tip_link".formatted(tipLink));
    }
    int[] columns = moved.stream().mapToInt(Integer::intValue).toArray();
    return new KinematicChain(List.copyOf(segments), columns, jointNames.size(), before);
  }

  private static Matrix4d fixed(Urdf urdf, String frame, List<Joint> joints) {
    var pose = new Matrix4d();
    for (Joint joint : joints) {
      if (joint.moves()) {
        throw moving(urdf, frame, joint);
      }
      pose.mul(joint.origin());
    }
    return pose;
  }

  private static ArmException moving(Urdf urdf, String frame, Joint joint) {
    return new ArmException(
        "the frame '%s' moves with joint '%s'; the action space needs a frame that stands still, such as '%s'"
            .formatted(frame, joint.name(), urdf.root()));
  }

  /** The joint that a joint follows, by way of others too; itself where that is not commanded. */
  static Mimic driven(Urdf urdf, List<String> jointNames, Joint joint) {
    Mimic driven = new Mimic(joint.name(), 1, 0);
    Mimic known = driven;
    Optional<Mimic> next = joint.mimic();
    for (int hops = 0; next.isPresent() && hops <= urdf.joints().size(); hops++) {
      Mimic mimic = next.get();
      driven =
          new Mimic(
              mimic.driver(),
              driven.multiplier() * mimic.multiplier(),
              driven.multiplier() * mimic.offset() + driven.offset());
      if (jointNames.contains(driven.driver())) {
        known = driven;
      }
      next = urdf.named(mimic.driver()).flatMap(Joint::mimic);
    }
    return known;
  }

  /** The number of joints that move the tip, each of which is a column of the Jacobian. */
  int size() {
    return moved.length;
  }

  /** The length of the vectors of joint positions. */
  int jointCount() {
    return jointCount;
  }

  /** Returns the place of column i in a vector of joint positions. */
  int jointIndex(int i) {
    return moved[i];
  }

  /** The tip as seen from the hand, metres. */
  Vector3d tipInHand() {
    return tip.getTranslation(new Vector3d());
  }

  /**
   * Sets the hand's pose, and the axes and origins of the joints, to joint positions.
   *
   * @return pose of the hand in the frame; changed by the next call
   */
  public Matrix4d forward(double[] positions) {
    hand.identity();
    for (int i = 0; i < segments.size(); i++) {
      Segment segment = segments.get(i);
      Vector3d axis = segment.joint.axis();
      double position = segment.position(positions);
      hand.mul(segment.before);
      hand.transformDirection(axis, axes[i]);
      hand.getTranslation(origins[i]);
      if (segment.joint.kind().turns()) {
        hand.mul(Rotations.about(axis, position, turn));
      } else {
        hand.translate(axis.x * position, axis.y * position, axis.z * position);
      }
    }
    return hand;
  }

  /** The position of the tip at joint positions, in the frame, metres. */
  Vector3d tip(double[] positions, Vector3d into) {
    return forward(positions).transformPosition(tip.getTranslation(new Vector3d()), into);
  }

  /**
   * Returns the way that the tip moves at most while the joints go straight from one position to
   * another, metres: each joint moves it by no more than its own way with all behind it stretched
   * out.
   */
  double way(double[] from, double[] to) {
    double way = 0;
    double behind = tip.getTranslation(new Vector3d()).length();
    for (int i = segments.size() - 1; i >= 0; i--) {
      Segment segment = segments.get(i);
      double before = segment.position(from);
      double after = segment.position(to);
      boolean turns = segment.joint.kind().turns();
      way += Math.abs(after - before) * (turns ? behind : 1);
      behind += turns ? 0 : Math.max(Math.abs(before), Math.abs(after));
      behind += segment.before.getTranslation(new Vector3d()).length();
    }
    return way;
  }

  /** The pose of the tip at joint positions, in the frame. */
  Matrix4d tipPose(double[] positions, Matrix4d into) {
    return forward(positions).mul(tip, into);
  }

  /**
   * The Jacobian at the joint positions of the last {@link #forward}: how a point of the hand moves
   * and turns.
   *
   * @param point in the frame
   * @param into [6, size]: three rows of translation, three of rotation
   */
  void jacobian(Vector3d point, double[][] into) {
    for (double[] row : into) {
      Arrays.fill(row, 0);
    }
    var column = new Vector3d();
    for (int i = 0; i < segments.size(); i++) {
      Segment segment = segments.get(i);
      Vector3d axis = axes[i];
      boolean turns = segment.joint.kind().turns();
      if (turns) {
        point.sub(origins[i], column);
        axis.cross(column, column);
      } else {
        column.set(axis);
      }
      for (int r = 0; r < 3; r++) {
        into[r][segment.column] += segment.multiplier * column.get(r);
        into[r + 3][segment.column] += turns ? segment.multiplier * axis.get(r) : 0;
      }
    }
  }
}
