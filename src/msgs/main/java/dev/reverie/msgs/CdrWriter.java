package dev.reverie.msgs;

import static dev.reverie.msgs.CdrLayout.DOUBLE;
import static dev.reverie.msgs.CdrLayout.FLOAT;
import static dev.reverie.msgs.CdrLayout.HEADER;
import static dev.reverie.msgs.CdrLayout.INT;
import static dev.reverie.msgs.CdrLayout.LONG;
import static dev.reverie.msgs.CdrLayout.SHORT;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Writes plain little-endian CDR (OMG DDS-XTypes, XCDR1) with its encapsulation into native memory
 * that grows and is reused. Not thread-safe.
 */
public final class CdrWriter {
  private static final byte LITTLE_ENDIAN_PLAIN_CDR = 1;
  private final @Nullable BorrowedArrays borrowed;
  private MemorySegment bytes = Arena.ofAuto().allocate(256, 8);
  private long position = HEADER;

  /** Begins a message with memory of its own. */
  public CdrWriter() {
    borrowed = null;
    begin();
  }

  /**
   * Begins a message that leaves large arrays of numbers where they are. It is for a {@link
   * CdrReader} or a view with the same borrowed arrays, not for sending.
   */
  public CdrWriter(BorrowedArrays borrowed) {
    this.borrowed = borrowed;
    begin();
  }

  private void begin() {
    bytes.set(JAVA_BYTE, 1, LITTLE_ENDIAN_PLAIN_CDR);
  }

  /** Begins a new message in the same memory. */
  public void reset() {
    position = HEADER;
    if (borrowed != null) {
      borrowed.clear();
    }
  }

  /**
   * Returns all of the memory, at whose beginning the message stands; another one when it has
   * grown.
   */
  public MemorySegment memory() {
    return bytes;
  }

  /** Returns the number of bytes written, the encapsulation's among them. */
  public long size() {
    return position;
  }

  /** Returns header and payload so far, in native memory; valid until the next write or reset. */
  public MemorySegment written() {
    return bytes.asSlice(0, position);
  }

  /** Returns a copy of header and payload so far. */
  public byte[] toByteArray() {
    return written().toArray(JAVA_BYTE);
  }

  /** Writes a boolean. */
  public void writeBoolean(boolean value) {
    writeByte((byte) (value ? 1 : 0));
  }

  /** Writes a byte. */
  public void writeByte(byte value) {
    long at = advance(1, 1);
    bytes.set(JAVA_BYTE, at, value);
  }

  /** Writes a short. */
  public void writeShort(short value) {
    long at = advance(2, 2);
    bytes.set(SHORT, at, value);
  }

  /** Writes an int. */
  public void writeInt(int value) {
    long at = advance(4, 4);
    bytes.set(INT, at, value);
  }

  /** Writes a long. */
  public void writeLong(long value) {
    long at = advance(8, 8);
    bytes.set(LONG, at, value);
  }

  /** Writes a float. */
  public void writeFloat(float value) {
    long at = advance(4, 4);
    bytes.set(FLOAT, at, value);
  }

  /** Writes a double. */
  public void writeDouble(double value) {
    long at = advance(8, 8);
    bytes.set(DOUBLE, at, value);
  }

  /** Writes a string: UTF-8 bytes with a terminating zero. */
  public void writeString(String value) {
    byte[] text = value.getBytes(StandardCharsets.UTF_8);
    writeInt(text.length + 1);
    long at = advance(1, text.length + 1L);
    MemorySegment.copy(text, 0, bytes, JAVA_BYTE, at, text.length);
    bytes.set(JAVA_BYTE, at + text.length, (byte) 0);
  }

  /** Writes a wide string: UTF-16 units of four bytes each, without terminating zero. */
  public void writeWideString(String value) {
    writeInt(value.length());
    for (int i = 0; i < value.length(); i++) {
      writeInt(value.charAt(i));
    }
  }

