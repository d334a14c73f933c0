package dev.reverie.arm;

import dev.reverie.policy.ActionSpace.Rotation;
import java.util.Optional;
import org.joml.Matrix3d;
import org.joml.Matrix4d;
import org.joml.Quaterniond;
import org.joml.Vector3d;

/** Orientations as actions say them, in [-1, 1]. */
final class Orientations {
  /** Length, at least, of a quaternion, and of an axis: below, its direction is noise. */
  private static final double LEAST_LENGTH = 1e-3;

  private Orientations() {}

  /** The rotation that numbers say; empty where they say none. */
  static Optional<Matrix3d> of(Rotation rotation, double[] said) {
    return switch (rotation) {
      case VECTOR -> Optional.of(turned(new Vector3d(said).mul(rotation.scale())));
      case QUATERNION -> {
        var quaternion = new Quaterniond(said[0], said[1], said[2], said[3]);
        double length = Math.sqrt(quaternion.lengthSquared());
        yield length < LEAST_LENGTH
            ? Optional.empty()
            : Optional.of(quaternion.normalize().get(new Matrix3d()));
      }
      case COLUMNS -> orthonormal(said);
      case ROWS -> orthonormal(said).map(Matrix3d::transpose);
    };
  }

  /** The numbers that say a rotation. */
  static double[] said(Rotation rotation, Matrix3d matrix) {
    return switch (rotation) {
      case VECTOR -> {
        Vector3d vector = Rotations.vector(matrix, new Vector3d()).div(rotation.scale());
        yield new double[] {vector.x, vector.y, vector.z};
      }
      case QUATERNION -> {
        Quaterniond q = matrix.getNormalizedRotation(new Quaterniond());
        double sign = q.w < 0 ? -1 : 1;
        yield new double[] {sign * q.x, sign * q.y, sign * q.z, sign * q.w};
      }
      case COLUMNS -> columns(matrix);
      case ROWS -> columns(matrix.transpose(new Matrix3d()));
    };
  }

  private static Matrix3d turned(Vector3d vector) {
    double angle = vector.length();
    return angle == 0
        ? new Matrix3d()
        : Rotations.about(vector.div(angle), angle, new Matrix4d()).get3x3(new Matrix3d());
  }

  private static double[] columns(Matrix3d r) {
    return new double[] {r.m00, r.m01, r.m02, r.m10, r.m11, r.m12};
  }

  /** The rotation whose first two columns are nearest: Gram and Schmidt's way. */
  private static Optional<Matrix3d> orthonormal(double[] said) {
    var x = new Vector3d(said[0], said[1], said[2]);
    var y = new Vector3d(said[3], said[4], said[5]);
    if (x.length() < LEAST_LENGTH) {
      return Optional.empty();
    }
    x.normalize();
    y.sub(new Vector3d(x).mul(x.dot(y)));
    if (y.length() < LEAST_LENGTH) {
      return Optional.empty();
    }
    y.normalize();
    return Optional.of(new Matrix3d(x, y, x.cross(y, new Vector3d())));
  }
}
