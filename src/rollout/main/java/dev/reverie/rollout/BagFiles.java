package dev.reverie.rollout;

import dev.reverie.mcap.McapChannel;
import dev.reverie.mcap.McapException;
import dev.reverie.mcap.McapMessage;
import dev.reverie.mcap.McapMetadata;
import dev.reverie.mcap.McapQuery;
import dev.reverie.mcap.McapReader;
import dev.reverie.mcap.McapSchema;
import dev.reverie.mcap.rosbag2.Rosbag2;
import dev.reverie.msgs.CdrException;
import dev.reverie.msgs.MessageType;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/** The messages of a bag's files, with errors that name the bag. */
final class BagFiles {
  /** The words about a bag that cannot be read yet, behind its name. */
  static final String BEING_RECORDED =
      "being recorded, or changed by another command, just now; wait until that has ended";

  private final Path bag;
  private final boolean written;
  private final List<Path> files;
  private final Map<McapSchema, EarlierDefinitions.Fit> checked = new HashMap<>();

  BagFiles(Path bag) {
    this.bag = bag;
    if (!Files.exists(bag)) {
      throw new EpisodeException(
          bag + " is not there; give the folder of a rollout, or its .mcap file");
    }
    written = Rosbag2.isBeingWritten(bag);
    try {
      files = Rosbag2.files(bag);
    } catch (McapException e) {
      throw new EpisodeException(String.valueOf(e.getMessage()), e);
    }
    if (files.isEmpty()) {
      throw new EpisodeException(Rosbag2.noFile(bag));
    }
    for (Path file : files) {
      GitLfs.pointer(file)
          .ifPresent(
              told -> {
                throw new EpisodeException(told);
              });
    }
  }

  Path bag() {
    return bag;
  }

  List<Path> files() {
    return files;
  }

  /** Returns whether the bag is being recorded or changed, or was when it was opened. */
  boolean isBeingWritten() {
    return written || Rosbag2.isBeingWritten(bag);
  }

  /** Types by topic; reads no message where the files have an index. */
  Map<String, String> topics() {
    Map<String, String> topics = new TreeMap<>();
    for (Path file : files) {
      try (McapReader reader = McapReader.open(file)) {
        reader.metadata().forEach(this::checkFormat);
        var _ = reader.count(); // where no end names the channels, they are found on the way
        for (McapChannel channel : reader.channels().values()) {
          topics.put(channel.topic(), reader.schema(channel).map(McapSchema::name).orElse(""));
        }
      } catch (McapException e) {
        throw damaged(e);
      }
    }
    return topics;
  }

  /** Topics of one type. */
  static Set<String> ofType(Map<String, String> topics, MessageType<?> type) {
    Set<String> names = new TreeSet<>();
    topics.forEach(
        (topic, name) -> {
          if (name.equals(type.name())) {
            names.add(topic);
          }
        });
    return names;
  }

  /**
   * Gives every message of these topics, in the order in which they were recorded; one of an
   * earlier definition with the fields that were appended since, empty.
   */
  void read(Set<String> topics, Consumer<McapMessage> consumer) {
    read(McapQuery.topics(topics), consumer);
  }

  /** Gives the messages of a query, as {@link #read(Set, Consumer)}. */
  void read(McapQuery query, Consumer<McapMessage> consumer) {
    for (Path file : files) {
      try (McapReader reader = McapReader.open(file)) {
        Map<McapChannel, EarlierDefinitions.Fit> known = new HashMap<>();
        for (McapMessage message : reader.messages(query)) {
          EarlierDefinitions.Fit fit =
              known.computeIfAbsent(
                  message.channel(), channel -> check(channel, reader.schema(channel)));
          boolean earlier = fit == EarlierDefinitions.Fit.EARLIER;
          consumer.accept(earlier ? EarlierDefinitions.complete(message) : message);
        }
      } catch (McapException e) {
        throw damaged(e);
      }
    }
  }

  /** The first message of each of these topics. */
  void readFirst(Set<String> topics, Consumer<McapMessage> consumer) {
    Set<String> missing = new HashSet<>(topics);
    for (Path file : files) {
      try (McapReader reader = McapReader.open(file)) {
        for (McapMessage message : reader.messages(McapQuery.topics(topics))) {
          if (missing.remove(message.channel().topic())) {
            consumer.accept(message);
          }
          if (missing.isEmpty()) {
            return;
          }
        }
      } catch (McapException e) {
        throw damaged(e);
      }
    }
  }

  <T> T decode(MessageType<T> type, McapMessage message) {
    return decode(type, message.channel().topic(), message.data());
  }

  <T> T decode(MessageType<T> type, String topic, MemorySegment cdr) {
    try {
      return type.decode(cdr);
    } catch (CdrException | IllegalArgumentException e) {
      throw new EpisodeException(
          "%s: a message of %s is no %s: %s; leave the bag out"
              .formatted(bag, topic, type.name(), e.getMessage()),
          e);
    }
  }

  EpisodeException damaged(McapException e) {
    if (isBeingWritten()) {
      return new EpisodeException("%s is %s".formatted(bag, BEING_RECORDED), e);
    }
    return new EpisodeException(
        "%s is damaged: %s. Run: reverie rollouts recover %s"
            .formatted(bag, e.getMessage(), quoted(bag)),
        e);
  }

  /** Returns a path as a shell takes it. */
  private static String quoted(Path path) {
    return "'" + path.toString().replace("'", "'\\''") + "'";
  }

  /** A bag without a format is taken for the first one: any recorder may make rollouts. */
  void checkFormat(McapMetadata metadata) {
    String format = metadata.values().getOrDefault(RolloutWriter.FORMAT_KEY, "");
    if (metadata.name().equals(RolloutWriter.FORMAT_RECORD)
        && !format.equals(Integer.toString(RolloutWriter.FORMAT))) {
      throw new EpisodeException(
          "%s has the rollout format '%s', but this version reads %d; use a newer Reverie"
              .formatted(bag, format, RolloutWriter.FORMAT));
    }
  }

  private EarlierDefinitions.Fit check(McapChannel channel, Optional<McapSchema> schema) {
    if (!channel.messageEncoding().equals("cdr")) {
      throw new EpisodeException(
          "%s: %s is encoded as '%s', but only 'cdr' is read; use ros2 bag convert"
              .formatted(bag, channel.topic(), channel.messageEncoding()));
    }
    if (schema.isEmpty()) {
      return EarlierDefinitions.Fit.SAME;
    }
    EarlierDefinitions.Fit fit = checked.computeIfAbsent(schema.get(), EarlierDefinitions::fit);
    if (fit == EarlierDefinitions.Fit.OTHER) {
      throw new EpisodeException(
          "%s was recorded with another definition of %s; read it with the version of Reverie that recorded it"
              .formatted(bag, schema.get().name()));
    }
    return fit;
  }
}