  /**
   * Writes an array of numbers, or a string with its terminating zero, as it lies.
   *
   * @param elements native memory, little-endian
   * @param bytesEach of an element
   */
  public void writeElements(MemorySegment elements, int bytesEach) {
    long at = advance(bytesEach, elements.byteSize());
    MemorySegment.copy(elements, 0, bytes, at, elements.byteSize());
  }

  /**
   * Leaves an array of numbers where it is, if it is a large one and this writer does so.
   *
   * @return false when it has to be written
   */
  public boolean leaves(MemorySegment array) {
    if (borrowed == null || array.byteSize() < BorrowedArrays.LEAST_BYTES) {
      return false;
    }
    borrowed.add(advance(1, 1), array);
    return true;
  }

  /** Writes the booleans of an array, without a length. */
  public void writeBooleans(boolean[] values) {
    long at = advance(1, values.length);
    for (int i = 0; i < values.length; i++) {
      bytes.set(JAVA_BYTE, at + i, (byte) (values[i] ? 1 : 0));
    }
  }

  /** Writes bytes in one copy. */
  public void writeBytes(byte[] values) {
    if (borrowed != null && leaves(MemorySegment.ofArray(values))) {
      return;
    }
    long at = advance(1, values.length);
    MemorySegment.copy(values, 0, bytes, JAVA_BYTE, at, values.length);
  }

  /** Writes the shorts of an array, without a length. */
  public void writeShorts(short[] values) {
    if (values.length > 0 && !(borrowed != null && leaves(MemorySegment.ofArray(values)))) {
      long at = advance(2, (long) values.length * 2);
      MemorySegment.copy(values, 0, bytes, SHORT, at, values.length);
    }
  }

  /** Writes the ints of an array, without a length. */
  public void writeInts(int[] values) {
    if (values.length > 0 && !(borrowed != null && leaves(MemorySegment.ofArray(values)))) {
      long at = advance(4, (long) values.length * 4);
      MemorySegment.copy(values, 0, bytes, INT, at, values.length);
    }
  }

  /** Writes the longs of an array, without a length. */
  public void writeLongs(long[] values) {
    if (values.length > 0 && !(borrowed != null && leaves(MemorySegment.ofArray(values)))) {
      long at = advance(8, (long) values.length * 8);
      MemorySegment.copy(values, 0, bytes, LONG, at, values.length);
    }
  }

  /** Writes the floats of an array, without a length. */
  public void writeFloats(float[] values) {
    if (values.length > 0 && !(borrowed != null && leaves(MemorySegment.ofArray(values)))) {
      long at = advance(4, (long) values.length * 4);
      MemorySegment.copy(values, 0, bytes, FLOAT, at, values.length);
    }
  }

  /** Writes the doubles of an array, without a length. */
  public void writeDoubles(double[] values) {
    if (values.length > 0 && !(borrowed != null && leaves(MemorySegment.ofArray(values)))) {
      long at = advance(8, (long) values.length * 8);
      MemorySegment.copy(values, 0, bytes, DOUBLE, at, values.length);
    }
  }

  /** Writes the elements of a list, without a length. */
  public <T> void writeList(List<T> values, Consumer<T> element) {
    values.forEach(element);
  }

  /** Zeroes the padding and makes room, and returns the place of the {@code length} bytes. */
  private long advance(int alignment, long length) {
    long at = CdrLayout.align(position, alignment);
    long end = at + length;
    if (end > bytes.byteSize()) {
      grow(end);
    }
    for (long i = position; i < at; i++) {
      bytes.set(JAVA_BYTE, i, (byte) 0);
    }
    position = end;
    return at;
  }

  private void grow(long needed) {
    MemorySegment larger = Arena.ofAuto().allocate(Math.max(needed, 2 * bytes.byteSize()), 8);
    MemorySegment.copy(bytes, 0, larger, 0, position);
    bytes = larger;
  }
}
