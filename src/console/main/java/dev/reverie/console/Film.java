package dev.reverie.console;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * All that a page needs to play a recorded episode, besides its pictures. Times are milliseconds
 * since the first message, in the recorder's clock.
 *
 * @param stamp of the bag's files when it was read
 * @param durationMs to the last message
 * @param joints names, in the order of the curves
 * @param curves what the joints did; of a long episode some of the ticks
 * @param chunks of the policy or of a person; of a long episode some of them
 * @param more events that are left out, since a page shows no more
 */
record Film(
    String name,
    String stamp,
    double durationMs,
    List<Camera> cameras,
    List<String> joints,
    List<Tick> curves,
    List<Chunk> chunks,
    List<Event> events,
    int more) {
  /**
   * A camera.
   *
   * @param logNanos when its pictures were recorded, rising; of a long episode some of them
   * @param times the same as the page has them, ms
   */
  record Camera(
      String name, @JsonIgnore String topic, @JsonIgnore List<Long> logNanos, List<Double> times) {
    /**
     * Returns when the picture was recorded that is shown at a time: the last one until then, else
     * the first one.
     *
     * @return empty where the camera has none
     */
    Optional<Long> shownAt(double ms) {
      int at = Collections.binarySearch(times, ms);
      int last = at >= 0 ? at : Math.max(0, -at - 2);
      return last < logNanos.size() ? Optional.of(logNanos.get(last)) : Optional.empty();
    }
  }

  /**
   * Positions of the joints in a tick, as measured and as sent.
   *
   * @param measured rad, by joint
   * @param sent rad, by joint
   */
  record Tick(double ms, double[] measured, double[] sent) {}

  /** An action chunk, of the policy or of a person. */
  record Chunk(double ms, String source) {}

  /**
   * Something that happened.
   *
   * @param untilMs of the last time, where it came again and again
   * @param kind such as TAKEOVER; the constants of SafetyEvent, PolicyEvent and Episode, and ASKED
   * @param who asked or acted
   * @param times that it came in a row
   */
  record Event(double ms, double untilMs, String kind, String who, String text, int times) {}

  /** The pictures of a camera by name. */
  Optional<Camera> camera(String called) {
    return cameras.stream().filter(camera -> camera.name.equals(called)).findFirst();
  }
}
