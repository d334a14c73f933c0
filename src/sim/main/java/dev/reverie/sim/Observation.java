package dev.reverie.sim;

/**
 * What the arm's sensors say at one instant.
 *
 * @param positions [3] rad
 * @param velocities [3] rad/s
 * @param torques [3] N m
 * @param picture [size, size, 3] red, green, blue, rows from the top
 */
record Observation(double[] positions, double[] velocities, double[] torques, byte[] picture) {}
