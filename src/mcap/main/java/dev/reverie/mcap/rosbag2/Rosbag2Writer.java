package dev.reverie.mcap.rosbag2;

import dev.reverie.mcap.DiskReserve;
import dev.reverie.mcap.Durable;
import dev.reverie.mcap.McapException;
import dev.reverie.mcap.McapMetadata;
import dev.reverie.mcap.McapOptions;
import dev.reverie.mcap.McapStatistics;
import dev.reverie.mcap.McapWriter;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * Records a rosbag2 folder of one MCAP file. metadata.yaml is there from the beginning and replaced
 * whenever the file is forced to disk; it is not forced itself, which would cost as much again and
 * save nothing that {@link Rosbag2#recover} does not make anew. One thread at a time; a recorder
 * calls {@link #forceIfDue} at least every 50 ms while nothing comes in.
 */
public final class Rosbag2Writer implements AutoCloseable {
  private final Path folder;
  private final String fileName;
  private final String rosDistro;
  private final DiskReserve reserve;
  private final BagLock lock;
  private final McapWriter writer;
  private final Map<String, Channel> channels = new HashMap<>();
  private boolean namesForced;
  private boolean reserveUsed;
  private boolean closed;

  /** Holds a topic's channel and the sequence number of its next message. */
  private static final class Channel {
    private final Rosbag2Topic topic;
    private final int id;
    private int sequence;

    Channel(Rosbag2Topic topic, int id) {
      this.topic = topic;
      this.id = id;
    }
  }

  private Rosbag2Writer(
      Path folder, String rosDistro, DiskReserve reserve, McapOptions options, BagLock lock) {
    this.folder = folder;
    this.rosDistro = rosDistro;
    this.reserve = reserve;
    this.lock = lock;
    this.fileName = folder.getFileName() + "_0.mcap";
    this.writer = McapWriter.create(folder.resolve(fileName), reserve, options);
  }

  /**
   * Creates the folder, which must not exist yet, and what is missing above it.
   *
   * @param rosDistro "jazzy", or empty where unknown
   */
  public static Rosbag2Writer create(Path folder, String rosDistro, McapOptions options) {
    return create(folder, rosDistro, DiskReserve.none(folder), options);
  }

  /**
   * Creates the folder, with room on the disk for the bag's end.
   *
   * @param reserve filled; given up when the disk is full, see {@link #reserveUsed}
   */
  public static Rosbag2Writer create(
      Path folder, String rosDistro, DiskReserve reserve, McapOptions options) {
    Path absolute = folder.toAbsolutePath().normalize();
    try {
      Files.createDirectories(Durable.folderOf(absolute));
      Files.createDirectory(absolute);
      BagLock lock = BagLock.take(absolute, BagLock.PATIENCE);
      try {
        Rosbag2Writer bag = new Rosbag2Writer(absolute, rosDistro, reserve, options, lock);
        try {
          bag.guard(bag::writeMetadata);
          return bag;
        } catch (McapException e) {
          bag.writer.abandon();
          throw e;
        }
      } catch (McapException e) {
        lock.close();
        throw e;
      }
    } catch (FileAlreadyExistsException e) {
      throw new McapException(
          absolute + " exists already; a bag is never overwritten, give another name", 0, e);
    } catch (IOException e) {
      throw new McapException("cannot create the bag " + absolute + ": " + e, 0, e);
    }
  }

  /** Returns the folder of the bag, absolute. */
  public Path folder() {
    return folder;
  }

  /** Makes the topic part of the bag, with or without messages; the second time does nothing. */
  public void declare(Rosbag2Topic topic) {
    channelOf(topic);
  }

  /**
   * Writes a message.
   *
   * @param topic the same object as before is found fastest
   * @param logNanos when the message was received
   * @param publishNanos when it was published
   * @param cdr with its 4-byte encapsulation header; copied
   */
  public void write(Rosbag2Topic topic, long logNanos, long publishNanos, MemorySegment cdr) {
    Channel channel = channelOf(topic);
    writer.write(channel.id, channel.sequence++, logNanos, publishNanos, cdr);
    if (writer.takeForced()) {
      follow();
    }
  }

  /** Writes named key-value pairs about the bag into its MCAP file. */
  public void addMetadata(McapMetadata metadata) {
    writer.addMetadata(metadata);
  }

  /** Forces to disk what is older than the options' interval. */
  public void forceIfDue() {
    writer.forceIfDue();
    if (writer.takeForced()) {
      follow();
    }
  }

  /** Forces everything to disk now. */
  public void force() {
    writer.force();
    follow();
  }

  /**
   * Returns the number of messages that were forced to disk: a crash or a power cut leaves at least
   * the first so many.
   */
  public long forcedMessages() {
    return writer.forcedMessages();
  }

  /**
   * Returns whether the disk is full and the reserve was given up: there is room for the bag's end
   * and little more.
   */
  public boolean reserveUsed() {
    return reserveUsed || writer.reserveUsed();
  }

  /** Counts what has been written so far. */
  public McapStatistics statistics() {
    return writer.statistics();
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      try (lock) {
        try (writer) {
          guard(this::writeMetadata); // before the file is forced: the names are forced once
        }
        guard(this::forceNames);
      }
    }
  }

  private Channel channelOf(Rosbag2Topic topic) {
    Channel known = channels.get(topic.name());
    if (known != null) {
      if (known.topic != topic && !known.topic.type().equals(topic.type())) {
        throw new IllegalArgumentException(
            "topic %s is recorded as %s and cannot be %s too"
                .formatted(topic.name(), known.topic.type(), topic.type()));
      }
      return known;
    }
    int schema =
        writer.addSchema(
            topic.type(), "ros2msg", topic.definition().getBytes(StandardCharsets.UTF_8));
    Channel channel =
        new Channel(topic, writer.addChannel(schema, topic.name(), "cdr", topic.channelMetadata()));
    channels.put(topic.name(), channel);
    return channel;
  }

  private void follow() {
    guard(this::writeMetadata);
    guard(this::forceNames);
  }

  private void writeMetadata() throws IOException {
    Durable.writeUnforced(
        folder.resolve(Rosbag2Metadata.FILE_NAME),
        new Rosbag2Metadata(rosDistro)
            .add(fileName, writer.statistics(), writer.channels(), writer.typeNames())
            .yaml());
  }

  private void forceNames() throws IOException {
    if (!namesForced) {
      Durable.forceFolder(folder);
      Durable.forceFolder(Durable.folderOf(folder));
      namesForced = true;
    }
  }

  private interface DiskStep {
    void run() throws IOException;
  }

  private void guard(DiskStep step) {
    try {
      step.run();
    } catch (IOException e) {
      if (!reserve.giveUp()) {
        throw new McapException("cannot write the bag " + folder + ": " + e, 0, e);
      }
      reserveUsed = true;
      guard(step);
    }
  }
}
