package dev.reverie.mcap;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** Appends to a file, and keeps the checksum of what was written. */
final class DataSink implements AutoCloseable {
  private final Path path;
  private final FileChannel channel;
  private final RunningCrc crc = new RunningCrc();
  private long position;

  /**
   * Creates a sink at the beginning of the file.
   *
   * @param channel empty and open for writing
   */
  DataSink(Path path, FileChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  long position() {
    return position;
  }

  /** Returns the CRC32 of everything since the beginning. */
  int checksum() {
    return crc.value();
  }

  void write(ByteBuffer bytes) {
    put(bytes);
    crc.update(bytes);
    position += bytes.remaining();
  }

  /**
   * Writes both pieces or, where an exception is thrown, neither.
   *
   * @param secondCrc CRC32 of the second piece
   */
  void write(ByteBuffer first, ByteBuffer second, int secondCrc) {
    put(first, second);
    crc.update(first);
    crc.append(secondCrc, second.remaining());
    position += first.remaining() + second.remaining();
  }

  private void put(ByteBuffer... pieces) {
    long at = position;
    try {
      for (ByteBuffer piece : pieces) {
        ByteBuffer rest = piece.duplicate();
        while (rest.hasRemaining()) {
          at += channel.write(rest, at);
        }
      }
    } catch (IOException e) {
      McapException failure = failed("write", e);
      try {
        channel.truncate(position); // the file ends with a whole record
      } catch (IOException again) {
        failure.addSuppressed(again);
      }
      throw failure;
    }
  }

  /**
   * Copies the beginning of another file.
   *
   * @param copiedCrc CRC32 of these bytes
   */
  void copy(FileBytes file, long bytes, int copiedCrc) {
    try {
      file.copyTo(channel, bytes);
    } catch (IOException e) {
      throw failed("write", e);
    }
    crc.append(copiedCrc, bytes);
    position = bytes;
  }

  void force() {
    try {
      channel.force(false);
    } catch (IOException e) {
      throw failed("force to disk", e);
    }
  }

  private McapException failed(String what, IOException e) {
    return new McapException(
        "cannot %s %s at byte %d: %s; make room on the disk or write elsewhere (what stands before can be recovered)"
            .formatted(what, path, position, e.getMessage()),
        position,
        e);
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw failed("close", e);
    }
  }
}
