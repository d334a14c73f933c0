package dev.reverie.mcap;

import java.time.Duration;

/**
 * Says how a file is written.
 *
 * @param profile "ros2" for bags of ROS 2
 * @param compression of chunks
 * @param chunkBytes a chunk is closed by the message that reaches this size, uncompressed
 * @param forceInterval a message older than this is forced to disk, its chunk closed
 */
public record McapOptions(
    String profile, McapCompression compression, int chunkBytes, Duration forceInterval) {
  /**
   * The options for bags of ROS 2: chunks of 1 MiB, as rosbag2 and the mcap tools have them by
   * default; zstd, at which camera images shrink to a half at several times a disk's speed; forced
   * after 0.5 s, so that where the disk takes a third of a second to obey nothing older than a
   * second is lost either.
   */
  public static final McapOptions ROS2 =
      new McapOptions("ros2", McapCompression.ZSTD, 1 << 20, Duration.ofMillis(500));

  // With the largest message still within what a reader takes at once.
  private static final int MAX_CHUNK_BYTES = 64 << 20;

  /** Checks the size and the interval. */
  public McapOptions {
    if (chunkBytes < 1 || chunkBytes > MAX_CHUNK_BYTES) {
      throw new IllegalArgumentException(
          "chunkBytes is %d; give 1 to %d".formatted(chunkBytes, MAX_CHUNK_BYTES));
    }
    if (forceInterval.isNegative() || forceInterval.isZero()) {
      throw new IllegalArgumentException(
          "forceInterval is " + forceInterval + "; give a positive duration");
    }
  }

  /** Returns the same with another compression. */
  public McapOptions withCompression(McapCompression value) {
    return new McapOptions(profile, value, chunkBytes, forceInterval);
  }

  /** Returns the same with chunks of another size. */
  public McapOptions withChunkBytes(int value) {
    return new McapOptions(profile, compression, value, forceInterval);
  }

  /** Returns the same with another interval. */
  public McapOptions withForceInterval(Duration value) {
    return new McapOptions(profile, compression, chunkBytes, value);
  }
}
