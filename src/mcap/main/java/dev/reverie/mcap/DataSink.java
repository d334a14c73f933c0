package dev.reverie.mcap;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.zip.CRC32;

/** The end of a file that is written, with the checksum of what was written. */
final class DataSink implements AutoCloseable {
  private final Path path;
  private final FileChannel channel;
  private final CRC32 crc = new CRC32();
  private long position;

  /**
   * @param channel empty and open for writing
   */
  DataSink(Path path, FileChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  long position() {
    return position;
  }

  /** CRC32 of everything since the beginning. */
  int checksum() {
    return (int) crc.getValue();
  }

  void write(byte[] bytes, int length) {
    write(bytes, length, bytes, 0);
  }

  void write(RecordBuffer records) {
    write(records.array(), records.size());
  }

  /** Writes both pieces or, where an exception is thrown, neither. */
  void write(byte[] first, int firstLength, byte[] second, int secondLength) {
    try {
      put(position, first, firstLength);
      put(position + firstLength, second, secondLength);
    } catch (IOException e) {
      McapException failure = failed("write", e);
      try {
        channel.truncate(position); // the file ends with a whole record
      } catch (IOException again) {
        failure.addSuppressed(again);
      }
      throw failure;
    }
    crc.update(first, 0, firstLength);
    crc.update(second, 0, secondLength);
    position += firstLength + secondLength;
  }

  private void put(long at, byte[] bytes, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes, 0, length);
    while (buffer.hasRemaining()) {
      channel.write(buffer, at + buffer.position());
    }
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
