package dev.reverie.sim;

/**
 * The pose of a camera of the scene.
 *
 * @param position [3] metres
 * @param rotation [3, 3] camera to world: columns right, up and backward
 * @param verticalFieldDegrees of view
 */
record FixedCamera(double[] position, double[] rotation, double verticalFieldDegrees) {}
