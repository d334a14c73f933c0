package dev.reverie.arm;

import dev.reverie.arm.ArmFile.Box;
import java.util.List;
import org.joml.Vector3d;

/**
 * A box in the axes of its frame, metres, and how deep something is inside of it. Depth never
 * changes by more than what is looked at moves.
 */
record Solid(Vector3d min, Vector3d max) {
  static Solid of(Box box) {
    return new Solid(vector(box.min()), vector(box.max()));
  }

  private static Vector3d vector(List<Double> of) {
    return new Vector3d(of.get(0), of.get(1), of.get(2));
  }

  /** The same about its middle, no thinner than this, m. */
  Solid atLeast(double thickness) {
    var less = new Vector3d();
    for (int i = 0; i < 3; i++) {
      double lacks = thickness - (max.get(i) - min.get(i));
      less.setComponent(i, Math.max(0, lacks / 2));
    }
    return new Solid(min.sub(less, new Vector3d()), max.add(less, new Vector3d()));
  }

  /** Returns how deep a point is inside; negative outside, where the box is at least as far. */
  double depth(Vector3d point) {
    return depth(point, point, 0);
  }

  /**
   * Returns how deep the deepest point of a straight line is inside; negative outside, where the
   * box is at least as far from all of it.
   *
   * <p>Along the line the depth below each of the six faces is linear, and their least, the depth,
   * has its largest value at an end or where one that grows meets one that falls.
   */
  double depth(Vector3d from, Vector3d to) {
    double deepest = Math.max(depth(from), depth(to));
    for (int i = 0; i < 3; i++) {
      double grows = to.get(i) - from.get(i);
      for (int j = 0; j < 3; j++) {
        double falls = to.get(j) - from.get(j);
        double share =
            (behind(from, j, falls) - before(from, i, grows)) / (Math.abs(grows) + Math.abs(falls));
        if (share > 0 && share < 1) {
          deepest = Math.max(deepest, depth(from, to, share));
        }
      }
    }
    return deepest;
  }

  /**
   * Returns how far a point is inside of the face that it leaves behind in a direction of an axis.
   */
  private double before(Vector3d point, int axis, double direction) {
    return direction > 0 ? point.get(axis) - min.get(axis) : max.get(axis) - point.get(axis);
  }

  /** Returns how far a point is inside of the face that it comes to in a direction of an axis. */
  private double behind(Vector3d point, int axis, double direction) {
    return direction > 0 ? max.get(axis) - point.get(axis) : point.get(axis) - min.get(axis);
  }

  private double depth(Vector3d from, Vector3d to, double share) {
    double depth = Double.POSITIVE_INFINITY;
    for (int i = 0; i < 3; i++) {
      double at = from.get(i) + share * (to.get(i) - from.get(i));
      depth = Math.min(depth, Math.min(at - min.get(i), max.get(i) - at));
    }
    return depth;
  }
}
