package dev.reverie.mcap.rosbag2;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Describes a topic as it is recorded.
 *
 * @param name fully qualified, "/camera/image_raw"
 * @param type "sensor_msgs/msg/Image"
 * @param definition the .msg text with the types it uses, as "ros2msg" schemas have it
 * @param typeHash "RIHS01_..." or empty where unknown
 * @param qos of each publisher; may be empty
 */
public record Rosbag2Topic(
    String name, String type, String definition, String typeHash, List<OfferedQos> qos) {
  static final String QOS_KEY = "offered_qos_profiles";
  static final String HASH_KEY = "topic_type_hash";

  /** Checks name and type, and copies the profiles. */
  public Rosbag2Topic {
    qos = List.copyOf(qos);
    if (name.isEmpty() || type.isEmpty()) {
      throw new IllegalArgumentException(
          "a topic needs a name and a type, not '" + name + "' and '" + type + "'");
    }
  }

  /** Creates a topic whose type hash and quality of service are unknown. */
  public Rosbag2Topic(String name, String type, String definition) {
    this(name, type, definition, "", List.of());
  }

  /** Returns what rosbag2 keeps beside an MCAP channel. */
  Map<String, String> channelMetadata() {
    StringBuilder profiles = new StringBuilder();
    qos.forEach(profile -> profiles.append(profile.yaml()));
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put(QOS_KEY, profiles.toString());
    metadata.put(HASH_KEY, typeHash);
    return metadata;
  }
}
