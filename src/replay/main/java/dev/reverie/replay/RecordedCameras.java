package dev.reverie.replay;

import dev.reverie.msgs.sensor_msgs.CompressedImage;
import dev.reverie.msgs.sensor_msgs.Image;
import dev.reverie.policy.BundleSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** Finds the topics of a bag that are the cameras of a policy. */
final class RecordedCameras {
  private static final String COMPRESSED = "/compressed";

  private RecordedCameras() {}

  /**
   * The topic of each camera, in the order of the policy.
   *
   * @param types of the bag's topics
   * @param named topics by camera name, where somebody has said which one it is
   */
  static List<String> topics(
      BundleSpec spec, Map<String, String> types, Map<String, String> named) {
    Map<String, List<String>> cameras = new TreeMap<>();
    types.forEach(
        (topic, type) -> {
          boolean picture =
              type.equals(Image.TYPE.name())
                  || (type.equals(CompressedImage.TYPE.name()) && compressed(topic));
          if (picture) {
            cameras.computeIfAbsent(name(topic), name -> new ArrayList<>()).add(topic);
          }
        });
    return spec.cameras().stream().map(c -> topic(c.name(), cameras, types, named)).toList();
  }

  static boolean compressed(String topic) {
    return topic.endsWith(COMPRESSED);
  }

  private static String topic(
      String camera,
      Map<String, List<String>> cameras,
      Map<String, String> types,
      Map<String, String> named) {
    String said = named.getOrDefault(camera, "");
    if (!said.isEmpty()) {
      if (!types.containsKey(said)) {
        throw new ReplayException(
            "there is no topic '%s' for camera '%s'; the bag's cameras are %s"
                .formatted(said, camera, cameras.values()));
      }
      return said;
    }
    List<String> found = Objects.requireNonNullElse(cameras.get(camera), List.of());
    if (found.isEmpty()) {
      throw new ReplayException(
          "it has no camera '%s', which the policy looks through; its cameras are %s. Name the topic: --camera %s=TOPIC"
              .formatted(camera, cameras, camera));
    }
    List<String> raw = found.stream().filter(topic -> !compressed(topic)).toList();
    List<String> wanted = raw.isEmpty() ? found : raw;
    if (wanted.size() > 1) {
      throw new ReplayException(
          "camera '%s' may be any of %s; name the topic: --camera %s=TOPIC"
              .formatted(camera, wanted, camera));
    }
    return wanted.getFirst();
  }

  /** The last name before {@code image_raw}. */
  private static String name(String topic) {
    String raw =
        compressed(topic) ? topic.substring(0, topic.length() - COMPRESSED.length()) : topic;
    String[] parts = raw.split("/", -1);
    return parts.length > 2 ? parts[parts.length - 2] : parts[parts.length - 1];
  }
}
