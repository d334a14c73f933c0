package dev.reverie.msgs;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Reads plain CDR (OMG DDS-XTypes, XCDR1), of either byte order, as ROS 2 middleware sends it. Each
 * length is checked against the bytes that are left before anything is allocated.
 */
public final class CdrReader {

  private static final int HEADER = 4;

  private final MemorySegment bytes;
  private final long size;
  private final ValueLayout.OfShort shorts;
  private final ValueLayout.OfInt ints;
  private final ValueLayout.OfLong longs;
  private final ValueLayout.OfFloat floats;
  private final ValueLayout.OfDouble doubles;
  private long position = HEADER;

  /**
   * @param bytes encapsulation header (4 bytes) and payload; must stay valid while it is read
   * @throws CdrException when the encapsulation is not plain CDR
   */
  public CdrReader(MemorySegment bytes) {
    if (bytes.byteSize() < HEADER) {
      throw new CdrException(bytes.byteSize() + " bytes are too few for an encapsulation header");
    }
    int kind = bytes.get(JAVA_BYTE, 0) << 8 | bytes.get(JAVA_BYTE, 1) & 0xff;
    if (kind != 0 && kind != 1) {
      throw new CdrException(
          "encapsulation 0x%04x is not plain CDR (0x0000 or 0x0001)".formatted(kind & 0xffff));
    }
    this.bytes = bytes;
    this.size = bytes.byteSize();
    ByteOrder order = kind == 1 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
    shorts = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(order);
    ints = ValueLayout.JAVA_INT_UNALIGNED.withOrder(order);
    longs = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(order);
    floats = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(order);
    doubles = ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(order);
  }

  /** Bytes that are not read yet. */
  public long remaining() {
    return size - position;
  }

  public boolean readBoolean() {
    return readByte() != 0;
  }

  public byte readByte() {
    return bytes.get(JAVA_BYTE, advance(1, 1));
  }

  public short readShort() {
    return bytes.get(shorts, advance(2, 2));
  }

  public int readInt() {
    return bytes.get(ints, advance(4, 4));
  }

  public long readLong() {
    return bytes.get(longs, advance(8, 8));
  }

  public float readFloat() {
    return bytes.get(floats, advance(4, 4));
  }

  public double readDouble() {
    return bytes.get(doubles, advance(8, 8));
  }

  /** Reads a string of UTF-8 bytes with its terminating zero. */
  public String readString() {
    long length = readLength(1);
    if (length == 0) {
      return "";
    }
    long at = advance(1, length);
    if (bytes.get(JAVA_BYTE, at + length - 1) != 0) {
      throw new CdrException("a string at byte %d does not end with zero".formatted(at));
    }
    byte[] text = new byte[(int) length - 1];
    MemorySegment.copy(bytes, JAVA_BYTE, at, text, 0, text.length);
    return new String(text, StandardCharsets.UTF_8);
  }

  /** Reads a wide string: UTF-16 units of four bytes each, without terminating zero. */
  public String readWideString() {
    int length = readLength(4);
    char[] text = new char[length];
    for (int i = 0; i < length; i++) {
      text[i] = (char) readInt();
    }
    return new String(text);
  }

  /**
   * Reads the length of a sequence.
   *
   * @param elementBytes the fewest bytes that one element takes
   */
  public int readLength(int elementBytes) {
    long length = Integer.toUnsignedLong(readInt());
    if (length * elementBytes > remaining()) {
      throw new CdrException(
          "%d elements of at least %d bytes at byte %d, but %d bytes are left"
              .formatted(length, elementBytes, position, remaining()));
    }
    return (int) length;
  }

  public boolean[] readBooleans(int length) {
    long at = advance(1, length);
    boolean[] values = new boolean[length];
    for (int i = 0; i < length; i++) {
      values[i] = bytes.get(JAVA_BYTE, at + i) != 0;
    }
    return values;
  }

  /** Reads {@code length} bytes in one copy. */
  public byte[] readBytes(int length) {
    long at = advance(1, length);
    byte[] values = new byte[length];
    MemorySegment.copy(bytes, JAVA_BYTE, at, values, 0, length);
    return values;
  }

  public short[] readShorts(int length) {
    if (length == 0) {
      return new short[0];
    }
    long at = advance(2, (long) length * 2);
    short[] values = new short[length];
    MemorySegment.copy(bytes, shorts, at, values, 0, length);
    return values;
  }

  public int[] readInts(int length) {
    if (length == 0) {
      return new int[0];
    }
    long at = advance(4, (long) length * 4);
    int[] values = new int[length];
    MemorySegment.copy(bytes, ints, at, values, 0, length);
    return values;
  }

  public long[] readLongs(int length) {
    if (length == 0) {
      return new long[0];
    }
    long at = advance(8, (long) length * 8);
    long[] values = new long[length];
    MemorySegment.copy(bytes, longs, at, values, 0, length);
    return values;
  }

  public float[] readFloats(int length) {
    if (length == 0) {
      return new float[0];
    }
    long at = advance(4, (long) length * 4);
    float[] values = new float[length];
    MemorySegment.copy(bytes, floats, at, values, 0, length);
    return values;
  }

  public double[] readDoubles(int length) {
    if (length == 0) {
      return new double[0];
    }
    long at = advance(8, (long) length * 8);
    double[] values = new double[length];
    MemorySegment.copy(bytes, doubles, at, values, 0, length);
    return values;
  }

  /** Reads {@code length} elements of any kind; the list can not be changed. */
  public <T> List<T> readList(int length, Supplier<T> element) {
    var values = new ArrayList<T>(Math.min(length, 1024));
    for (int i = 0; i < length; i++) {
      values.add(element.get());
    }
    return List.copyOf(values);
  }

  /** Steps over padding and {@code length} bytes; returns where those bytes begin. */
  private long advance(int alignment, long length) {
    long at = HEADER + (position - HEADER + alignment - 1 & -alignment);
    if (length > size - at) {
      throw new CdrException(
          "the message ends at byte %d of %d: %d bytes wanted".formatted(at, size, length));
    }
    position = at + length;
    return at;
  }
}
