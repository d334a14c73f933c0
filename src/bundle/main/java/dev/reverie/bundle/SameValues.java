package dev.reverie.bundle;

import dev.reverie.policy.DType;
import dev.reverie.policy.NdArray;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Set;

/** Tells whether two arrays hold the same numbers, with other types or the other way round. */
final class SameValues {
  private static final Set<DType> FLOATS = Set.of(DType.F64, DType.F32, DType.F16, DType.BF16);
  static final int BLOCK = 1 << 16; // elements that are looked at together

  private SameValues() {}

  static boolean isFloat(NdArray array) {
    return FLOATS.contains(array.type());
  }

  /** Same shape and numbers, but for what a narrower type rounds. */
  static boolean same(NdArray one, NdArray other) {
    if (!Arrays.equals(one.shape(), other.shape())) {
      return false;
    }
    if (one.type() == other.type()) {
      return one.data().mismatch(other.data()) == -1;
    }
    if (!isFloat(one) || !isFloat(other)) {
      return false;
    }
    double tolerance = Math.max(rounding(one.type()), rounding(other.type()));
    for (long at = 0; at < one.elements(); at += BLOCK) {
      double[] left = block(one, at);
      double[] right = block(other, at);
      for (int i = 0; i < left.length; i++) {
        double largest = Math.max(Math.abs(left[i]), Math.abs(right[i]));
        if (!(Math.abs(left[i] - right[i]) <= tolerance * largest + 1e-7)) {
          return false;
        }
      }
    }
    return true;
  }

  /** A matrix and its transposed one, of one type. */
  static boolean transposed(NdArray one, NdArray other) {
    long[] shape = one.shape();
    if (shape.length != 2
        || one.type() != other.type()
        || !Arrays.equals(new long[] {shape[1], shape[0]}, other.shape())) {
      return false;
    }
    int bytes = one.type().bytes();
    for (long row = 0; row < shape[0]; row++) {
      for (long column = 0; column < shape[1]; column++) {
        long here = (row * shape[1] + column) * bytes;
        long there = (column * shape[0] + row) * bytes;
        for (int i = 0; i < bytes; i++) {
          if (one.data().get(ValueLayout.JAVA_BYTE, here + i)
              != other.data().get(ValueLayout.JAVA_BYTE, there + i)) {
            return false;
          }
        }
      }
    }
    return true;
  }

  /** Returns whether its values tell it from others: not all are one number, as of fresh biases. */
  static boolean isTelling(NdArray array) {
    long bytes = array.type().bytes();
    var first = array.data().asSlice(0, Math.min(bytes, array.data().byteSize()));
    for (long at = bytes; at < array.data().byteSize(); at += bytes) {
      if (array.data().asSlice(at, bytes).mismatch(first) != -1) {
        return true;
      }
    }
    return false;
  }

  /** Some elements, from one on. */
  static double[] block(NdArray array, long at) {
    long count = Math.min(BLOCK, array.elements() - at);
    int bytes = array.type().bytes();
    return new NdArray(
            array.type(), new long[] {count}, array.data().asSlice(at * bytes, count * bytes))
        .toDoubles();
  }

  /** Largest relative error of rounding to a type, and a little more. */
  private static double rounding(DType type) {
    return switch (type) {
      case BF16 -> 1.0 / 128;
      case F16 -> 1.0 / 1024;
      default -> 1e-6;
    };
  }
}
