package dev.reverie.msgs;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Notes large arrays of numbers of a message that stay where they are instead of being copied into
 * its CDR: there one byte stands for each. Writer and reader share it, and nobody sends such CDR.
 */
public final class BorrowedArrays {
  /** The least bytes of such an array: shorter ones are cheaper to copy. */
  static final int LEAST_BYTES = 1024;

  private long[] places = new long[4];
  private MemorySegment[] arrays = new MemorySegment[4];
  private int count;
  private long bytes;

  /** Begins without arrays. */
  public BorrowedArrays() {}

  /** Returns the bytes of all of them. */
  public long bytes() {
    return bytes;
  }

  void clear() {
    count = 0;
    bytes = 0;
  }

  /**
   * Notes an array.
   *
   * @param place of the byte that stands for it, behind those of the others
   * @param array little-endian elements
   */
  void add(long place, MemorySegment array) {
    if (count == places.length) {
      places = Arrays.copyOf(places, 2 * count);
      arrays = Arrays.copyOf(arrays, 2 * count);
    }
    places[count] = place;
    arrays[count] = array;
    count++;
    bytes += array.byteSize();
  }

  /** Returns the array that a byte stands for, or null where the byte is one of the message. */
  @Nullable MemorySegment at(long place) {
    int found = Arrays.binarySearch(places, 0, count, place);
    return found < 0 ? null : arrays[found];
  }
}
