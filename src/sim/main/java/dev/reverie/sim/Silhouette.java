package dev.reverie.sim;

import java.util.Arrays;

/**
 * Bounds of where a geom can be seen in a picture: the outline of the box around it. A box is
 * convex and so is its image, the hull of its eight corners; each row of rays crosses it in one
 * interval.
 */
final class Silhouette {
  /** Margin in rays, beside which rounding errors are nothing. */
  private static final double MARGIN = 0.01;

  private static final double NEAR_M = 0.01;

  private final FixedCamera camera;
  private final int columns;
  private final int rows;
  private final double focalRays;
  private final double[] boxes;
  private final double[] u = new double[8];
  private final double[] v = new double[8];

  /**
   * Prepares a camera and the boxes around all geoms.
   *
   * @param columns of rays
   * @param rows of rays
   * @param focalRays focal length in units of the distance between two rays
   * @param boxes [geoms, 6] centre and half sizes in the geom's frame, metres
   */
  Silhouette(FixedCamera camera, int columns, int rows, double focalRays, double[] boxes) {
    this.camera = camera;
    this.columns = columns;
    this.rows = rows;
    this.focalRays = focalRays;
    this.boxes = boxes;
  }

  /**
   * Marks the rays that may meet a geom.
   *
   * @param positions [geoms, 3] metres
   * @param rotations [geoms, 3, 3] geom to world
   * @param marked [rows * columns] rows from the top
   */
  void mark(int geom, Doubles positions, Doubles rotations, boolean[] marked) {
    if (!project(geom, positions, rotations)) {
      Arrays.fill(marked, true); // beside or behind the lens: no bound
      return;
    }
    double top = Double.POSITIVE_INFINITY;
    double bottom = Double.NEGATIVE_INFINITY;
    for (double row : v) {
      top = Math.min(top, row);
      bottom = Math.max(bottom, row);
    }
    int first = (int) Math.max(0, Math.ceil(top - MARGIN));
    int last = (int) Math.min(rows - 1, Math.floor(bottom + MARGIN));
    for (int row = first; row <= last; row++) {
      markRow(row, Math.clamp(row, top, bottom), marked);
    }
  }

  /** Marks the interval in which a row crosses the lines between all pairs of corners. */
  private void markRow(int row, double at, boolean[] marked) {
    double left = Double.POSITIVE_INFINITY;
    double right = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < 8; i++) {
      for (int j = 0; j < 8; j++) {
        if (v[i] <= at && at <= v[j]) {
          double fraction = v[j] > v[i] ? (at - v[i]) / (v[j] - v[i]) : 0;
          double crossing = u[i] + fraction * (u[j] - u[i]);
          left = Math.min(left, crossing);
          right = Math.max(right, crossing);
        }
      }
    }
    int first = (int) Math.max(0, Math.ceil(left - MARGIN));
    int last = (int) Math.min(columns - 1, Math.floor(right + MARGIN));
    for (int column = first; column <= last; column++) {
      marked[row * columns + column] = true;
    }
  }

  /** The box's corners in the picture, in units of rays; false where one is not before the lens. */
  private boolean project(int geom, Doubles positions, Doubles rotations) {
    for (int corner = 0; corner < 8; corner++) {
      double right = 0;
      double up = 0;
      double backward = 0;
      for (int axis = 0; axis < 3; axis++) {
        double world = positions.get(3 * geom + axis) - camera.position()[axis];
        for (int k = 0; k < 3; k++) {
          double half = boxes[6 * geom + 3 + k];
          double local = boxes[6 * geom + k] + ((corner >> k & 1) == 0 ? -half : half);
          world += rotations.get(9 * geom + 3 * axis + k) * local;
        }
        right += camera.rotation()[3 * axis] * world;
        up += camera.rotation()[3 * axis + 1] * world;
        backward += camera.rotation()[3 * axis + 2] * world;
      }
      double depth = -backward;
      if (depth < NEAR_M) {
        return false;
      }
      u[corner] = columns / 2.0 - 0.5 + focalRays * right / depth;
      v[corner] = rows / 2.0 - 0.5 - focalRays * up / depth;
    }
    return true;
  }
}
