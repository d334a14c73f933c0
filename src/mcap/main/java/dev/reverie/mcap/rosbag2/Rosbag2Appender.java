package dev.reverie.mcap.rosbag2;

import dev.reverie.mcap.Durable;
import dev.reverie.mcap.McapAppender;
import dev.reverie.mcap.McapChannel;
import dev.reverie.mcap.McapException;
import dev.reverie.mcap.McapMetadata;
import dev.reverie.mcap.McapOptions;
import dev.reverie.mcap.McapWriter;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/**
 * Adds messages and metadata to a finished bag. A crash leaves its last file either as it was or
 * with all that was added; two who add at the same time do so one after the other.
 */
public final class Rosbag2Appender {
  private final Path file;
  private final McapWriter writer;

  private Rosbag2Appender(Path file, McapWriter writer) {
    this.file = file;
    this.writer = writer;
  }

  /**
   * Adds to the last file of a bag.
   *
   * @param folder of the bag
   * @param additions writes what is to be added; what it reads of the bag stays as it is meanwhile
   * @throws McapException where the bag is recorded at this moment, is damaged or cannot be written
   */
  public static void append(Path folder, Consumer<Rosbag2Appender> additions) {
    List<Path> files = Rosbag2.files(folder);
    if (files.isEmpty()) {
      throw new McapException(folder + " has no .mcap file that anything can be added to", 0);
    }
    if (Rosbag2Metadata.isFolder(folder)) {
      throw new McapException(
          "nothing can be added to %s: its metadata.yaml is a folder; run: reverie rollouts recover %s"
              .formatted(folder, folder),
          0);
    }
    Path last = files.getLast();
    try (BagLock _ = BagLock.take(folder, BagLock.PATIENCE)) {
      McapAppender.append(
          last, McapOptions.ROS2, writer -> additions.accept(new Rosbag2Appender(last, writer)));
      if (Files.isRegularFile(folder)) {
        return; // one file alone
      }
      try {
        Durable.write(
            folder.resolve(Rosbag2Metadata.FILE_NAME), Rosbag2.metadata(folder, files).yaml());
      } catch (IOException e) {
        throw new McapException(
            "%s has what was added, but its metadata.yaml cannot be written: %s; make room, then recover it"
                .formatted(folder, e.getMessage()),
            0,
            e);
      }
    }
  }

  /**
   * Adds a message; a topic that is there already keeps its channel.
   *
   * @param cdr with its encapsulation header
   */
  public void write(Rosbag2Topic topic, long logNanos, long publishNanos, MemorySegment cdr) {
    writer.write(channelOf(topic), 0, logNanos, publishNanos, cdr);
  }

  /** Adds named key-value pairs about the bag. */
  public void addMetadata(McapMetadata metadata) {
    writer.addMetadata(metadata);
  }

  private int channelOf(Rosbag2Topic topic) {
    for (McapChannel known : writer.channels()) {
      if (known.topic().equals(topic.name())) {
        String type = writer.typeNames().getOrDefault(known.schemaId(), "");
        if (!type.equals(topic.type())) {
          throw new McapException(
              "%s has %s as %s; it cannot be %s too"
                  .formatted(file, topic.name(), type, topic.type()),
              0);
        }
        return known.id();
      }
    }
    byte[] definition = topic.definition().getBytes(StandardCharsets.UTF_8);
    return writer.addChannel(
        writer.addSchema(topic.type(), "ros2msg", definition),
        topic.name(),
        "cdr",
        topic.channelMetadata());
  }
}
