package dev.reverie.rollout;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;

/**
 * Pictures as a bag gives them, which become those of observations in the observations' order. A
 * picture is held from its message until the last observation that has it.
 */
final class PictureStream {
  /** A picture of a topic, by its stamp. */
  private record Key(String topic, long stampNanos) {}

  private final Map<String, String> topics; // by camera
  private final List<ObservationStamps> observations;
  private final Map<Key, Integer> lastUse = new HashMap<>();
  private final Map<Key, CameraImage> held = new HashMap<>();
  private int next;

  /**
   * Prepares for observations.
   *
   * @param topics of cameras by name
   * @param cameras whose pictures are wanted
   */
  PictureStream(
      Map<String, String> topics, Set<String> cameras, List<ObservationStamps> observations) {
    this.topics = new HashMap<>(topics);
    this.topics.keySet().retainAll(cameras);
    this.observations = observations;
    for (int i = 0; i < observations.size(); i++) {
      for (Key key : keys(i).values()) {
        lastUse.put(key, i);
      }
    }
  }

  /** The topics that pictures are taken from. */
  Set<String> topics() {
    return new TreeSet<>(topics.values());
  }

  /** Returns whether an observation that is still to come has this picture. */
  boolean isWanted(String topic, long stampNanos) {
    var key = new Key(topic, stampNanos);
    return Optional.ofNullable(lastUse.get(key)).orElse(-1) >= next && !held.containsKey(key);
  }

  void add(String topic, long stampNanos, CameraImage picture) {
    held.put(new Key(topic, stampNanos), picture);
  }

  /** Gives the next observations, as far as all of their pictures are there. */
  void giveWhole(BiConsumer<ObservationStamps, Map<String, CameraImage>> take) {
    while (!isDone() && held.keySet().containsAll(keys(next).values())) {
      Map<String, CameraImage> images = new HashMap<>();
      keys(next)
          .forEach((camera, key) -> images.put(camera, Objects.requireNonNull(held.get(key))));
      take.accept(observations.get(next), images);
      int used = next++;
      held.keySet().removeIf(key -> Optional.ofNullable(lastUse.get(key)).orElse(-1) <= used);
    }
  }

  /** Number of pictures that are held. */
  int held() {
    return held.size();
  }

  boolean isDone() {
    return next == observations.size();
  }

  private Map<String, Key> keys(int index) {
    Map<String, Key> keys = new HashMap<>();
    topics.forEach(
        (camera, topic) ->
            keys.put(
                camera,
                new Key(
                    topic,
                    Objects.requireNonNull(observations.get(index).imageStampNanos().get(topic)))));
    return keys;
  }
}
