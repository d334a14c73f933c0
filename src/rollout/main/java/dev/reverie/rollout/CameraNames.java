package dev.reverie.rollout;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Names the cameras of a bag as its recorder called them, or after their topics: the last name
 * before "image_raw" or "image_raw/compressed".
 */
public final class CameraNames {
  private static final String COMPRESSED = "/compressed";

  private CameraNames() {}

  /**
   * Topics by camera name: "/arm/wrist/image_raw" is "wrist". Where two cameras would have one
   * name, each is called by its whole topic.
   */
  static Map<String, String> of(Collection<String> topics) {
    Map<String, List<String>> byName = new TreeMap<>();
    for (String topic : topics) {
      byName.computeIfAbsent(name(topic), name -> new ArrayList<>()).add(topic);
    }
    Map<String, String> names = new TreeMap<>();
    byName.forEach(
        (name, same) -> {
          if (same.size() == 1) {
            names.put(name, same.getFirst());
          } else {
            same.forEach(topic -> names.put(topic, topic));
          }
        });
    return names;
  }

  /**
   * Topics by camera name, of which an episode's configuration may tell some.
   *
   * @param configuration JSON; {@code cameras} has topics by camera name
   */
  static Map<String, String> of(Collection<String> topics, String configuration) {
    Map<String, String> named = told(topics, configuration);
    List<String> others = new ArrayList<>(topics);
    others.removeAll(named.values());
    of(others).forEach((name, topic) -> named.put(named.containsKey(name) ? topic : name, topic));
    return named;
  }

  /**
   * Topics by camera name that an episode's configuration tells, of those that are there.
   *
   * @param configuration JSON; {@code cameras} has topics by camera name
   */
  static Map<String, String> told(Collection<String> topics, String configuration) {
    Map<String, String> named = RecordedConfiguration.of(configuration).cameras();
    named.values().retainAll(topics);
    return named;
  }

  /**
   * The cameras that a policy sees, as an episode's configuration tells; all where it does not.
   *
   * @param all names of the bag's cameras
   */
  static Set<String> seen(Set<String> all, String configuration) {
    Set<String> seen = RecordedConfiguration.of(configuration).seenCameras();
    seen.retainAll(all);
    return seen.isEmpty() ? all : seen;
  }

  /** The topic of the raw pictures, which the compressed ones come with. */
  static String withoutTransport(String topic) {
    return topic.endsWith(COMPRESSED)
        ? topic.substring(0, topic.length() - COMPRESSED.length())
        : topic;
  }

  /**
   * Names the camera of a topic: "/arm/wrist/image_raw" and "wrist/image_raw/compressed" are of
   * "wrist"; of a topic without a namespace its own name is taken.
   */
  public static String name(String topic) {
    String[] parts = withoutTransport(topic).replaceFirst("^/", "").split("/", -1);
    return parts[Math.max(0, parts.length - 2)];
  }
}
