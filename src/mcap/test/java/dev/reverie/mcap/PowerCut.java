package dev.reverie.mcap;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Keeps the writes of a file in memory until they are forced. After a power cut the disk has all
 * that was forced; of what came later each page of 4 KiB may be there, or be zeros, and the file's
 * length may be any in between.
 */
final class PowerCut extends SingleFile {
  private static final int PAGE = 4096;

  private byte[] written = new byte[0];
  private final List<byte[]> forced = new ArrayList<>();

  @Override
  public int write(ByteBuffer source, long position) {
    int count = source.remaining();
    int end = Math.toIntExact(position + count);
    if (end > written.length) {
      written = Arrays.copyOf(written, end);
    }
    source.get(written, (int) position, count);
    return count;
  }

  @Override
  public FileChannel truncate(long size) {
    written = Arrays.copyOf(written, (int) Math.min(size, written.length));
    return this;
  }

  @Override
  public void force(boolean metaData) {
    forced.add(written.clone());
  }

  int forces() {
    return forced.size();
  }

  byte[] forced() {
    return forced.isEmpty() ? new byte[0] : forced.getLast();
  }

  /** Leaves what the disk may have if the power fails now. */
  void leave(Path path, SplittableRandom random) throws IOException {
    byte[] safe = forced();
    int length = safe.length + random.nextInt(written.length - safe.length + 1);
    byte[] left = Arrays.copyOf(safe, length);
    for (int at = safe.length; at < length; ) {
      int end = Math.min(length, (at / PAGE + 1) * PAGE);
      if (random.nextBoolean()) {
        System.arraycopy(written, at, left, at, end - at);
      }
      at = end;
    }
    Files.write(path, left);
  }
}
