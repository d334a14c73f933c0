package dev.reverie.arm;

import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.joml.Matrix4d;
import org.joml.Vector3d;
import org.joml.Vector3dc;
import org.jspecify.annotations.Nullable;

/**
 * The moving joints of a URDF that are sound, and how far each stands from the one that moves it:
 * one arm is told from another by it, wherever each is mounted and whatever it looks like.
 *
 * @param bones by the name of the joint
 */
public record Skeleton(Map<String, Bone> bones) {
  /** Metres that are more than what the calibration of one arm changes. */
  private static final double FAR = 0.005;

  /** Between unit vectors: some 1.1 degrees. */
  private static final double TURNED = 0.02;

  /**
   * A joint that moves.
   *
   * @param from the frame of the nearest joint above that moves, to this joint's; empty where there
   *     is none
   * @param axis in this joint's frame
   */
  record Bone(Urdf.Kind kind, Optional<Matrix4d> from, Vector3d axis) {
    boolean sameAs(@Nullable Bone other) {
      return other != null
          && kind == other.kind
          && near(axis, other.axis, TURNED)
          && from.isPresent() == other.from.isPresent()
          && (from.isEmpty() || near(from.get(), other.from.get()));
    }
  }

  /** The skeleton of a URDF. */
  public static Skeleton of(Urdf urdf) {
    return new Skeleton(
        urdf.joints().values().stream()
            .filter(joint -> joint.moves() && joint.fault().isEmpty())
            .collect(
                Collectors.toMap(
                    Urdf.Joint::name,
                    joint -> new Bone(joint.kind(), from(urdf, joint), joint.axis()))));
  }

  /**
   * Tells whether another one is that of the same arm: joints of the same names and kinds, within 5
   * mm and 0.02 rad of where these are.
   */
  public boolean sameAs(Skeleton other) {
    return bones.keySet().equals(other.bones.keySet())
        && bones.entrySet().stream()
            .allMatch(bone -> bone.getValue().sameAs(other.bones.get(bone.getKey())));
  }

  private static Optional<Matrix4d> from(Urdf urdf, Urdf.Joint joint) {
    Matrix4d pose = new Matrix4d(joint.origin());
    for (Urdf.@Nullable Joint above = urdf.joints().get(joint.parent());
        above != null;
        above = urdf.joints().get(above.parent())) {
      if (above.moves()) {
        return Optional.of(pose);
      }
      above.origin().mul(pose, pose);
    }
    return Optional.empty();
  }

  private static boolean near(Matrix4d these, Matrix4d those) {
    boolean near = near(column(these, 3), column(those, 3), FAR);
    for (int i = 0; i < 3; i++) {
      near &= near(column(these, i), column(those, i), TURNED);
    }
    return near;
  }

  private static Vector3d column(Matrix4d of, int index) {
    return of.getColumn(index, new Vector3d());
  }

  private static boolean near(Vector3dc these, Vector3dc those, double most) {
    return these.distance(those) <= most;
  }
}
