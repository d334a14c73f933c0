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
