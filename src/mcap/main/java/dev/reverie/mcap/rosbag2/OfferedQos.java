package dev.reverie.mcap.rosbag2;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Describes the quality of service that a topic's publisher offered, as rosbag2 keeps it; deadline,
 * lifespan and liveliness are unlimited.
 *
 * @param depth of the history
 */
public record OfferedQos(
    History history, int depth, Reliability reliability, Durability durability) {
  /** Says which messages are kept. */
  public enum History {
    /** The newest, as many as the depth says. */
    KEEP_LAST,
    /** All. */
    KEEP_ALL,
    /** The publisher does not tell. */
    UNKNOWN
  }

  /** Says whether lost messages are sent again. */
  public enum Reliability {
    /** Lost messages are sent again. */
    RELIABLE,
    /** Lost messages are lost. */
    BEST_EFFORT
  }

  /** Says whether late subscribers get earlier messages. */
  public enum Durability {
    /** Late subscribers get what comes. */
    VOLATILE,
    /** Late subscribers get what is still kept. */
    TRANSIENT_LOCAL
  }

  private static final Pattern NUMBERED =
      Pattern.compile("(?m)\\b(history|reliability|durability|liveliness): (\\d)$");
  private static final Map<String, List<String>> WORDS =
      Map.of(
          "history",
          List.of("system_default", "keep_last", "keep_all", "unknown"),
          "reliability",
          List.of("system_default", "reliable", "best_effort", "unknown"),
          "durability",
          List.of("system_default", "transient_local", "volatile", "unknown"),
          "liveliness",
          List.of("system_default", "automatic", "manual_by_node", "manual_by_topic", "unknown"));

  private static final String UNLIMITED =
      """
        sec: 9223372036
        nsec: 854775807
      """
          .indent(2);

  /** Returns a YAML sequence of one entry, in the words of rosbag2's metadata version 9. */
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

  /**
   * Returns profiles as version 9 has them: before it, the numbers of rmw/types.h stood for the
   * words.
   */
  static String inWords(String yaml) {
    return NUMBERED
        .matcher(yaml)
        .replaceAll(
            found -> {
              List<String> words = WORDS.getOrDefault(found.group(1), List.of());
              int number = Integer.parseInt(found.group(2));
              return found.group(1)
                  + ": "
                  + (number < words.size() ? words.get(number) : "unknown");
            });
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
