package dev.reverie.rollout;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Names cameras after their topics: the last name before "image_raw" or "image_raw/compressed". */
final class CameraNames {
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

  /** The topic of the raw pictures, which the compressed ones come with. */
  static String withoutTransport(String topic) {
    return topic.endsWith(COMPRESSED)
        ? topic.substring(0, topic.length() - COMPRESSED.length())
        : topic;
  }

  private static String name(String topic) {
    String[] parts = withoutTransport(topic).split("/", -1);
    return parts.length > 2 ? parts[parts.length - 2] : parts[parts.length - 1];
  }
}
