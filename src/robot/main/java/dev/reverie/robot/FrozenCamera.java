package dev.reverie.robot;

import dev.reverie.robot.HoldReason.Kind;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Watches for a camera whose pixels stand still although its stamps go on and the arm moves. Only
 * pictures that are equal to the last bit count, so that the noise of a sensor is movement enough;
 * and only from a camera that has lived, so that a still picture in place of a camera is told and
 * not held. Not thread-safe.
 */
final class FrozenCamera {
  /** Motion of a joint, rad or m, that a camera must see. */
  private static final double MOVED = 0.05;

  /** Pictures other than the one before, after which a camera has lived. */
  private static final int LIFE = 10;

  private static final int SAMPLES = 64;

  private final String camera;
  private final double frozenAfterS;
  private byte @Nullable [] last;
  private int lastPixels;
  private int changes;
  private long sinceNanos; // stamp of the first picture with these pixels
  private double[] positions = new double[0]; // where the arm was then
  private double moved;
  private double stillS;

  /**
   * Begins without a picture.
   *
   * @param frozenAfterS time by the stamps after which the camera is frozen; 0: never
   */
  FrozenCamera(String camera, double frozenAfterS) {
    this.camera = camera;
    this.frozenAfterS = frozenAfterS;
  }

  /**
   * Looks at a picture; returns why the camera counts as frozen, empty where it does not.
   *
   * @param message CDR
   * @param pixels place in the message from which on two pictures differ if they are not the same
   * @param measured where the arm is
   */
  Optional<HoldReason> look(byte[] message, int pixels, long stampNanos, double[] measured) {
    if (frozenAfterS <= 0) {
      return Optional.empty();
    }
    if (last == null || !same(last, lastPixels, message, pixels)) {
      changes += last == null ? 0 : 1;
      sinceNanos = stampNanos;
      positions = measured;
      moved = 0;
    }
    last = message;
    lastPixels = pixels;
    stillS = (stampNanos - sinceNanos) / 1e9;
    for (int i = 0; i < Math.min(positions.length, measured.length); i++) {
      moved = Math.max(moved, Math.abs(measured[i] - positions[i])); // NaN compares false
    }
    return changes >= LIFE && isStill()
        ? Optional.of(
            HoldReason.about(
                Kind.FROZEN_IMAGE,
                camera,
                "image of camera '%s' has stood still for %.3f s while its stamps go on and the arm"
                    + " moved %.3f rad; restart the camera's driver, or set camera.%s.frozen_after_s",
                camera,
                stillS,
                moved,
                camera))
        : Optional.empty();
  }

  /** Returns the name of the notice. */
  String name() {
    return "still camera " + camera;
  }

  /**
   * Returns what to tell of a camera that never lived and stands still; empty where it does not.
   */
  Optional<String> notice() {
    return changes < LIFE && isStill()
        ? Optional.of(
            "camera '%s' has shown one and the same picture for %.1f s though the arm moved; if it is no still picture, restart its driver"
                .formatted(camera, stillS))
        : Optional.empty();
  }

  private boolean isStill() {
    return stillS >= frozenAfterS && moved > MOVED;
  }

  /** Looks at some bytes first: pictures that differ do so nearly everywhere. */
  private static boolean same(byte[] one, int from, byte[] other, int otherFrom) {
    int length = one.length - from;
    if (length != other.length - otherFrom) {
      return false;
    }
    for (int i = 0; i < SAMPLES; i++) {
      int at = (int) ((long) length * i / SAMPLES);
      if (one[from + at] != other[otherFrom + at]) {
        return false;
      }
    }
    return Arrays.equals(one, from, one.length, other, otherFrom, other.length);
  }
}
