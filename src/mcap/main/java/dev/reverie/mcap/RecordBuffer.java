package dev.reverie.mcap;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/**
 * Collects records, little endian, one after the other, in bytes that grow. They lie outside of the
 * heap, where the operating system and the codecs take them without a copy.
 */
final class RecordBuffer {
  private final Arena arena;
  private MemorySegment segment;
  private ByteBuffer bytes; // the segment
  private int size;

  /**
   * Creates an empty buffer.
   *
   * @param arena whose end is the buffer's
   */
  RecordBuffer(Arena arena, int capacity) {
    this.arena = arena;
    segment = arena.allocate(capacity);
    bytes = view(segment);
  }

  private static ByteBuffer view(MemorySegment segment) {
    return segment.asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Returns what was written so far, valid until the next write. */
  ByteBuffer written() {
    return written(0);
  }

  /** Returns what was written from a position on, valid until the next write. */
  ByteBuffer written(int start) {
    return bytes.slice(start, size - start);
  }

  int size() {
    return size;
  }

  void clear() {
    size = 0;
  }

  void truncate(int newSize) {
    size = newSize;
  }

  /** Starts a record; its length is filled in by {@link #end}. */
  int begin(int opcode) {
    putByte(opcode);
    putLong(0);
    return size;
  }

  /**
   * Ends a record: fills in its length.
   *
   * @param begun what {@link #begin} returned
   */
  void end(int begun) {
    bytes.putLong(begun - 8, size - begun);
  }

  void putByte(int value) {
    reserve(1);
    bytes.put(size, (byte) value);
    size++;
  }

  void putShort(int value) {
    reserve(2);
    bytes.putShort(size, (short) value);
    size += 2;
  }

  void putInt(int value) {
    reserve(4);
    bytes.putInt(size, value);
    size += 4;
  }

  void putLong(long value) {
    reserve(8);
    bytes.putLong(size, value);
    size += 8;
  }

  void setInt(int position, int value) {
    bytes.putInt(position, value);
  }

  void putString(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    putInt(utf8.length);
    putBytes(utf8);
  }

  /** Writes a map in the order of its keys, so that equal maps give equal bytes. */
  void putMap(Map<String, String> map) {
    int start = size;
    putInt(0);
    new TreeMap<>(map)
        .forEach(
            (key, value) -> {
              putString(key);
              putString(value);
            });
    setInt(start, size - start - 4);
  }

  void putBytes(byte[] source) {
    reserve(source.length);
    bytes.put(size, source);
    size += source.length;
  }

  void putBytes(MemorySegment source) {
    int length = Math.toIntExact(source.byteSize());
    reserve(length);
    MemorySegment.copy(
        source, ValueLayout.JAVA_BYTE, 0, segment, ValueLayout.JAVA_BYTE, size, length);
    size += length;
  }

  private void reserve(int count) {
    if (count > bytes.capacity() - size) {
      long needed = (long) size + count;
      if (needed > Integer.MAX_VALUE - 8) {
        throw new IllegalArgumentException(
            "a record of %d bytes is beyond the 2 GiB that one record may have; split it"
                .formatted(needed));
      }
      long grown = Math.max(needed, Math.min(Integer.MAX_VALUE - 8, 2L * bytes.capacity()));
      MemorySegment larger = arena.allocate(grown);
      MemorySegment.copy(segment, 0, larger, 0, size);
      segment = larger;
      bytes = view(larger);
    }
  }
}
