package dev.reverie.sim;

import java.util.Arrays;

/**
 * A picture under way: draws triangles with a depth of each sample, textures without distortion,
 * and the shade of a sun that stands above. For one thread at a time.
 */
final class Raster {
  private static final float NEAR_M = 0.01f;
  private static final int SKY = 0xd1d6db;

  /** Direction of the sun in the world, as of {@link RayCamera}. */
  private static final double[] SUN = {0.3, 0.4, 0.866};

  private static final float SHADE = 0.55f;

  private final int columns;
  private final int rows;
  private final float focal; // samples
  private final float[] nearness; // [rows * columns] 1 over the depth, 1/m; 0: nothing
  private final int[] colours; // [rows * columns] 0xRRGGBB
  private final float[] kept;
  private final int[] keptColours;
  private final float[] turn = new float[9]; // geom to camera
  private final float[] shift = new float[3];
  private final float[] sun = new float[3]; // in the camera's frame
  private final float[] x = new float[3]; // of the drawn triangle's corners in the picture
  private final float[] y = new float[3];
  private final float[] w = new float[3]; // 1 over their depth
  private final float[] first = new float[3]; // their shares of the solid's triangle's corners
  private final float[] second = new float[3];
  private final float[][] clipped = new float[4][5]; // place in the camera's frame, two shares
  private float[] inCamera = new float[0]; // [triangles, 3, 3]

  /**
   * An empty picture.
   *
   * @param focal length, samples
   */
  Raster(int columns, int rows, double focal) {
    this.columns = columns;
    this.rows = rows;
    this.focal = (float) focal;
    nearness = new float[rows * columns];
    colours = new int[rows * columns];
    kept = new float[rows * columns];
    keptColours = new int[rows * columns];
  }

  /** [rows * columns] 0xRRGGBB. */
  int[] colours() {
    return colours;
  }

  void clear() {
    Arrays.fill(nearness, 0);
    Arrays.fill(colours, SKY);
  }

  /** Keeps what has been drawn. */
  void keep() {
    System.arraycopy(nearness, 0, kept, 0, kept.length);
    System.arraycopy(colours, 0, keptColours, 0, kept.length);
  }

  /** Goes on from what was kept. */
  void recall() {
    System.arraycopy(kept, 0, nearness, 0, kept.length);
    System.arraycopy(keptColours, 0, colours, 0, kept.length);
  }

  /**
   * Draws a solid.
   *
   * @param positions [geoms, 3] metres
   * @param rotations [geoms, 3, 3] geom to world
   */
  void draw(Solid solid, Doubles positions, Doubles rotations, FixedCamera from) {
    pose(solid.geom(), positions, rotations, from);
    float[] own = solid.corners();
    if (inCamera.length < own.length) {
      inCamera = new float[own.length];
    }
    for (int i = 0; i < own.length; i += 3) {
      for (int axis = 0; axis < 3; axis++) {
        inCamera[i + axis] =
            turn[3 * axis] * own[i]
                + turn[3 * axis + 1] * own[i + 1]
                + turn[3 * axis + 2] * own[i + 2]
                + shift[axis];
      }
    }
    for (int triangle = 0; triangle < solid.triangles(); triangle++) {
      int corners = clip(9 * triangle);
      for (int last = 2; last < corners; last++) {
        project(0, clipped[0]);
        project(1, clipped[last - 1]);
        project(2, clipped[last]);
        fill(solid, triangle, shade(9 * triangle));
      }
    }
  }

  /** The way from a geom's frame to the camera's, and the sun there. */
  private void pose(int geom, Doubles positions, Doubles rotations, FixedCamera from) {
    double[] r = from.rotation();
    for (int axis = 0; axis < 3; axis++) {
      double moved = 0;
      double light = 0;
      for (int world = 0; world < 3; world++) {
        moved += r[3 * world + axis] * (positions.get(3 * geom + world) - from.position()[world]);
        light += r[3 * world + axis] * SUN[world];
      }
      shift[axis] = (float) moved;
      sun[axis] = (float) light;
      for (int own = 0; own < 3; own++) {
        double sum = 0;
        for (int world = 0; world < 3; world++) {
          sum += r[3 * world + axis] * rotations.get(9 * geom + 3 * world + own);
        }
        turn[3 * axis + own] = (float) sum;
      }
    }
  }

  /** Cuts off what of a triangle is not before the lens; returns how many corners are left. */
  private int clip(int at) {
    int corners = 0;
    for (int corner = 0; corner < 3; corner++) {
      int next = (corner + 1) % 3;
      float depth = -inCamera[at + 3 * corner + 2];
      float after = -inCamera[at + 3 * next + 2];
      if (depth >= NEAR_M) {
        between(at, corner, next, 0, clipped[corners++]);
      }
      if ((depth >= NEAR_M) != (after >= NEAR_M)) {
        between(at, corner, next, (depth - NEAR_M) / (depth - after), clipped[corners++]);
      }
    }
    return corners;
  }

