package dev.reverie.rollout;

import dev.reverie.mcap.DiskReserve;
import dev.reverie.mcap.McapException;
import dev.reverie.mcap.McapMetadata;
import dev.reverie.mcap.McapOptions;
import dev.reverie.mcap.rosbag2.Rosbag2Appender;
import dev.reverie.mcap.rosbag2.Rosbag2Topic;
import dev.reverie.mcap.rosbag2.Rosbag2Writer;
import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.reverie.Episode;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;

/**
 * Records the bag of one episode: {@code <folder>/<episode id>/}, a rosbag2 folder. A message is on
 * disk a second after it came: what is half a second old is forced to it, by the next message or by
 * {@link #forceIfDue}, which the caller calls at least every 50 ms while none comes. For one
 * thread: the recorder's. Where the disk refuses, {@link McapException} is thrown, and what was
 * forced before stays readable.
 */
public final class RolloutWriter implements AutoCloseable {
  /** Version of the shared format of rollouts; docs/format-rollout.md. */
  public static final int FORMAT = 1;

  static final String FORMAT_RECORD = "reverie_rollout";
  static final String FORMAT_KEY = "format";
  static final String RECORDED_KEY = "recorded_nanos";

  private final Rosbag2Writer bag;
  private final EpisodeSummaryRecord.Builder summary = new EpisodeSummaryRecord.Builder();
  private boolean closed;

  private RolloutWriter(Rosbag2Writer bag) {
    this.bag = bag;
  }

  /**
   * Creates the episode's bag, which must not exist yet, and the folder above it if need be.
   *
   * @param episodeId becomes the bag's name: letters, digits and "._-"
   */
  public static RolloutWriter open(Path folder, String episodeId) {
    return open(folder, episodeId, McapOptions.ROS2, DiskReserve.none(folder));
  }

  /**
   * Creates a bag as {@link #open(Path, String)} does, with another compression or chunk size, and
   * with room on the disk for its end.
   *
   * @param reserve filled; see {@link #reserveUsed}
   */
  public static RolloutWriter open(
      Path folder, String episodeId, McapOptions options, DiskReserve reserve) {
    if (!episodeId.matches("[A-Za-z0-9][A-Za-z0-9._-]*")) {
      throw new IllegalArgumentException(
          "episode id '" + episodeId + "' cannot name a folder; use letters, digits and ._-");
    }
    String distro = System.getenv().getOrDefault("ROS_DISTRO", "");
    Rosbag2Writer bag = Rosbag2Writer.create(folder.resolve(episodeId), distro, reserve, options);
    try {
      bag.addMetadata(
          new McapMetadata(
              FORMAT_RECORD,
              Map.of(
                  FORMAT_KEY,
                  Integer.toString(FORMAT),
                  RECORDED_KEY,
                  Long.toString(Stamps.nanos(Instant.now())))));
      return new RolloutWriter(bag);
    } catch (McapException e) {
      bag.close();
      throw e;
    }
  }

  /** The bag's folder. */
  public Path bag() {
    return bag.folder();
  }

  /**
   * Writes a message.
   *
   * @param topic may be an equal one each time
   * @param logNanos when the message was received
   * @param publishNanos when it was published
   * @param cdr with its encapsulation header; copied
   */
  public void write(Rosbag2Topic topic, long logNanos, long publishNanos, MemorySegment cdr) {
    bag.write(topic, logNanos, publishNanos, cdr);
    summary.see(topic.name(), topic.type(), logNanos, cdr);
  }

  /** Forces to disk what is older than half a second. */
  public void forceIfDue() {
    bag.forceIfDue();
  }

  /** Messages written so far. */
  public long messages() {
    return bag.statistics().messages();
  }

  /**
   * Messages that were forced to disk: a crash or a power cut leaves at least the first so many.
   */
  public long forcedMessages() {
    return bag.forcedMessages();
  }

  /**
   * Returns whether the disk is full and the reserve was given up: the episode has to end, and
   * there is room for little more than that.
   */
  public boolean reserveUsed() {
    return bag.reserveUsed();
  }

  /** Finishes the bag and forces it to disk. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      try (bag) {
        summary.build().ifPresent(told -> bag.addMetadata(told.metadata()));
      }
    }
  }

  /**
   * Adds one message to a finished bag, such as an outcome told later. A crash leaves the bag
   * either as it was or with the message.
   *
   * @throws EpisodeException where the bag is not whole
   */
  public static void append(
      Path bag, Rosbag2Topic topic, long logNanos, long publishNanos, MemorySegment cdr) {
    BagFiles files = new BagFiles(bag);
    try {
      Rosbag2Appender.append(
          bag,
          appender -> {
            appender.write(topic, logNanos, publishNanos, cdr);
            if (topic.type().equals(Episode.TYPE.name())) {
              Episode event = files.decode(Episode.TYPE, topic.name(), cdr);
              appender.addMetadata(EpisodeSummaryRecord.read(files).after(event).metadata());
            }
          });
    } catch (McapException e) {
      throw files.damaged(e);
    }
  }
}
