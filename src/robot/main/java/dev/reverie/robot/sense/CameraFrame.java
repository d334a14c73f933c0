package dev.reverie.robot.sense;

import dev.reverie.rollout.CameraImage;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * An image of one camera.
 *
 * @param stampNanos of the exposure, in the clock of the arm
 * @param picture decodes it, from any thread; only where there is no fault
 * @param fault why it cannot be used; empty where it can
 * @param message as it came over the wire, CDR
 * @param pixelsAt where in the message what it shows begins
 * @param arrivalNanos {@link System#nanoTime} when it came
 */
public record CameraFrame(
    long stampNanos,
    Supplier<CameraImage> picture,
    Optional<HoldReason> fault,
    byte[] message,
    int pixelsAt,
    long arrivalNanos) {
  /** Returns the same image, which cannot be used where there is a fault. */
  public CameraFrame with(Optional<HoldReason> other) {
    return other.isEmpty()
        ? this
        : new CameraFrame(stampNanos, picture, other, message, pixelsAt, arrivalNanos);
  }
}
