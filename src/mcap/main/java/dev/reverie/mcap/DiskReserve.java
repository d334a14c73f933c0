package dev.reverie.mcap;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.SplittableRandom;

/**
 * Keeps room on the disk for the end of a bag: a hidden file is given up when the disk is full, so
 * that the chunk in memory, the summary and the outcome still find their place. One a folder of
 * bags; for one thread.
 */
public final class DiskReserve implements AutoCloseable {
  /** The usual size: a chunk of 1 MiB and the picture of 4K that crosses it, raw. */
  public static final long DEFAULT_BYTES = 32L << 20;

  private static final String FILE_NAME = ".reserve";
  private static final int PIECE = 1 << 20;

  private final Path file;
  private final long bytes;

  /**
   * Creates a reserve, which is not filled yet.
   *
   * @param folder that the bags go into
   * @param bytes 0: no reserve
   */
  public DiskReserve(Path folder, long bytes) {
    if (bytes < 0) {
      throw new IllegalArgumentException("a reserve of " + bytes + " bytes; give 0 or more");
    }
    this.file = folder.resolve(FILE_NAME);
    this.bytes = bytes;
  }

  /** Returns the bytes that a node which was killed has left set aside in a folder. */
  public static long left(Path folder) throws IOException {
    Path file = folder.resolve(FILE_NAME);
    return Files.exists(file) ? Files.size(file) : 0;
  }

  /** Returns a reserve without room. */
  public static DiskReserve none(Path folder) {
    return new DiskReserve(folder, 0);
  }

  /**
   * Sets the room aside, anew where it was given up; makes the folder if need be.
   *
   * @throws McapException where the disk has no such room
   */
  public void fill() {
    try {
      if (bytes > 0) {
        Files.createDirectories(Durable.folderOf(file));
      }
      if (bytes > 0 && !(Files.exists(file) && Files.size(file) == bytes)) {
        write();
      }
    } catch (IOException e) {
      giveUp();
      throw new McapException(
          "no %d MiB can be set aside in %s for the end of a bag: %s; make room on its disk, or give a folder that can be written"
              .formatted(bytes >> 20, file.getParent(), e.getMessage()),
          0,
          e);
    }
  }

  private void write() throws IOException {
    byte[] piece = new byte[(int) Math.min(PIECE, bytes)];
    new SplittableRandom(1).nextBytes(piece); // some file systems store zeros in no room at all
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      for (long at = 0; at < bytes; ) {
        ByteBuffer rest = ByteBuffer.wrap(piece, 0, (int) Math.min(piece.length, bytes - at));
        at += channel.write(rest, at);
      }
    }
  }

  /** Gives the room to whoever writes next, and returns whether there was any. */
  public boolean giveUp() {
    try {
      return Files.deleteIfExists(file);
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void close() {
    giveUp();
  }
}
