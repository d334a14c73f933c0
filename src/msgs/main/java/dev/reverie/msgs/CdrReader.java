package dev.reverie.msgs;

import static dev.reverie.msgs.CdrLayout.DOUBLE;
import static dev.reverie.msgs.CdrLayout.FLOAT;
import static dev.reverie.msgs.CdrLayout.HEADER;
import static dev.reverie.msgs.CdrLayout.INT;
import static dev.reverie.msgs.CdrLayout.LONG;
import static dev.reverie.msgs.CdrLayout.SHORT;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads plain CDR (OMG DDS-XTypes, XCDR1), of either byte order, as ROS 2 middleware sends it. Each
 * length is checked against the bytes that are left before anything is allocated.
 */
public final class CdrReader {
  private final MemorySegment bytes;
  private final long size;
  private final ByteOrder order;
  private final boolean swapped;
  private final @Nullable BorrowedArrays borrowed;
  private long position;

  /**
   * Reads a whole message.
   *
   * @param bytes encapsulation header (4 bytes) and payload; must stay valid while it is read
   * @throws CdrException when the encapsulation is not plain CDR
   */
  public CdrReader(MemorySegment bytes) {
    this(bytes, bytes.byteSize(), null);
  }

  /**
   * Reads a message at the beginning of memory.
   *
   * @param memory begins with the message
   * @param size of the message
   * @param borrowed the arrays that a {@link CdrWriter#CdrWriter(BorrowedArrays)} left out of it
   */
  public CdrReader(MemorySegment memory, long size, @Nullable BorrowedArrays borrowed) {
    this(memory, size, borrowed, HEADER);
  }

  /** Reads from a field that begins at {@code position}, of a message of {@code size} bytes. */
  CdrReader(MemorySegment bytes, long size, @Nullable BorrowedArrays borrowed, long position) {
    if (size < HEADER) {
      throw new CdrException(size + " bytes are too few for an encapsulation header");
    }
    int kind = bytes.get(JAVA_BYTE, 0) << 8 | (bytes.get(JAVA_BYTE, 1) & 0xff);
    if (kind != 0 && kind != 1) {
      throw new CdrException(
          "encapsulation 0x%04x is not plain CDR (0x0000 or 0x0001)".formatted(kind & 0xffff));
    }
    this.bytes = bytes;
    this.size = size;
    this.borrowed = borrowed;
    this.position = position;
    this.swapped = kind == 0;
    this.order = swapped ? ByteOrder.BIG_ENDIAN : LITTLE_ENDIAN;
  }

  /** Returns the number of bytes that are not read yet. */
  public long remaining() {
    return size - position;
  }

  /** Reads a boolean. */
  public boolean readBoolean() {
    return readByte() != 0;
  }

  /** Reads a byte. */
  public byte readByte() {
    return bytes.get(JAVA_BYTE, advance(1, 1));
  }

  /** Reads a short. */
  public short readShort() {
    short value = bytes.get(SHORT, advance(2, 2));
    return swapped ? Short.reverseBytes(value) : value;
  }

  /** Reads an int. */
  public int readInt() {
    int value = bytes.get(INT, advance(4, 4));
    return swapped ? Integer.reverseBytes(value) : value;
  }

  /** Reads a long. */
  public long readLong() {
    long value = bytes.get(LONG, advance(8, 8));
    return swapped ? Long.reverseBytes(value) : value;
  }

  /** Reads a float. */
  public float readFloat() {
    return Float.intBitsToFloat(readInt());
  }

  /** Reads a double. */
  public double readDouble() {
    return Double.longBitsToDouble(readLong());
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
      int unit = readInt();
      if (unit >>> 16 != 0) {
        throw new CdrException(
            "0x%08x at byte %d is not a UTF-16 unit".formatted(unit, position - 4));
      }
      text[i] = (char) unit;
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
    long most = borrowed == null ? remaining() : remaining() + borrowed.bytes();
    if (length * elementBytes > most || length > Integer.MAX_VALUE) {
      throw new CdrException(
          "%d elements of at least %d bytes at byte %d, but %d bytes are left"
              .formatted(length, elementBytes, position, remaining()));
    }
    return (int) length;
  }

