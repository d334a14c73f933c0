package dev.reverie.sim;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * A pinhole camera by ray casting: each pixel is the mean colour of what {@code samples * samples}
 * rays meet, without light or shadow. No OpenGL; the same picture on every machine.
 *
 * <p>What each ray meets of the world that cannot move is remembered, so that rays need to be cast
 * only where something that moves may be in front.
 */
final class RayCamera {
  private static final int NOTHING = -1;
  private static final int UNKNOWN = -2;
  private static final double CUTOFF_M = 20;

  /** Colour where no ray meets a geom. */
  private static final float[] SKY = {0.82f, 0.84f, 0.86f};

  private final Simulation simulation;
  private final int size;
  private final int samples;
  private final int side; // rays along each side
  private final double focalPixels;
  private final boolean[] moving;
  private final Silhouette silhouette;
  private final int[] background; // [side * side] geom, NOTHING or UNKNOWN behind what moves
  private final int[] nearest; // [side * side] geom or NOTHING
  private final boolean[] inFront; // [side * side] where something that moves may be
  private final int[] cast; // the rays of the last call
  private final double[] directions; // [side * side, 3]
  private final int[] palette; // [geoms + 1] 0xRRGGBB; the last one is the sky

  private final MemorySegment origin;
  private final MemorySegment nativeDirections;
  private final MemorySegment nativeGeoms;
  private final MemorySegment nativeDistances;

  /**
   * Looks through a camera of the scene.
   *
   * @param camera name in the scene
   * @param size of the square picture, pixels
   * @param samples per pixel along each axis
   */
  RayCamera(Simulation simulation, String camera, int size, int samples) {
    if (size < 1 || samples < 1 || (long) size * samples > 1024) {
      throw new IllegalArgumentException(
          "picture of %d pixels with %d samples each; both must be at least 1, multiplied at most 1024"
              .formatted(size, samples));
    }
    this.simulation = simulation;
    this.size = size;
    this.samples = samples;
    side = size * samples;
    FixedCamera fixed = simulation.camera(camera);
    double halfWidth = Math.tan(Math.toRadians(fixed.verticalFieldDegrees()) / 2);
    focalPixels = size / 2.0 / halfWidth;
    directions = directions(fixed.rotation(), side, halfWidth);
    moving = simulation.movingGeoms();
    silhouette = new Silhouette(fixed, side, side / 2.0 / halfWidth, simulation.geomBoxes());
    int rays = side * side;
    background = new int[rays];
    Arrays.fill(background, UNKNOWN);
    nearest = new int[rays];
    inFront = new boolean[rays];
    cast = new int[rays];
    palette = palette(simulation.geomColours());
    Arena arena = Arena.ofAuto(); // MuJoCo's thread uses it too, for ever where an error parks it
    origin = arena.allocateFrom(JAVA_DOUBLE, fixed.position());
    nativeDirections = arena.allocate(JAVA_DOUBLE, 3L * rays);
    nativeGeoms = arena.allocate(JAVA_INT, rays);
    nativeDistances = arena.allocate(JAVA_DOUBLE, rays);
  }

  /** Focal length of the pinhole camera, pixels of the picture. */
  double focalPixels() {
    return focalPixels;
  }

  int size() {
    return size;
  }

  /** A picture of the simulation's state: [size, size, 3] red, green, blue, rows from the top. */
  byte[] render() {
    Arrays.fill(inFront, false);
    for (int geom = 0; geom < moving.length; geom++) {
      if (moving[geom]) {
        silhouette.mark(geom, simulation.geomPositions(), simulation.geomRotations(), inFront);
      }
    }
    castRays();
    return picture();
  }

  private void castRays() {
    int rays = 0;
    for (int ray = 0; ray < nearest.length; ray++) {
      nearest[ray] = background[ray];
      if (inFront[ray] || background[ray] == UNKNOWN) {
        MemorySegment.copy(directions, 3 * ray, nativeDirections, JAVA_DOUBLE, 24L * rays, 3);
        cast[rays++] = ray;
      }
    }
    if (rays == 0) {
      return;
    }
    simulation.castRays(origin, nativeDirections, nativeGeoms, nativeDistances, rays, CUTOFF_M);
    for (int i = 0; i < rays; i++) {
      int geom = nativeGeoms.getAtIndex(JAVA_INT, i);
      nearest[cast[i]] = geom;
      if (geom == NOTHING || !moving[geom]) {
        background[cast[i]] = geom;
      }
    }
  }

  private byte[] picture() {
    byte[] rgb = new byte[size * size * 3];
    for (int row = 0; row < size; row++) {
      for (int column = 0; column < size; column++) {
        int pixel = 3 * (row * size + column);
        int red = 0;
        int green = 0;
        int blue = 0;
        for (int y = 0; y < samples; y++) {
          int ray = (row * samples + y) * side + column * samples;
          for (int x = 0; x < samples; x++) {
            int geom = nearest[ray + x];
            int colour = palette[geom == NOTHING ? palette.length - 1 : geom];
            red += colour >> 16;
            green += colour >> 8 & 0xff;
            blue += colour & 0xff;
          }
        }
        rgb[pixel] = mean(red);
        rgb[pixel + 1] = mean(green);
        rgb[pixel + 2] = mean(blue);
      }
    }
    return rgb;
  }

  private byte mean(int sum) {
    return (byte) Math.rint((float) sum / (samples * samples));
  }

  private static double[] directions(double[] rotation, int side, double halfWidth) {
    double[] directions = new double[side * side * 3];
    for (int row = 0; row < side; row++) {
      double up = -((row + 0.5) / side * 2 - 1) * halfWidth;
      for (int column = 0; column < side; column++) {
        double right = ((column + 0.5) / side * 2 - 1) * halfWidth;
        double[] v = new double[3];
        for (int axis = 0; axis < 3; axis++) { // rotation: right, up and backward in its columns
          v[axis] =
              rotation[3 * axis] * right + rotation[3 * axis + 1] * up - rotation[3 * axis + 2];
        }
        double length = Math.sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
        for (int axis = 0; axis < 3; axis++) {
          directions[3 * (row * side + column) + axis] = v[axis] / length;
        }
      }
    }
    return directions;
  }

  private static int[] palette(float[] rgba) {
    int[] palette = new int[rgba.length / 4 + 1];
    for (int geom = 0; geom < palette.length - 1; geom++) {
      palette[geom] = packed(rgba[4 * geom], rgba[4 * geom + 1], rgba[4 * geom + 2]);
    }
    palette[palette.length - 1] = packed(SKY[0], SKY[1], SKY[2]);
    return palette;
  }

  private static int packed(double red, double green, double blue) {
    return (int) Math.rint(red * 255) << 16
        | (int) Math.rint(green * 255) << 8
        | (int) Math.rint(blue * 255);
  }
}
