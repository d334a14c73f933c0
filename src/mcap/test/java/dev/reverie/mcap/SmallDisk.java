package dev.reverie.mcap;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.function.LongSupplier;

/**
 * Stands for a file on a disk that is full after so many bytes: the write that reaches its end is
 * cut off.
 */
final class SmallDisk extends SingleFile {
  private final FileChannel file;
  private final LongSupplier capacity;

  SmallDisk(FileChannel file, long capacity) {
    this(file, () -> capacity);
  }

  SmallDisk(FileChannel file, LongSupplier capacity) {
    this.file = file;
    this.capacity = capacity;
  }

  @Override
  public int write(ByteBuffer source, long position) throws IOException {
    long free = capacity.getAsLong() - position;
    if (free <= 0) {
      throw new IOException("No space left on device");
    }
    ByteBuffer fits = source.slice();
    fits.limit((int) Math.min(free, source.remaining()));
    int written = file.write(fits, position);
    source.position(source.position() + written);
    return written;
  }

  @Override
  public FileChannel truncate(long size) throws IOException {
    file.truncate(size);
    return this;
  }

  @Override
  public void force(boolean metaData) throws IOException {
    file.force(metaData);
  }

  @Override
  protected void implCloseChannel() throws IOException {
    file.close();
  }
}