  /** Reads {@code length} booleans. */
  public boolean[] readBooleans(int length) {
    MemorySegment apart = borrowedArray();
    MemorySegment from = apart == null ? bytes : apart;
    long at = apart == null ? advance(1, length) : 0;
    boolean[] values = new boolean[length];
    for (int i = 0; i < length; i++) {
      values[i] = from.get(JAVA_BYTE, at + i) != 0;
    }
    return values;
  }

  /** Reads {@code length} bytes in one copy. */
  public byte[] readBytes(int length) {
    MemorySegment apart = borrowedArray();
    long at = apart == null ? advance(1, length) : 0;
    byte[] values = new byte[length];
    MemorySegment.copy(apart == null ? bytes : apart, JAVA_BYTE, at, values, 0, length);
    return values;
  }

  /** Reads {@code length} shorts. */
  public short[] readShorts(int length) {
    if (length == 0) {
      return new short[0];
    }
    MemorySegment apart = borrowedArray();
    long at = apart == null ? advance(2, (long) length * 2) : 0;
    short[] values = new short[length];
    MemorySegment from = apart == null ? bytes : apart;
    MemorySegment.copy(from, SHORT.withOrder(order), at, values, 0, length);
    return values;
  }

  /** Reads {@code length} ints. */
  public int[] readInts(int length) {
    if (length == 0) {
      return new int[0];
    }
    MemorySegment apart = borrowedArray();
    long at = apart == null ? advance(4, (long) length * 4) : 0;
    int[] values = new int[length];
    MemorySegment from = apart == null ? bytes : apart;
    MemorySegment.copy(from, INT.withOrder(order), at, values, 0, length);
    return values;
  }

  /** Reads {@code length} longs. */
  public long[] readLongs(int length) {
    if (length == 0) {
      return new long[0];
    }
    MemorySegment apart = borrowedArray();
    long at = apart == null ? advance(8, (long) length * 8) : 0;
    long[] values = new long[length];
    MemorySegment from = apart == null ? bytes : apart;
    MemorySegment.copy(from, LONG.withOrder(order), at, values, 0, length);
    return values;
  }

  /** Reads {@code length} floats. */
  public float[] readFloats(int length) {
    if (length == 0) {
      return new float[0];
    }
    MemorySegment apart = borrowedArray();
    long at = apart == null ? advance(4, (long) length * 4) : 0;
    float[] values = new float[length];
    MemorySegment from = apart == null ? bytes : apart;
    MemorySegment.copy(from, FLOAT.withOrder(order), at, values, 0, length);
    return values;
  }

  /** Reads {@code length} doubles. */
  public double[] readDoubles(int length) {
    if (length == 0) {
      return new double[0];
    }
    MemorySegment apart = borrowedArray();
    long at = apart == null ? advance(8, (long) length * 8) : 0;
    double[] values = new double[length];
    MemorySegment from = apart == null ? bytes : apart;
    MemorySegment.copy(from, DOUBLE.withOrder(order), at, values, 0, length);
    return values;
  }

  /**
   * Reads an array of numbers, or a string with its terminating zero, as it lies.
   *
   * @param to as long as the array
   * @param bytesEach of an element
   */
  public void readElements(MemorySegment to, int bytesEach) {
    MemorySegment apart = borrowedArray();
    long at = apart == null ? advance(bytesEach, to.byteSize()) : 0;
    MemorySegment.copy(apart == null ? bytes : apart, at, to, 0, to.byteSize());
  }

  /** Reads {@code length} elements of any kind; the list can not be changed. */
  public <T> List<T> readList(int length, Supplier<T> element) {
    var values = new ArrayList<T>(Math.min(length, 1024));
    for (int i = 0; i < length; i++) {
      values.add(element.get());
    }
    return List.copyOf(values);
  }

  /** Returns the array that lies elsewhere, if that is what comes next. */
  private @Nullable MemorySegment borrowedArray() {
    if (borrowed == null) {
      return null;
    }
    MemorySegment apart = borrowed.at(position);
    if (apart != null) {
      position++;
    }
    return apart;
  }

  /** Steps over padding and {@code length} bytes, and returns the place of those bytes. */
  private long advance(int alignment, long length) {
    long at = CdrLayout.align(position, alignment);
    if (length > size - at) {
      throw new CdrException(
          "the message ends at byte %d of %d: %d bytes wanted".formatted(at, size, length));
    }
    position = at + length;
    return at;
  }
}
