package dev.reverie.robot.sense;

import java.util.Optional;

/**
 * Watches a camera that is recorded and that no policy sees: nothing waits for its pictures, and
 * bags would lack them unnoticed. Not thread-safe.
 */
public final class UnseenCamera {
  private static final long SILENT_NANOS = 5_000_000_000L;

  private final String camera;
  private final String topic;
  private long heardNanos;

  /**
   * Begins without a picture.
   *
   * @param nowNanos {@link System#nanoTime}
   */
  public UnseenCamera(String camera, String topic, long nowNanos) {
    this.camera = camera;
    this.topic = topic;
    heardNanos = nowNanos;
  }

  /** Returns the name of the notice. */
  public String name() {
    return "pictures of camera " + camera;
  }

  /** Takes notice of a picture: {@link System#nanoTime} when it came. */
  public void arrived(long nanos) {
    heardNanos = nanos;
  }

  /** Returns what to tell of a camera that sends nothing; empty where it does. */
  public Optional<String> notice(long nowNanos) {
    return nowNanos - heardNanos > SILENT_NANOS
        ? Optional.of(
            "camera '%s' has sent no picture on '%s' for %.0f s: bags are recorded without it; start it, or take it out of the arm file"
                .formatted(camera, topic, (nowNanos - heardNanos) / 1e9))
        : Optional.empty();
  }
}
