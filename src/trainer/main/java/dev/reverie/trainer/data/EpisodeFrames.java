package dev.reverie.trainer.data;

import dev.reverie.policy.NdArray;
import dev.reverie.trainer.nn.TrainerException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.function.Supplier;
import java.util.zip.CRC32C;

/**
 * The pictures of one episode, mapped from a file or in memory. Each is compared with its checksum
 * whenever it is used: a file may be damaged or cut off long after it was opened. One thread.
 */
final class EpisodeFrames {
  private final long[] checksums;
  private final long frameBytes;
  private final Supplier<NdArray> again;
  private MemorySegment frames;

  /**
   * Holds frames that are in memory or mapped from a file.
   *
   * @param frames [S+1, 3, H, W], U8
   * @param checksums of the frames [S+1]
   * @param again makes the frames once more, where one turns out to be damaged
   */
  EpisodeFrames(NdArray frames, long[] checksums, Supplier<NdArray> again) {
    this.frames = frames.data();
    this.checksums = checksums;
    this.again = again;
    frameBytes = this.frames.byteSize() / checksums.length;
  }

  /** The pictures of a part. */
  EpisodeFrames part(NdArray whole, int first, int length) {
    return length == checksums.length
        ? this
        : new EpisodeFrames(
            slice(whole, first, length),
            Arrays.copyOfRange(checksums, first, first + length),
            () -> slice(again.get(), first, length));
  }

  /** Frames in a row, of the same memory. */
  static NdArray slice(NdArray frames, int first, int length) {
    long[] shape = frames.shape().clone();
    long bytes = frames.data().byteSize() / shape[0];
    shape[0] = length;
    return new NdArray(frames.type(), shape, frames.data().asSlice(first * bytes, length * bytes));
  }

  /** S+1. */
  int length() {
    return checksums.length;
  }

  /**
   * Copies a frame.
   *
   * @param target of its size
   */
  void copy(int frame, MemorySegment target) {
    if (copied(frame, target)) {
      return;
    }
    frames = again.get().data();
    if (frames.byteSize() != frameBytes * checksums.length || !copied(frame, target)) {
      throw new TrainerException(
          "the pictures of an episode were damaged, and its bag has other ones now; start again");
    }
  }

  private boolean copied(int frame, MemorySegment target) {
    try {
      MemorySegment.copy(frames, frame * frameBytes, target, 0, frameBytes);
      if (checksum(target) == checksums[frame]) {
        return true;
      }
      Thread.yield(); // the JVM tells of a fault on the way back from native code
    } catch (InternalError e) {
      // So it does where the mapped file was cut off.
    }
    return false;
  }

  /** CRC-32C of each frame. */
  static long[] checksums(NdArray frames) {
    long[] sums = new long[(int) frames.shape()[0]];
    long bytes = sums.length == 0 ? 0 : frames.data().byteSize() / sums.length;
    for (int t = 0; t < sums.length; t++) {
      sums[t] = checksum(frames.data().asSlice(t * bytes, bytes));
    }
    return sums;
  }

  /** CRC-32C. */
  static long checksum(MemorySegment... parts) {
    CRC32C sum = new CRC32C();
    for (MemorySegment part : parts) {
      sum.update(part.asByteBuffer());
    }
    return sum.getValue();
  }
}
