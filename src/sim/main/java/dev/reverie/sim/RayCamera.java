package dev.reverie.sim;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * A pinhole camera by ray casting: each pixel is the mean colour of what {@code samples * samples}
 * rays meet, without shadow. No OpenGL; the same picture on every machine.
 *
 * <p>What each ray meets of the world that cannot move is remembered, so that rays need to be cast
 * only where something that moves may be in front.
 */
final class RayCamera implements Lens {
  private static final int NOTHING = -1;
  private static final int UNKNOWN = -2;
  private static final double CUTOFF_M = 20;

  /** The camera of a scene that has none. */
  static final String OVERVIEW = "overview";

  /** Colour where no ray meets a geom. */
  private static final float[] SKY = {0.82f, 0.84f, 0.86f};

  private final Simulation simulation;
  private final String name;
  private final int width;
  private final int height;
  private final int samples;
  private final int columns; // of rays
  private final int rows;
  private final boolean carried;
  private final boolean shaded;
  private final double halfWidth;
  private final double halfHeight;
  private final double focalPixels;
  private final boolean[] moving;
  private final double[] boxes;
  private final Silhouette silhouette;
  private final int[] background; // [rows * columns] geom, NOTHING or UNKNOWN behind what moves
  private final int[] nearest; // [rows * columns] geom or NOTHING
  private final boolean[] inFront; // [rows * columns] where something that moves may be
  private final int[] cast; // the rays of the last call
  private double[] directions; // [rows * columns, 3]
  private final int[] palette; // [geoms + 1] 0xRRGGBB; the last one is the sky

  private final float[] brightness; // [rows * columns] of what is met; empty where all are the same
  private final float[] behind; // [rows * columns] of the background
  private final MemorySegment origin;
  private final MemorySegment nativeDirections;
  private final MemorySegment nativeGeoms;
  private final MemorySegment nativeDistances;
  private final MemorySegment nativeNormals;
  private final Arena arena = Arena.ofAuto(); // MuJoCo's thread uses it too, for ever in an error

  /** Looks through a fixed camera of the scene: square pictures, without light. */
  RayCamera(Simulation simulation, String camera, int size, int samples) {
    this(simulation, camera, simulation.camera(camera), false, size, size, samples, false);
  }

  /**
   * Looks through a camera of the scene.
   *
   * @param name in the scene; {@link #OVERVIEW} looks at all of a scene without cameras
   * @param width of the picture, pixels
   * @param height of the picture, pixels
   * @param samples per pixel along each axis
   * @return shows surfaces the darker, the steeper they face away from above
   */
  static RayCamera of(Simulation simulation, String name, int width, int height, int samples) {
    boolean named = simulation.model().cameras().contains(name);
    return new RayCamera(
        simulation,
        name,
        named ? simulation.camera(name) : simulation.model().overview(),
        named && simulation.model().cameraMoves(name),
        width,
        height,
        samples,
        true);
  }

  private RayCamera(
      Simulation simulation,
      String name,
      FixedCamera from,
      boolean carried,
      int width,
      int height,
      int samples,
      boolean shaded) {
    if (Math.min(width, height) < 1
        || samples < 1
        || (long) Math.max(width, height) * samples > 1024) {
      throw new IllegalArgumentException(
          "picture of %s pixels with %d samples each; both must be at least 1, multiplied at most 1024"
              .formatted(width == height ? width : width + "x" + height, samples));
    }
    this.simulation = simulation;
    this.name = name;
    this.width = width;
    this.height = height;
    this.samples = samples;
    this.carried = carried;
    this.shaded = shaded;
    columns = width * samples;
    rows = height * samples;
    halfHeight = Math.tan(Math.toRadians(from.verticalFieldDegrees()) / 2);
    halfWidth = halfHeight * ((double) width / height);
    focalPixels = height / 2.0 / halfHeight;
    moving = simulation.movingGeoms();
    boxes = simulation.geomBoxes();
    int rays = rows * columns;
    background = new int[rays];
    Arrays.fill(background, UNKNOWN);
    nearest = new int[rays];
    inFront = new boolean[rays];
    cast = new int[rays];
    brightness = new float[shaded ? rays : 0];
    behind = new float[brightness.length];
    palette = palette(simulation.geomColours());
    nativeDirections = arena.allocate(JAVA_DOUBLE, 3L * rays);
    nativeGeoms = arena.allocate(JAVA_INT, rays);
    nativeDistances = arena.allocate(JAVA_DOUBLE, rays);
    nativeNormals = shaded ? arena.allocate(JAVA_DOUBLE, 3L * rays) : MemorySegment.NULL;
    directions = directions(from.rotation());
    silhouette = new Silhouette(from, columns, rows, rows / 2.0 / halfHeight, boxes);
    origin = arena.allocateFrom(JAVA_DOUBLE, from.position());
  }

