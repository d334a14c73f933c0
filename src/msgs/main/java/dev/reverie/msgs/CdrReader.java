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
  private final @Nullable BorrowedArrays far;
  private long position;

  /**
   * @param bytes encapsulation header (4 bytes) and payload; must stay valid while it is read
   * @throws CdrException when the encapsulation is not plain CDR
   */
  public CdrReader(MemorySegment bytes) {
    this(bytes, bytes.byteSize(), null);
  }

  /**
   * @param memory begins with the message
   * @param size of the message
   * @param far what a {@link CdrWriter#CdrWriter(BorrowedArrays)} left out of it
   */
  public CdrReader(MemorySegment memory, long size, @Nullable BorrowedArrays far) {
    this(memory, size, far, HEADER);
  }

  /** Reads from a field that begins at {@code position}, of a message of {@code size} bytes. */
  CdrReader(MemorySegment bytes, long size, @Nullable BorrowedArrays far, long position) {
    if (size < HEADER) {
      throw new CdrException(size + " bytes are too few for an encapsulation header");
    }
    int kind = bytes.get(JAVA_BYTE, 0) << 8 | bytes.get(JAVA_BYTE, 1) & 0xff;
    if (kind != 0 && kind != 1) {
      throw new CdrException(
          "encapsulation 0x%04x is not plain CDR (0x0000 or 0x0001)".formatted(kind & 0xffff));
    }
    this.bytes = bytes;
    this.size = size;
    this.far = far;
    this.position = position;
    this.swapped = kind == 0;
    this.order = swapped ? ByteOrder.BIG_ENDIAN : LITTLE_ENDIAN;
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
    short value = bytes.get(SHORT, advance(2, 2));
    return swapped ? Short.reverseBytes(value) : value;
  }

  public int readInt() {
    int value = bytes.get(INT, advance(4, 4));
    return swapped ? Integer.reverseBytes(value) : value;
  }

  public long readLong() {
    long value = bytes.get(LONG, advance(8, 8));
    return swapped ? Long.reverseBytes(value) : value;
  }

  public float readFloat() {
    return Float.intBitsToFloat(readInt());
  }

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
    long most = far == null ? remaining() : remaining() + far.bytes();
    if (length * elementBytes > most || length > Integer.MAX_VALUE) {
      throw new CdrException(
          "%d elements of at least %d bytes at byte %d, but %d bytes are left"
              .formatted(length, elementBytes, position, remaining()));
    }
    return (int) length;
  }

  public boolean[] readBooleans(int length) {
    MemorySegment apart = farArray();
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
    MemorySegment apart = farArray();
    long at = apart == null ? advance(1, length) : 0;
    byte[] values = new byte[length];
    MemorySegment.copy(apart == null ? bytes : apart, JAVA_BYTE, at, values, 0, length);
    return values;
  }

  public short[] readShorts(int length) {
    if (length == 0) {
      return new short[0];
    }
    MemorySegment apart = farArray();
    long at = apart == null ? advance(2, (long) length * 2) : 0;
    short[] values = new short[length];
    MemorySegment from = apart == null ? bytes : apart;
    MemorySegment.copy(from, SHORT.withOrder(order), at, values, 0, length);
    return values;
  }

  public int[] readInts(int length) {
    if (length == 0) {
      return new int[0];
    }
    MemorySegment apart = farArray();
    long at = apart == null ? advance(4, (long) length * 4) : 0;
    int[] values = new int[length];
    MemorySegment from = apart == null ? bytes : apart;
    MemorySegment.copy(from, INT.withOrder(order), at, values, 0, length);
    return values;
  }

  public long[] readLongs(int length) {
    if (length == 0) {
      return new long[0];
    }
    MemorySegment apart = farArray();
    long at = apart == null ? advance(8, (long) length * 8) : 0;
    long[] values = new long[length];
    MemorySegment from = apart == null ? bytes : apart;
    MemorySegment.copy(from, LONG.withOrder(order), at, values, 0, length);
    return values;
  }

  public float[] readFloats(int length) {
    if (length == 0) {
      return new float[0];
    }
    MemorySegment apart = farArray();
    long at = apart == null ? advance(4, (long) length * 4) : 0;
    float[] values = new float[length];
    MemorySegment from = apart == null ? bytes : apart;
    MemorySegment.copy(from, FLOAT.withOrder(order), at, values, 0, length);
    return values;
  }

  public double[] readDoubles(int length) {
    if (length == 0) {
      return new double[0];
    }
    MemorySegment apart = farArray();
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
    MemorySegment apart = farArray();
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

  /** The array that lies elsewhere, if that is what comes next. */
  private @Nullable MemorySegment farArray() {
    if (far == null) {
      return null;
    }
    MemorySegment apart = far.at(position);
    if (apart != null) {
      position++;
    }
    return apart;
  }

  /** Steps over padding and {@code length} bytes; returns where those bytes begin. */
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
