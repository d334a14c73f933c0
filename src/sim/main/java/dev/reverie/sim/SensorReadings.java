package dev.reverie.sim;

/**
 * Readings of the arm's sensors at one instant.
 *
 * @param positions [3] rad
 * @param velocities [3] rad/s
 * @param torques [3] N m
 * @param picture [size, size, 3] red, green, blue, rows from the top
 */
record SensorReadings(double[] positions, double[] velocities, double[] torques, byte[] picture) {}
