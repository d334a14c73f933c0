package dev.reverie.mcap;

import java.util.Locale;

/**
 * The quality of service that a topic's publisher offered, as rosbag2 keeps it; deadline, lifespan
 * and liveliness are unlimited.
 *
 * @param depth of the history
 */
public record OfferedQos(
    History history, int depth, Reliability reliability, Durability durability) {
  /** How many messages are kept. */
  public enum History {
    KEEP_LAST,
    KEEP_ALL,
    UNKNOWN
  }

  /** Whether lost messages are sent again. */
  public enum Reliability {
    RELIABLE,
    BEST_EFFORT
  }

  /** Whether late subscribers get earlier messages. */
  public enum Durability {
    VOLATILE,
    TRANSIENT_LOCAL
  }

  private static final String UNLIMITED =
      """
        sec: 9223372036
        nsec: 854775807
      """
          .indent(2);

  /** A YAML sequence of one entry, in the words of rosbag2's metadata version 9. */
  String yaml() {
    return """
    - history: %s
      depth: %d
      reliability: %s
      durability: %s
      deadline:
    %s  lifespan:
    %s  liveliness: automatic
      liveliness_lease_duration:
    %s  avoid_ros_namespace_conventions: false
    """
        .formatted(
            word(history),
            depth,
            word(reliability),
            word(durability),
            UNLIMITED,
            UNLIMITED,
            UNLIMITED);
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
