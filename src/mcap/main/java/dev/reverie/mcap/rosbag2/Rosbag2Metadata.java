package dev.reverie.mcap.rosbag2;

import dev.reverie.mcap.McapChannel;
import dev.reverie.mcap.McapStatistics;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Builds the metadata.yaml of a rosbag2 folder, version 9, as ROS 2 Jazzy writes it. */
final class Rosbag2Metadata {
  static final String FILE_NAME = "metadata.yaml";

  /** The most bytes that are read: a bag of ten thousand parts has 2 MiB. */
  private static final int MAX_BYTES = 16 << 20;

  // What rosbag2 writes for a bag without messages.
  private static final long NEVER = Long.MAX_VALUE;
  private static final Pattern DISTRO = Pattern.compile("(?m)^  ros_distro: (\\w+)$");

  private final String rosDistro;
  private final List<FileEntry> files = new ArrayList<>();
  private final Map<String, Topic> topics = new TreeMap<>();

  private record FileEntry(String name, long startNanos, long durationNanos, long messages) {}

  private record Topic(McapChannel channel, String type, long messages) {}

  /**
   * Begins without files.
   *
   * @param rosDistro "jazzy", or empty where unknown
   */
  Rosbag2Metadata(String rosDistro) {
    this.rosDistro = rosDistro;
  }