  /** A point between two corners of a triangle, with its shares of the first two. */
  private void between(int at, int one, int other, float share, float[] into) {
    for (int axis = 0; axis < 3; axis++) {
      float from = inCamera[at + 3 * one + axis];
      into[axis] = from + share * (inCamera[at + 3 * other + axis] - from);
    }
    into[3] = (one == 0 ? 1 - share : 0) + (other == 0 ? share : 0);
    into[4] = (one == 1 ? 1 - share : 0) + (other == 1 ? share : 0);
  }

  /** Places a corner in the picture. */
  private void project(int corner, float[] at) {
    w[corner] = -1 / at[2];
    x[corner] = columns / 2f + focal * at[0] * w[corner];
    y[corner] = rows / 2f - focal * at[1] * w[corner];
    first[corner] = at[3];
    second[corner] = at[4];
  }

  /**
   * Returns a brightness from 0.55, away from the sun, to 1; both sides of a triangle are alike.
   */
  private float shade(int at) {
    float[] p = inCamera;
    float ax = p[at + 3] - p[at];
    float ay = p[at + 4] - p[at + 1];
    float az = p[at + 5] - p[at + 2];
    float bx = p[at + 6] - p[at];
    float by = p[at + 7] - p[at + 1];
    float bz = p[at + 8] - p[at + 2];
    float nx = ay * bz - az * by;
    float ny = az * bx - ax * bz;
    float nz = ax * by - ay * bx;
    float length = (float) Math.sqrt(nx * nx + ny * ny + nz * nz);
    if (length == 0) {
      return SHADE;
    }
    boolean away = nx * p[at] + ny * p[at + 1] + nz * p[at + 2] > 0;
    float facing = (nx * sun[0] + ny * sun[1] + nz * sun[2]) / (away ? -length : length);
    return SHADE + (1 - SHADE) * Math.max(0, facing);
  }

  private void fill(Solid solid, int triangle, float shade) {
    int left = Math.max(0, (int) Math.ceil(Math.min(x[0], Math.min(x[1], x[2])) - 0.5f));
    int right =
        Math.min(columns - 1, (int) Math.floor(Math.max(x[0], Math.max(x[1], x[2])) - 0.5f));
    int top = Math.max(0, (int) Math.ceil(Math.min(y[0], Math.min(y[1], y[2])) - 0.5f));
    int bottom = Math.min(rows - 1, (int) Math.floor(Math.max(y[0], Math.max(y[1], y[2])) - 0.5f));
    float area = (x[1] - x[0]) * (y[2] - y[0]) - (x[2] - x[0]) * (y[1] - y[0]);
    if (area == 0) {
      return;
    }
    for (int row = top; row <= bottom; row++) {
      for (int column = left; column <= right; column++) {
        float dx = column + 0.5f - x[0];
        float dy = row + 0.5f - y[0];
        float b1 = (dx * (y[2] - y[0]) - (x[2] - x[0]) * dy) / area;
        float b2 = ((x[1] - x[0]) * dy - dx * (y[1] - y[0])) / area;
        float b0 = 1 - b1 - b2;
        if (b0 < 0 || b1 < 0 || b2 < 0) {
          continue;
        }
        float near = b0 * w[0] + b1 * w[1] + b2 * w[2];
        int at = row * columns + column;
        if (near > nearness[at]) {
          nearness[at] = near;
          colours[at] =
              colour(solid, triangle, b0 * w[0] / near, b1 * w[1] / near, b2 * w[2] / near, shade);
        }
      }
    }
  }

  /** The colour at a point of a triangle, by its shares of the drawn corners. */
  private int colour(Solid solid, int triangle, float p0, float p1, float p2, float shade) {
    float[] rgb = solid.rgb();
    if (solid.texture().isEmpty()) {
      return packed(255 * rgb[0] * shade, 255 * rgb[1] * shade, 255 * rgb[2] * shade);
    }
    Solid.Texture texture = solid.texture().get();
    float a = p0 * first[0] + p1 * first[1] + p2 * first[2];
    float b = p0 * second[0] + p1 * second[1] + p2 * second[2];
    float c = 1 - a - b;
    float[] uv = solid.uv();
    int at = 6 * triangle;
    float u = a * uv[at] + b * uv[at + 2] + c * uv[at + 4];
    float v = a * uv[at + 1] + b * uv[at + 3] + c * uv[at + 5];
    u -= (float) Math.floor(u);
    v -= (float) Math.floor(v);
    int column = Math.min(texture.width() - 1, (int) (u * texture.width()));
    int row = Math.min(texture.height() - 1, (int) (v * texture.height()));
    int texel = 3 * (row * texture.width() + column);
    byte[] of = texture.rgb();
    return packed(
        (of[texel] & 0xff) * rgb[0] * shade,
        (of[texel + 1] & 0xff) * rgb[1] * shade,
        (of[texel + 2] & 0xff) * rgb[2] * shade);
  }

  private static int packed(float red, float green, float blue) {
    return (int) Math.min(255, red) << 16
        | (int) Math.min(255, green) << 8
        | (int) Math.min(255, blue);
  }
}
