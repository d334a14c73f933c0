package dev.reverie.mcap;

import java.util.Arrays;

/** Holds numbers without a box around each: chunks of small messages have very many. */
final class LongList {
  private long[] values = new long[32];
  private int size;

  void add(long value) {
    if (size == values.length) {
      values = Arrays.copyOf(values, 2 * size);
    }
    values[size++] = value;
  }

  long get(int index) {
    return values[index];
  }

  int size() {
    return size;
  }

  void clear() {
    size = 0;
  }

  boolean sameAs(LongList other) {
    return Arrays.equals(values, 0, size, other.values, 0, other.size);
  }
}
