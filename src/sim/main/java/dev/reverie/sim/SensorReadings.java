package dev.reverie.sim;

import java.util.List;

/**
 * Readings of the arm's sensors at one instant.
 *
 * @param positions [joints] rad
 * @param velocities [joints] rad/s
 * @param torques [joints] N m
 * @param pictures [height, width, 3] red, green, blue, rows from the top; of each camera
 */
record SensorReadings(
    double[] positions, double[] velocities, double[] torques, List<byte[]> pictures) {}
