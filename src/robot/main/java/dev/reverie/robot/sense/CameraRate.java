package dev.reverie.robot.sense;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/** Measures how many pictures a camera sends, beside what the policy asks for. Not thread-safe. */
public final class CameraRate {
  /** Pictures that are looked back at. */
  private static final int KEPT = 30;

  /** Share of the control rate below which a camera is too slow. */
  private static final double SLOW = 0.8;

  /** Without a picture for so long the camera has stopped, which is another matter. */
  private static final double STOPPED_S = 2;

  private final String camera;
  private final double controlRateHz;
  private final Deque<Long> arrivals = new ArrayDeque<>();

  /**
   * Begins without a picture.
   *
   * @param controlRateHz at which the policy acts; 0: it waits for pictures
   */
  public CameraRate(String camera, double controlRateHz) {
    this.camera = camera;
    this.controlRateHz = controlRateHz;
  }

  /** Returns the name of the notice. */
  public String name() {
    return "rate of camera " + camera;
  }

  /** Takes notice of a picture: {@link System#nanoTime} when it came. */
  public void arrived(long nanos) {
    if (arrivals.size() == KEPT) {
      arrivals.removeFirst();
    }
    arrivals.addLast(nanos);
  }

  /** Returns what to tell of a camera that is slower than the policy; empty where it is not. */
  public Optional<String> notice(long nowNanos) {
    if (arrivals.size() < KEPT / 3 || (nowNanos - arrivals.getLast()) / 1e9 > STOPPED_S) {
      return Optional.empty();
    }
    double hz = (arrivals.size() - 1) * 1e9 / (arrivals.getLast() - arrivals.getFirst());
    return hz < SLOW * controlRateHz
        ? Optional.of(
            "camera '%s' sends %.1f pictures a second and the policy acts %.1f times: it acts on old ones; set the camera faster"
                .formatted(camera, hz, controlRateHz))
        : Optional.empty();
  }
}
