package dev.reverie.sim;

import java.util.List;

/**
 * A pinhole camera that draws triangles with their textures: for scenes of many meshes, where
 * {@link RayCamera} is slow and shows one colour a geom. No OpenGL; the same picture on every
 * machine. What cannot move is drawn once where the camera stands still.
 */
final class RasterCamera implements Lens {
  private final Simulation simulation;
  private final String name;
  private final FixedCamera fixed;
  private final boolean carried;
  private final int width;
  private final int height;
  private final int samples;
  private final double focalPixels;
  private final List<Solid> still;
  private final List<Solid> moving;
  private final Raster raster;
  private boolean drawn; // what is still, by a camera that stands still

  /**
   * Looks through a camera of the scene.
   *
   * @param name in the scene; {@link RayCamera#OVERVIEW} looks at all of a scene without cameras
   * @param samples per pixel along each axis
   */
  RasterCamera(Simulation simulation, String name, int width, int height, int samples) {
    this.simulation = simulation;
    this.name = name;
    this.width = width;
    this.height = height;
    this.samples = samples;
    SceneModel model = simulation.model();
    boolean named = model.cameras().contains(name);
    fixed = named ? simulation.camera(name) : model.overview();
    carried = named && model.cameraMoves(name);
    focalPixels = height / 2.0 / Math.tan(Math.toRadians(fixed.verticalFieldDegrees()) / 2);
    List<Solid> solids = model.solids(simulation.movingGeoms());
    still = solids.stream().filter(solid -> !solid.moves()).toList();
    moving = solids.stream().filter(Solid::moves).toList();
    raster = new Raster(width * samples, height * samples, focalPixels * samples);
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
  public double focalPixels() {
    return focalPixels;
  }

  @Override
  public byte[] render() {
    FixedCamera from = carried ? simulation.cameraNow(name) : fixed;
    if (drawn) {
      raster.recall();
    } else {
      raster.clear();
      still.forEach(solid -> draw(solid, from));
      raster.keep();
      drawn = !carried;
    }
    moving.forEach(solid -> draw(solid, from));
    return picture();
  }

  private void draw(Solid solid, FixedCamera from) {
    raster.draw(solid, simulation.geomPositions(), simulation.geomRotations(), from);
  }

  /** Means of the samples. */
  private byte[] picture() {
    byte[] rgb = new byte[width * height * 3];
    int[] colours = raster.colours();
    int each = samples * samples;
    for (int pixel = 0; pixel < width * height; pixel++) {
      int red = 0;
      int green = 0;
      int blue = 0;
      int first = pixel / width * samples * width * samples + pixel % width * samples;
      for (int y = 0; y < samples; y++) {
        for (int x = 0; x < samples; x++) {
          int colour = colours[first + y * width * samples + x];
          red += colour >> 16;
          green += colour >> 8 & 0xff;
          blue += colour & 0xff;
        }
      }
      rgb[3 * pixel] = (byte) (red / each);
      rgb[3 * pixel + 1] = (byte) (green / each);
      rgb[3 * pixel + 2] = (byte) (blue / each);
    }
    return rgb;
  }
}
