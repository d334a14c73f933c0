package dev.reverie.policy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A dense row-major array outside the heap: how weights and network inputs travel between files,
 * ONNX Runtime and libtorch.
 *
 * @param shape one length a dimension; empty for a scalar
 * @param data little endian, {@code product(shape) * type.bytes()} bytes
 */
public record NdArray(DType type, long[] shape, MemorySegment data) {
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfDouble DOUBLE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Checks that the bytes fill the shape. */
  public NdArray {
    shape = shape.clone();
    long expected = Math.multiplyExact(elements(shape), type.bytes());
    if (data.byteSize() != expected) {
      throw new IllegalArgumentException(
          "%s array of shape %s takes %d bytes, not %d"
              .formatted(type, Arrays.toString(shape), expected, data.byteSize()));
    }
  }

  /** All zero, in memory of its own that lives as long as it is reachable. */
  public static NdArray zeros(DType type, long... shape) {
    long bytes = Math.multiplyExact(elements(shape), type.bytes());
    return new NdArray(type, shape, Arena.ofAuto().allocate(bytes, 64));
  }

  /** An array of type {@code F32} with a copy of these values. */
  public static NdArray of(float[] values, long... shape) {
    NdArray array = zeros(DType.F32, shape);
    MemorySegment.copy(values, 0, array.data, FLOAT, 0, checked(values.length, shape));
    return array;
  }

  /** An array of type {@code I64} with a copy of these values. */
  public static NdArray of(long[] values, long... shape) {
    NdArray array = zeros(DType.I64, shape);
    MemorySegment.copy(values, 0, array.data, LONG, 0, checked(values.length, shape));
    return array;
  }

  /** An array of type {@code U8} with a copy of these values. */
  public static NdArray of(byte[] values, long... shape) {
    NdArray array = zeros(DType.U8, shape);
    MemorySegment.copy(
        values, 0, array.data, ValueLayout.JAVA_BYTE, 0, checked(values.length, shape));
    return array;
  }

  /** The lengths of the dimensions, copied. */
  @Override
  public long[] shape() {
    return shape.clone();
  }

  /** The same values in memory of their own. */
  public NdArray copy() {
    NdArray copy = zeros(type, shape);
    copy.data.copyFrom(data);
    return copy;
  }

  /** Number of elements. */
  public long elements() {
    return data.byteSize() / type.bytes();
  }

  /** A copy of the elements of an array of numbers, exact but for large integers. */
  public double[] toDoubles() {
    double[] values = new double[Math.toIntExact(elements())];
    for (int i = 0; i < values.length; i++) {
      values[i] = number(i);
    }
    return values;
  }

  private double number(long i) {
    return switch (type) {
      case F64 -> data.getAtIndex(DOUBLE, i);
      case F32 -> data.getAtIndex(FLOAT, i);
      case F16 -> Float.float16ToFloat(data.getAtIndex(SHORT, i));
      case BF16 -> Float.intBitsToFloat(data.getAtIndex(SHORT, i) << 16);
      case I64 -> data.getAtIndex(LONG, i);
      case I32 -> data.getAtIndex(INT, i);
      case I16 -> data.getAtIndex(SHORT, i);
      case I8, BOOL -> data.getAtIndex(ValueLayout.JAVA_BYTE, i);
      case U8 -> Byte.toUnsignedInt(data.getAtIndex(ValueLayout.JAVA_BYTE, i));
    };
  }

  /**
   * Writes an element, rounded to the array's type.
   *
   * @throws IllegalStateException where its type is none that graphs take as an input
   */
  void set(long i, double value) {
    switch (type) {
      case F32 -> data.setAtIndex(FLOAT, i, (float) value);
      case F16 -> data.setAtIndex(SHORT, i, Float.floatToFloat16((float) value));
      case F64 -> data.setAtIndex(DOUBLE, i, value);
      case I64 -> data.setAtIndex(LONG, i, (long) value);
      case I32 -> data.setAtIndex(INT, i, (int) value);
      case U8, BOOL -> data.setAtIndex(ValueLayout.JAVA_BYTE, i, (byte) (int) value);
      default -> throw new IllegalStateException("no input is of type " + type);
    }
  }

  /** A copy of the elements of a float array, with 32 bits. */
  public float[] asFloats() {
    if (type == DType.F32) {
      return toFloats();
    }
    double[] values = toDoubles();
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  /** A copy of the elements of an {@code F32} array. */
  public float[] toFloats() {
    require(DType.F32);
    return data.toArray(FLOAT);
  }

  /** A copy of the elements of an {@code I64} array. */
  public long[] toLongs() {
    require(DType.I64);
    return data.toArray(LONG);
  }

  /** Returns whether no value is infinite or NaN; integers never are. */
  public boolean allFinite() {
    return exponents(false);
  }

  /** Returns whether no value is NaN. */
  public boolean allNumbers() {
    return exponents(true);
  }

  private boolean exponents(boolean infinite) {
    return switch (type) {
      case F64 -> exponents(8, 0x7ff0_0000_0000_0000L, Long.MAX_VALUE, infinite);
      case F32 -> exponents(4, 0x7f80_0000L, 0x7fff_ffffL, infinite);
      case F16 -> exponents(2, 0x7c00L, 0x7fffL, infinite);
      case BF16 -> exponents(2, 0x7f80L, 0x7fffL, infinite);
      case I64, I32, I16, I8, U8, BOOL -> true;
    };
  }

  /**
   * Looks at the bits of each value: one is not finite where all of its exponent are set, and NaN
   * where there are more.
   */
  private boolean exponents(int bytes, long exponent, long value, boolean infinite) {
    for (long at = 0; at < data.byteSize(); at += bytes) {
      long bits =
          switch (bytes) {
            case 8 -> data.get(ValueLayout.JAVA_LONG_UNALIGNED, at);
            case 4 -> data.get(ValueLayout.JAVA_INT_UNALIGNED, at);
            default -> data.get(ValueLayout.JAVA_SHORT_UNALIGNED, at);
          };
      if ((bits & exponent) == exponent && !(infinite && (bits & value) == exponent)) {
        return false;
      }
    }
    return true;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof NdArray that
        && type == that.type
        && Arrays.equals(shape, that.shape)
        && data.mismatch(that.data) == -1;
  }

  @Override
  public int hashCode() {
    return 31 * type.hashCode() + Arrays.hashCode(shape);
  }

  @Override
  public String toString() {
    return type + Arrays.toString(shape);
  }

  /** Product of the lengths; refuses negative ones and overflow. */
  static long elements(long[] shape) {
    long product = 1;
    for (long length : shape) {
      if (length < 0) {
        throw new IllegalArgumentException("negative length in shape " + Arrays.toString(shape));
      }
      product = Math.multiplyExact(product, length);
    }
    return product;
  }

  private void require(DType wanted) {
    if (type != wanted) {
      throw new IllegalStateException("array is " + this + ", not " + wanted);
    }
  }

  private static int checked(int length, long[] shape) {
    if (length != elements(shape)) {
      throw new IllegalArgumentException(
          "%d values do not fill shape %s".formatted(length, Arrays.toString(shape)));
    }
    return length;
  }
}
