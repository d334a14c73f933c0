package dev.reverie.sim;

/** A camera of a scene: makes pictures of a simulation's state. */
interface Lens {
  String name();

  int width();

  int height();

  /** Focal length of the pinhole camera, pixels of the picture. */
  double focalPixels();

  /**
   * A picture of the simulation's state: [height, width, 3] red, green, blue, rows from the top.
   */
  byte[] render();
}
