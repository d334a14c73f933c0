package dev.reverie.mcap;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32;

/** Reads a file's bytes by position. What is appended after it was opened is not seen. */
final class FileBytes implements AutoCloseable {
  private static final int WINDOW_BYTES = 64 << 10;

  private final Path path;
  private final FileChannel channel;
  private final long size;
  private final byte[] window;
  private long windowStart;
  private int windowSize;

  FileBytes(Path path) {
    this.path = path;
    try {
      channel = FileChannel.open(path, StandardOpenOption.READ);
      size = channel.size();
    } catch (IOException e) {
      throw failed(path, 0, e);
    }
    window = new byte[(int) Math.min(WINDOW_BYTES, size)];
  }

  Path path() {
    return path;
  }

  long size() {
    return size;
  }

  void read(long offset, byte[] target, int start, int length) {
    if (offset == size && length > 0) {
      throw unfinished();
    }
    if (offset < 0 || length > size - offset) {
      throw cutOff(offset, length);
    }
    if (length > window.length) {
      readFromDisk(offset, target, start, length);
      return;
    }
    if (offset < windowStart || offset + length > windowStart + windowSize) {
      windowSize = 0;
      int count = (int) Math.min(window.length, size - offset);
      readFromDisk(offset, window, 0, count);
      windowStart = offset;
      windowSize = count;
    }
    System.arraycopy(window, (int) (offset - windowStart), target, start, length);
  }

  /** Copies the first bytes, by the operating system where it can. */
  void copyTo(FileChannel target, long bytes) throws IOException {
    target.position(0);
    for (long at = 0; at < bytes; ) {
      long copied = channel.transferTo(at, bytes - at, target);
      if (copied <= 0) {
        throw shrank(at);
      }
      at += copied;
    }
  }

  /** Returns the CRC32 of a part of the file. */
  int checksum(long start, long end) {
    CRC32 crc = new CRC32();
    byte[] buffer = new byte[(int) Math.min(1 << 20, end - start)];
    for (long at = start; at < end; at += buffer.length) {
      int count = (int) Math.min(buffer.length, end - at);
      read(at, buffer, 0, count);
      crc.update(buffer, 0, count);
    }
    return (int) crc.getValue();
  }

  McapException unfinished() {
    return new McapException(
        "%s ends at byte %d without a footer: it is still being written, or its writer was stopped; what is there can be recovered"
            .formatted(path, size),
        size);
  }

  McapException cutOff(long offset, long needed) {
    return new McapException(
        "%s ends at byte %d, but %s bytes are needed from byte %d on: the file is cut off or damaged; what stands before can be recovered"
            .formatted(path, size, Long.toUnsignedString(needed), offset),
        offset);
  }

  private McapException shrank(long offset) {
    return new McapException(
        "%s had %d bytes and has fewer now: it was changed while it was read; read it again"
            .formatted(path, size),
        offset);
  }

  private void readFromDisk(long offset, byte[] target, int start, int length) {
    ByteBuffer buffer = ByteBuffer.wrap(target, start, length);
    try {
      while (buffer.hasRemaining()) {
        if (channel.read(buffer, offset + buffer.position() - start) < 0) {
          throw shrank(offset);
        }
      }
    } catch (IOException e) {
      throw failed(path, offset, e);
    }
  }

  private static McapException failed(Path path, long offset, IOException e) {
    String why =
        switch (e) {
          case NoSuchFileException _ when Files.isSymbolicLink(path) ->
              "it is a link to a file that is not there";
          case NoSuchFileException _ -> "it is not there";
          case AccessDeniedException _ -> "its permissions do not allow it";
          default -> e.toString();
        };
    return new McapException("cannot read " + path + ": " + why, offset, e);
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw failed(path, size, e);
    }
  }
}
