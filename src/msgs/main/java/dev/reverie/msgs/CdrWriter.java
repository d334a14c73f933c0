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
  private final @Nullable BorrowedArrays far;
  private MemorySegment bytes = Arena.ofAuto().allocate(256, 8);
  private long position = HEADER;

  public CdrWriter() {
    far = null;
    begin();
  }

  /**
   * Leaves large arrays of numbers where they are. What it writes is for a {@link CdrReader} or a
   * view with the same {@code far}, not for sending.
   */
  public CdrWriter(BorrowedArrays far) {
    this.far = far;
    begin();
  }

  private void begin() {
    bytes.set(JAVA_BYTE, 1, LITTLE_ENDIAN_PLAIN_CDR);
  }

  /** Begins a new message in the same memory. */
  public void reset() {
    position = HEADER;
    if (far != null) {
      far.clear();
    }
  }

  /** All of the memory, at whose beginning the message stands; another one when it has grown. */
  public MemorySegment memory() {
    return bytes;
  }

  /** How many bytes are written, the encapsulation's among them. */
  public long size() {
    return position;
  }

  /** Header and payload so far, native memory; valid until the next write or reset. */
  public MemorySegment written() {
    return bytes.asSlice(0, position);
  }

  public byte[] toByteArray() {
    return written().toArray(JAVA_BYTE);
  }

  public void writeBoolean(boolean value) {
    writeByte((byte) (value ? 1 : 0));
  }

  public void writeByte(byte value) {
    long at = advance(1, 1);
    bytes.set(JAVA_BYTE, at, value);
  }

  public void writeShort(short value) {
    long at = advance(2, 2);
    bytes.set(SHORT, at, value);
  }

  public void writeInt(int value) {
    long at = advance(4, 4);
    bytes.set(INT, at, value);
  }

  public void writeLong(long value) {
    long at = advance(8, 8);
    bytes.set(LONG, at, value);
  }

  public void writeFloat(float value) {
    long at = advance(4, 4);
    bytes.set(FLOAT, at, value);
  }

  public void writeDouble(double value) {
    long at = advance(8, 8);
    bytes.set(DOUBLE, at, value);
  }

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
    if (far == null || array.byteSize() < BorrowedArrays.LEAST_BYTES) {
      return false;
    }
    far.add(advance(1, 1), array);
    return true;
  }

  public void writeBooleans(boolean[] values) {
    long at = advance(1, values.length);
    for (int i = 0; i < values.length; i++) {
      bytes.set(JAVA_BYTE, at + i, (byte) (values[i] ? 1 : 0));
    }
  }

  /** Writes bytes in one copy. */
  public void writeBytes(byte[] values) {
    if (far != null && leaves(MemorySegment.ofArray(values))) {
      return;
    }
    long at = advance(1, values.length);
    MemorySegment.copy(values, 0, bytes, JAVA_BYTE, at, values.length);
  }

  public void writeShorts(short[] values) {
    if (values.length > 0 && !(far != null && leaves(MemorySegment.ofArray(values)))) {
      long at = advance(2, (long) values.length * 2);
      MemorySegment.copy(values, 0, bytes, SHORT, at, values.length);
    }
  }

  public void writeInts(int[] values) {
    if (values.length > 0 && !(far != null && leaves(MemorySegment.ofArray(values)))) {
      long at = advance(4, (long) values.length * 4);
      MemorySegment.copy(values, 0, bytes, INT, at, values.length);
    }
  }

  public void writeLongs(long[] values) {
    if (values.length > 0 && !(far != null && leaves(MemorySegment.ofArray(values)))) {
      long at = advance(8, (long) values.length * 8);
      MemorySegment.copy(values, 0, bytes, LONG, at, values.length);
    }
  }

  public void writeFloats(float[] values) {
    if (values.length > 0 && !(far != null && leaves(MemorySegment.ofArray(values)))) {
      long at = advance(4, (long) values.length * 4);
      MemorySegment.copy(values, 0, bytes, FLOAT, at, values.length);
    }
  }

  public void writeDoubles(double[] values) {
    if (values.length > 0 && !(far != null && leaves(MemorySegment.ofArray(values)))) {
      long at = advance(8, (long) values.length * 8);
      MemorySegment.copy(values, 0, bytes, DOUBLE, at, values.length);
    }
  }

  public <T> void writeList(List<T> values, Consumer<T> element) {
    values.forEach(element);
  }

  /** Zeroes the padding and makes room; returns where the {@code length} bytes begin. */
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
