package dev.reverie.robot;

import java.util.Optional;

/**
 * An image of one camera, not decoded yet.
 *
 * @param stampNanos of the exposure, in the clock of the arm
 * @param fault why it cannot be used; empty where it can
 * @param message as it came over the wire, CDR
 * @param arrivalNanos {@link System#nanoTime} when it came
 */
record CameraFrame(long stampNanos, Optional<String> fault, byte[] message, long arrivalNanos) {}
