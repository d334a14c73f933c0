package dev.reverie.arm;

import dev.reverie.arm.Urdf.Joint;
import dev.reverie.arm.Urdf.Kind;
import java.util.ArrayList;
import java.util.List;
import org.joml.Matrix4d;
import org.joml.Vector3d;

/**
 * The moving joints from the root of an arm to its tip, seen from a frame that no joint moves. The
 * last moving link is the hand; the tip is fixed to it. Not thread-safe: poses are reused.
 */
final class KinematicChain {
  private final List<Segment> segments;
  private final int jointCount;
  private final Vector3d tip;
  private final Matrix4d hand = new Matrix4d();
  private final Matrix4d turn = new Matrix4d();
  private final Vector3d[] axes;
  private final Vector3d[] origins;

  /** A moving joint: the fixed transform before it, and its place in the vector of joints. */
  private record Segment(Matrix4d before, Joint joint, int index) {}

  private KinematicChain(List<Segment> segments, int jointCount, Vector3d tip) {
    this.segments = segments;
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
   * @param frame link in whose axes all poses are given
   */
  static KinematicChain of(Urdf urdf, List<String> jointNames, String frame, String tipLink) {
    Matrix4d before = fixed(urdf, frame).invertAffine();
    List<Segment> segments = new ArrayList<>();
    for (Joint joint : urdf.chain(tipLink)) {
      before.mul(joint.origin());
      if (joint.kind() != Kind.FIXED) {
        int index = jointNames.indexOf(joint.name());
        if (index < 0) {
          throw new ArmException(
              "joint '%s' moves the link '%s' but is not among the policy's joints %s; use a policy"
                      .formatted(joint.name(), tipLink, jointNames)
                  + " bundle made for this arm");
        }
        segments.add(new Segment(before, joint, index));
        before = new Matrix4d();
      }
    }
    if (segments.isEmpty()) {
      throw new ArmException(
          "no joint moves the link '%s'; name a moving link as tip_link".formatted(tipLink));
    }
    return new KinematicChain(
        List.copyOf(segments), jointNames.size(), before.getTranslation(new Vector3d()));
  }

  private static Matrix4d fixed(Urdf urdf, String frame) {
    var pose = new Matrix4d();
    for (Joint joint : urdf.chain(frame)) {
      if (joint.kind() != Kind.FIXED) {
        throw new ArmException(
            "the frame '%s' moves with joint '%s'; the action space needs a frame that stands still, such as '%s'"
                .formatted(frame, joint.name(), urdf.root()));
      }
      pose.mul(joint.origin());
    }
    return pose;
  }

  /** The number of moving joints of the chain. */
  int size() {
    return segments.size();
  }

  /** The length of the vectors of joint positions. */
  int jointCount() {
    return jointCount;
  }

  /** Returns the place of moving joint i of the chain in a vector of joint positions. */
  int jointIndex(int i) {
    return segments.get(i).index;
  }

  /** The tip as seen from the hand, metres. */
  Vector3d tipInHand() {
    return tip;
  }

  /**
   * Sets the hand's pose, and the axes and origins of the joints, to joint positions.
   *
   * @return pose of the hand in the frame; changed by the next call
   */
  Matrix4d forward(double[] positions) {
    hand.identity();
    for (int i = 0; i < segments.size(); i++) {
      Segment segment = segments.get(i);
      Vector3d axis = segment.joint.axis();
      double position = positions[segment.index];
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
    return forward(positions).transformPosition(tip, into);
  }

  /**
   * The Jacobian at the joint positions of the last {@link #forward}: how a point of the hand moves
   * and turns.
   *
   * @param point in the frame
   * @param into [6, size]: three rows of translation, three of rotation
   */
  void jacobian(Vector3d point, double[][] into) {
    var column = new Vector3d();
    for (int i = 0; i < segments.size(); i++) {
      Vector3d axis = axes[i];
      boolean turns = segments.get(i).joint.kind().turns();
      if (turns) {
        point.sub(origins[i], column);
        axis.cross(column, column);
      } else {
        column.set(axis);
      }
      for (int r = 0; r < 3; r++) {
        into[r][i] = column.get(r);
        into[r + 3][i] = turns ? axis.get(r) : 0;
      }
    }
  }
}