  @Override
  public double focalPixels() {
    return focalPixels;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int width() {
    return width;
  }

  @Override
  public int height() {
    return height;
  }

  @Override
  public byte[] render() {
    if (carried) {
      FixedCamera from = simulation.cameraNow(name);
      directions = directions(from.rotation());
      MemorySegment.copy(from.position(), 0, origin, JAVA_DOUBLE, 0, 3);
      Arrays.fill(background, UNKNOWN);
      castRays();
      return picture();
    }
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
      if (shaded) {
        brightness[ray] = behind[ray];
      }
      if (inFront[ray] || background[ray] == UNKNOWN) {
        MemorySegment.copy(directions, 3 * ray, nativeDirections, JAVA_DOUBLE, 24L * rays, 3);
        cast[rays++] = ray;
      }
    }
    if (rays == 0) {
      return;
    }
    simulation.castRays(
        origin, nativeDirections, nativeGeoms, nativeDistances, nativeNormals, rays, CUTOFF_M);
    for (int i = 0; i < rays; i++) {
      int geom = nativeGeoms.getAtIndex(JAVA_INT, i);
      nearest[cast[i]] = geom;
      if (shaded && geom != NOTHING) {
        brightness[cast[i]] = brightness(i);
      }
      if (geom == NOTHING || !moving[geom]) {
        background[cast[i]] = geom;
        if (shaded) {
          behind[cast[i]] = brightness[cast[i]];
        }
      }
    }
  }

  /**
   * Returns a brightness from 0.55, below, to 1, where the sun stands: above, a little before and
   * to the left.
   */
  private float brightness(int ray) {
    double facing =
        0.3 * nativeNormals.getAtIndex(JAVA_DOUBLE, 3L * ray)
            + 0.4 * nativeNormals.getAtIndex(JAVA_DOUBLE, 3L * ray + 1)
            + 0.866 * nativeNormals.getAtIndex(JAVA_DOUBLE, 3L * ray + 2);
    return (float) (0.55 + 0.45 * Math.max(0, facing));
  }

  private byte[] picture() {
    byte[] rgb = new byte[width * height * 3];
    for (int row = 0; row < height; row++) {
      for (int column = 0; column < width; column++) {
        int pixel = 3 * (row * width + column);
        float red = 0; // sums of whole numbers are exact without shades
        float green = 0;
        float blue = 0;
        for (int y = 0; y < samples; y++) {
          int ray = (row * samples + y) * columns + column * samples;
          for (int x = 0; x < samples; x++) {
            int geom = nearest[ray + x];
            int colour = palette[geom == NOTHING ? palette.length - 1 : geom];
            float light = shaded && geom != NOTHING ? brightness[ray + x] : 1;
            red += light * (colour >> 16);
            green += light * (colour >> 8 & 0xff);
            blue += light * (colour & 0xff);
          }
        }
        rgb[pixel] = mean(red);
        rgb[pixel + 1] = mean(green);
        rgb[pixel + 2] = mean(blue);
      }
    }
    return rgb;
  }

  private byte mean(float sum) {
    return (byte) Math.rint(sum / (samples * samples));
  }

  private double[] directions(double[] rotation) {
    double[] directions = new double[rows * columns * 3];
    for (int row = 0; row < rows; row++) {
      double up = -((row + 0.5) / rows * 2 - 1) * halfHeight;
      for (int column = 0; column < columns; column++) {
        double right = ((column + 0.5) / columns * 2 - 1) * halfWidth;
        double[] v = new double[3];
        for (int axis = 0; axis < 3; axis++) { // rotation: right, up and backward in its columns
          v[axis] =
              rotation[3 * axis] * right + rotation[3 * axis + 1] * up - rotation[3 * axis + 2];
        }
        double length = Math.sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
        for (int axis = 0; axis < 3; axis++) {
          directions[3 * (row * columns + column) + axis] = v[axis] / length;
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
