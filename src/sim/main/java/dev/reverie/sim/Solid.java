package dev.reverie.sim;

import java.util.Optional;

/**
 * The look of a geom, in its own frame; it never changes.
 *
 * @param geom its id
 * @param moves whether it can, by joints or as a mocap body
 * @param corners [triangles, 3, 3] metres
 * @param uv [triangles, 3, 2] where the corners lie on the texture, 1 across; empty without one
 * @param texture what covers it; its colour is multiplied with that of the geom
 * @param rgb [3] from 0 to 1
 */
record Solid(
    int geom, boolean moves, float[] corners, float[] uv, Optional<Texture> texture, float[] rgb) {
  /**
   * A picture that is repeated.
   *
   * @param rgb [height, width, 3]
   */
  record Texture(int width, int height, byte[] rgb) {
    /** [3] its mean colour, from 0 to 1. */
    float[] mean() {
      double[] sum = new double[3];
      for (int i = 0; i < rgb.length; i++) {
        sum[i % 3] += (rgb[i] & 0xff) / 255.0;
      }
      double pixels = Math.max(1, rgb.length / 3.0);
      return new float[] {
        (float) (sum[0] / pixels), (float) (sum[1] / pixels), (float) (sum[2] / pixels)
      };
    }
  }

  int triangles() {
    return corners.length / 9;
  }

  /** Triangles of shapes that are no meshes. */
  static final class Shapes {
    private static final int AROUND = 20;
    private static final int ALONG = 8;

    /** Half the side of a plane without end, metres. */
    private static final float ENDLESS_M = 5;

    private Shapes() {}

    /** A rectangle in the plane z = 0; a half side of 0 has no end. */
    static float[] plane(double halfX, double halfY) {
      float x = halfX > 0 ? (float) halfX : ENDLESS_M;
      float y = halfY > 0 ? (float) halfY : ENDLESS_M;
      return new float[] {-x, -y, 0, x, -y, 0, x, y, 0, -x, -y, 0, x, y, 0, -x, y, 0};
    }

    /** A box of these half sides. */
    static float[] box(double halfX, double halfY, double halfZ) {
      double[] half = {halfX, halfY, halfZ};
      float[] corners = new float[12 * 9];
      int at = 0;
      for (int axis = 0; axis < 3; axis++) {
        for (int side = -1; side <= 1; side += 2) {
          // Two triangles of a face: its corners by the signs along the other two axes.
          int[][] signs = {{-1, -1}, {1, -1}, {1, 1}, {-1, -1}, {1, 1}, {-1, 1}};
          for (int[] sign : signs) {
            corners[at + axis] = (float) (side * half[axis]);
            corners[at + (axis + 1) % 3] = (float) (sign[0] * half[(axis + 1) % 3]);
            corners[at + (axis + 2) % 3] = (float) (sign[1] * half[(axis + 2) % 3]);
            at += 3;
          }
        }
      }
      return corners;
    }

    static float[] ellipsoid(double x, double y, double z) {
      double[][] profile = new double[ALONG + 1][];
      for (int i = 0; i <= ALONG; i++) {
        double angle = Math.PI * i / ALONG;
        profile[i] = new double[] {Math.sin(angle), -z * Math.cos(angle)};
      }
      return turned(profile, x, y);
    }

    static float[] cylinder(double radius, double half) {
      return turned(new double[][] {{0, -half}, {1, -half}, {1, half}, {0, half}}, radius, radius);
    }

    static float[] capsule(double radius, double half) {
      double[][] profile = new double[2 * ALONG + 2][];
      for (int i = 0; i <= ALONG; i++) {
        double angle = Math.PI / 2 * i / ALONG;
        double out = Math.sin(angle);
        profile[i] = new double[] {out, -half - radius * Math.cos(angle)};
        profile[profile.length - 1 - i] = new double[] {out, half + radius * Math.cos(angle)};
      }
      return turned(profile, radius, radius);
    }

    /**
     * A profile turned about z.
     *
     * @param profile [points][2] share of the radius, and height, metres
     */
    private static float[] turned(double[][] profile, double radiusX, double radiusY) {
      float[] corners = new float[(profile.length - 1) * AROUND * 2 * 9];
      int at = 0;
      for (int point = 0; point + 1 < profile.length; point++) {
        for (int around = 0; around < AROUND; around++) {
          int[][] quad = {{0, 0}, {0, 1}, {1, 1}, {0, 0}, {1, 1}, {1, 0}};
          for (int[] corner : quad) {
            double[] on = profile[point + corner[0]];
            double angle = 2 * Math.PI * (around + corner[1]) / AROUND;
            corners[at++] = (float) (radiusX * on[0] * Math.cos(angle));
            corners[at++] = (float) (radiusY * on[0] * Math.sin(angle));
            corners[at++] = (float) on[1];
          }
        }
      }
      return corners;
    }
  }
}
