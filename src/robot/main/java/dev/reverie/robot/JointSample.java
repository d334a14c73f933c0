package dev.reverie.robot;

import java.util.Optional;

/**
 * A joint state in the order of the policy's joints.
 *
 * @param stampNanos of the measurement, in the clock of the arm
 * @param positions rad; NaN where a joint is missing
 * @param fault why it cannot be used; empty where it can
 * @param message as it came over the wire, CDR
 * @param arrivalNanos {@link System#nanoTime} when it came
 */
public record JointSample(
    long stampNanos,
    double[] positions,
    Optional<HoldReason> fault,
    byte[] message,
    long arrivalNanos) {}