  /**
   * Returns the text of a bag's metadata.yaml.
   *
   * @throws CharacterCodingException where it is not text
   */
  static String text(Path folder) throws IOException {
    return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes(folder))).toString();
  }

  /** Returns whether a folder stands where a bag's metadata.yaml belongs. */
  static boolean isFolder(Path folder) {
    return Files.isDirectory(folder.resolve(FILE_NAME));
  }

  /** Returns the bytes of a bag's metadata.yaml, text or not. */
  static byte[] bytes(Path folder) throws IOException {
    try (InputStream in = Files.newInputStream(folder.resolve(FILE_NAME))) {
      return in.readNBytes(MAX_BYTES);
    }
  }

  /** Returns the distribution that an existing metadata.yaml names; empty where there is none. */
  static String rosDistro(Path folder) {
    try {
      Matcher matcher = DISTRO.matcher(text(folder));
      return matcher.find() ? matcher.group(1) : "";
    } catch (IOException e) {
      return "";
    }
  }

  /**
   * Adds a file.
   *
   * @param types names of the schemas, by schema id
   */
  Rosbag2Metadata add(
      String file,
      McapStatistics statistics,
      Iterable<McapChannel> channels,
      Map<Integer, String> types) {
    boolean empty = statistics.messages() == 0;
    files.add(
        new FileEntry(
            file,
            empty ? NEVER : statistics.startNanos(),
            empty ? 0 : statistics.endNanos() - statistics.startNanos(),
            statistics.messages()));
    for (McapChannel channel : channels) {
      String type = types.getOrDefault(channel.schemaId(), "");
      long messages = statistics.channelMessages().getOrDefault(channel.id(), 0L);
      topics.merge(
          channel.topic() + " " + type,
          new Topic(channel, type, messages),
          (one, two) -> new Topic(one.channel, one.type, one.messages + two.messages));
    }
    return this;
  }

  private long messages() {
    return files.stream().mapToLong(FileEntry::messages).sum();
  }

  private long startNanos() {
    return files.stream().mapToLong(FileEntry::startNanos).min().orElse(NEVER);
  }

  private long durationNanos() {
    return files.stream()
            .filter(file -> file.messages > 0)
            .mapToLong(file -> file.startNanos + file.durationNanos)
            .max()
            .orElse(startNanos())
        - startNanos();
  }

  /**
   * Returns whether a metadata.yaml, of whatever writer and version, names these files and topics
   * and this number of messages and time.
   */
  boolean agrees(String yaml) {
    return files.stream().allMatch(file -> yaml.contains(file.name))
        && topics.values().stream().allMatch(topic -> yaml.contains(topic.channel.topic()))
        && number(yaml, "message_count:").equals(List.of(messages()))
        && (messages() == 0
            || (number(yaml, "starting_time:\\s+nanoseconds_since_epoch:")
                    .equals(List.of(startNanos()))
                && number(yaml, "duration:\\s+nanoseconds:").equals(List.of(durationNanos()))));
  }

  /** Returns the number after a key of the first level. */
  private static List<Long> number(String yaml, String key) {
    Matcher matcher = Pattern.compile("(?m)^  " + key + " (\\d{1,19})$").matcher(yaml);
    return matcher.results().map(found -> Long.parseUnsignedLong(found.group(1))).toList();
  }

  String yaml() {
    StringBuilder yaml = new StringBuilder();
    yaml.append("rosbag2_bagfile_information:\n");
    yaml.append("  version: 9\n");
    yaml.append("  storage_identifier: mcap\n");
    yaml.append("  duration:\n    nanoseconds: ").append(durationNanos()).append('\n');
    yaml.append("  starting_time:\n    nanoseconds_since_epoch: ");
    yaml.append(startNanos()).append('\n');
    yaml.append("  message_count: ").append(messages()).append('\n');
    yaml.append("  topics_with_message_count:").append(topics.isEmpty() ? " []\n" : "\n");
    topics.values().forEach(topic -> append(yaml, topic));
    yaml.append("  compression_format: \"\"\n");
    yaml.append("  compression_mode: \"\"\n");
    yaml.append("  relative_file_paths:\n");
    files.forEach(file -> yaml.append("    - ").append(quoted(file.name)).append('\n'));
    yaml.append("  files:\n");
    files.forEach(file -> append(yaml, file));
    yaml.append("  custom_data: ~\n");
    yaml.append("  ros_distro: ").append(rosDistro.isEmpty() ? "\"\"" : rosDistro).append('\n');
    return yaml.toString();
  }

  private static void append(StringBuilder yaml, Topic topic) {
    Map<String, String> metadata = topic.channel.metadata();
    String qos = metadata.getOrDefault(Rosbag2Topic.QOS_KEY, "");
    yaml.append("    - topic_metadata:\n");
    yaml.append("        name: ").append(quoted(topic.channel.topic())).append('\n');
    yaml.append("        type: ").append(quoted(topic.type)).append('\n');
    yaml.append("        serialization_format: ").append(topic.channel.messageEncoding());
    yaml.append("\n        offered_qos_profiles:");
    // Block sequences are put in place; other forms are nobody's.
    yaml.append(qos.startsWith("- ") ? "\n" + OfferedQos.inWords(qos).strip().indent(10) : " []\n");
    yaml.append("        type_description_hash: ")
        .append(quoted(metadata.getOrDefault(Rosbag2Topic.HASH_KEY, "")));
    yaml.append("\n      message_count: ").append(topic.messages).append('\n');
  }

  private static void append(StringBuilder yaml, FileEntry file) {
    yaml.append("    - path: ").append(quoted(file.name)).append('\n');
    yaml.append("      starting_time:\n        nanoseconds_since_epoch: ");
    yaml.append(file.startNanos).append('\n');
    yaml.append("      duration:\n        nanoseconds: ").append(file.durationNanos).append('\n');
    yaml.append("      message_count: ").append(file.messages).append('\n');
  }

  /** Returns a double-quoted YAML scalar, where the plain one could mean something else. */
  private static String quoted(String text) {
    if (text.matches("[/A-Za-z][\\w/.~+-]*")) {
      return text;
    }
    StringBuilder quoted = new StringBuilder("\"");
    text.chars()
        .forEach(
            c -> {
              if (c == '"' || c == '\\') {
                quoted.append('\\').append((char) c);
              } else if (c < 0x20) {
                quoted.append("\\x%02x".formatted(c));
              } else {
                quoted.append((char) c);
              }
            });
    return quoted.append('"').toString();
  }
}
