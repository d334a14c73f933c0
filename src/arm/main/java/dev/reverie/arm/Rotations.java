package dev.reverie.arm;

import org.joml.Matrix3dc;
import org.joml.Matrix4d;
import org.joml.Vector3d;
import org.joml.Vector3dc;

/**
 * Rotations to the last bits: JOML derives the cosine from the sine, which near a right angle costs
 * half of the digits, and inverse kinematics notices.
 */
final class Rotations {
  private Rotations() {}

  /** The turn by an angle about a unit axis (Rodrigues). */
  static Matrix4d about(Vector3dc axis, double angleRad, Matrix4d into) {
    double sin = Math.sin(angleRad);
    double cos = Math.cos(angleRad);
    double rest = 1 - cos;
    double x = axis.x();
    double y = axis.y();
    double z = axis.z();
    return into.identity()
        .m00(x * x * rest + cos)
        .m01(y * x * rest + z * sin)
        .m02(z * x * rest - y * sin)
        .m10(x * y * rest - z * sin)
        .m11(y * y * rest + cos)
        .m12(z * y * rest + x * sin)
        .m20(x * z * rest + y * sin)
        .m21(y * z * rest - x * sin)
        .m22(z * z * rest + cos);
  }

  /** The rotation vector (axis times angle, at most half a turn) of a rotation. */
  static Vector3d vector(Matrix3dc r, Vector3d into) {
    // sin(angle) * axis
    into.set((r.m12() - r.m21()) / 2, (r.m20() - r.m02()) / 2, (r.m01() - r.m10()) / 2);
    double sin = into.length();
    double cos = (r.m00() + r.m11() + r.m22() - 1) / 2;
    if (sin < 1e-9 && cos < 0) { // half a turn: R = 2 axis axis^T - 1
      int i = r.m00() >= r.m11() && r.m00() >= r.m22() ? 0 : r.m11() >= r.m22() ? 1 : 2;
      r.getColumn(i, into);
      into.setComponent(i, into.get(i) + 1);
      return into.normalize(Math.PI);
    }
    return sin == 0 ? into : into.mul(Math.atan2(sin, cos) / sin);
  }
}
