package dev.reverie.sim;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;

import java.lang.foreign.MemorySegment;

/** Numbers in MuJoCo's memory: bounds-checked, and refused once the simulation is closed. */
record Doubles(MemorySegment segment) {
  int length() {
    return (int) (segment.byteSize() / Double.BYTES);
  }

  double get(int index) {
    return segment.getAtIndex(JAVA_DOUBLE, index);
  }

  void set(int index, double value) {
    segment.setAtIndex(JAVA_DOUBLE, index, value);
  }

  void set(double[] values) {
    if (values.length != length()) {
      throw new IllegalArgumentException(
          "%d values for an array of %d".formatted(values.length, length()));
    }
    MemorySegment.copy(values, 0, segment, JAVA_DOUBLE, 0, values.length);
  }

  double[] toArray() {
    return segment.toArray(JAVA_DOUBLE);
  }

  double[] toArray(int from, int count) {
    return segment
        .asSlice((long) from * Double.BYTES, (long) count * Double.BYTES)
        .toArray(JAVA_DOUBLE);
  }
}
