package dev.reverie.robot.sense;

import dev.reverie.robot.sense.HoldReason.Kind;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Optional;

/**
 * Watches for a camera whose pixels stand still although its stamps go on and the arm moves, or
 * that sends the same few buffers by turns. Only pictures that are equal to the last bit count, so
 * that the noise of a sensor is movement enough; and only from a camera that has lived, so that a
 * still picture in place of a camera is told and not held. Not thread-safe.
 */
public final class FrozenCamera {
  /** Motion of a joint, rad or m, that a camera must see. */
  private static final double MOVED = 0.05;

  /** Pictures other than the one before, after which a camera has lived. */
  private static final int LIFE = 10;

  /** Buffers that a driver has, and may send by turns. */
  private static final int BUFFERS = 4;

  private static final int SAMPLES = 64;

  private final String camera;
  private final double frozenAfterS;
  private final Deque<Shown> shown = new ArrayDeque<>(); // the last that differ, the oldest first
  private int changes;
  private long sinceNanos; // stamp of the last picture that was none of those before
  private double[] positions = new double[0]; // where the arm was then
  private double moved;
  private long lastNanos; // stamp of the picture before
  private double stillS;
  private double nextS; // until the next picture, if it takes as long as the last

  /**
   * Begins without a picture.
   *
   * @param frozenAfterS time by the stamps after which the camera is frozen; 0: never
   */
  public FrozenCamera(String camera, double frozenAfterS) {
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
  public Optional<HoldReason> look(byte[] message, int pixels, long stampNanos, double[] measured) {
    if (frozenAfterS <= 0) {
      return Optional.empty();
    }
    var now = new Shown(message, pixels);
    if (shown.stream().noneMatch(now::same)) {
      changes += shown.isEmpty() ? 0 : 1;
      if (shown.size() == BUFFERS) {
        shown.removeFirst();
      }
      shown.add(now);
      sinceNanos = stampNanos;
      positions = measured;
      moved = 0;
    }
    stillS = (stampNanos - sinceNanos) / 1e9;
    nextS = (stampNanos - lastNanos) / 1e9;
    lastNanos = stampNanos;
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
  public String name() {
    return "still camera " + camera;
  }

  /**
   * Returns what to tell of a camera that never lived and stands still; empty where it does not.
   */
  public Optional<String> notice() {
    return changes < LIFE && isStill()
        ? Optional.of(
            "camera '%s' has shown one and the same picture for %.1f s though the arm moved; if it is no still picture, restart its driver"
                .formatted(camera, stillS))
        : Optional.empty();
  }

  /**
   * Returns whether the pixels have stood still for so long, or will have before they are seen
   * again.
   */
  private boolean isStill() {
    return stillS > 0 && stillS + nextS >= frozenAfterS && moved > MOVED;
  }

  /** A picture: a message, and where its pixels begin. */
  private record Shown(byte[] message, int from) {
    /** Looks at some bytes first: pictures that differ do so nearly everywhere. */
    boolean same(Shown other) {
      int length = message.length - from;
      if (length != other.message.length - other.from) {
        return false;
      }
      for (int i = 0; i < SAMPLES; i++) {
        int at = (int) ((long) length * i / SAMPLES);
        if (message[from + at] != other.message[other.from + at]) {
          return false;
        }
      }
      return Arrays.equals(
          message, from, message.length, other.message, other.from, other.message.length);
    }
  }
}
