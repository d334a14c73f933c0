package dev.reverie.mcap;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/** Growing bytes that records are written into, little endian, one record after the other. */
final class RecordBuffer {
  private static final VarHandle SHORT = view(short[].class);
  private static final VarHandle INT = view(int[].class);
  private static final VarHandle LONG = view(long[].class);

  private byte[] bytes;
  private int size;

  RecordBuffer(int capacity) {
    bytes = new byte[capacity];
  }

  private static VarHandle view(Class<?> array) {
    return MethodHandles.byteArrayViewVarHandle(array, ByteOrder.LITTLE_ENDIAN);
  }

  /** The bytes written so far are the first {@link #size()} of this array, until the next write. */
  byte[] array() {
    return bytes;
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
   * @param begun what {@link #begin} returned
   */
  void end(int begun) {
    LONG.set(bytes, begun - 8, (long) (size - begun));
  }

  void putByte(int value) {
    reserve(1);
    bytes[size++] = (byte) value;
  }

  void putShort(int value) {
    reserve(2);
    SHORT.set(bytes, size, (short) value);
    size += 2;
  }

  void putInt(int value) {
    reserve(4);
    INT.set(bytes, size, value);
    size += 4;
  }

  void putLong(long value) {
    reserve(8);
    LONG.set(bytes, size, value);
    size += 8;
  }

  void setInt(int position, int value) {
    INT.set(bytes, position, value);
  }

  void putString(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    putInt(utf8.length);
    putBytes(utf8, 0, utf8.length);
  }

  /** Written in the order of the keys, so that equal maps give equal bytes. */
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

  void putBytes(byte[] source, int offset, int length) {
    reserve(length);
    System.arraycopy(source, offset, bytes, size, length);
    size += length;
  }

  void putBytes(MemorySegment source) {
    int length = Math.toIntExact(source.byteSize());
    reserve(length);
    MemorySegment.copy(source, ValueLayout.JAVA_BYTE, 0, bytes, size, length);
    size += length;
  }

  private void reserve(int count) {
    if (count > bytes.length - size) {
      long needed = (long) size + count;
      if (needed > Integer.MAX_VALUE - 8) {
        throw new IllegalArgumentException(
            "a record of %d bytes is beyond the 2 GiB that one record may have; split it"
                .formatted(needed));
      }
      bytes =
          Arrays.copyOf(
              bytes, (int) Math.min(Integer.MAX_VALUE - 8, Math.max(needed, 2L * bytes.length)));
    }
  }
}
