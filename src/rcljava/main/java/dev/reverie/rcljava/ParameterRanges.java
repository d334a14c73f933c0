package dev.reverie.rcljava;

import dev.reverie.msgs.rcl_interfaces.FloatingPointRange;
import dev.reverie.msgs.rcl_interfaces.IntegerRange;
import dev.reverie.msgs.rcl_interfaces.ParameterDescriptor;
import java.util.Optional;

/** Checks that numbers are in the range that a parameter was declared with, as rclcpp does. */
final class ParameterRanges {
  /** The units in the last place by which two floats that count as equal may differ. */
  private static final double ULPS = 100;

  private ParameterRanges() {}

  /** Returns the remedy for a value that is not in the range; empty where it is. */
  static Optional<String> refusal(ParameterDescriptor descriptor, Object value) {
    if (value instanceof Long number && !descriptor.integerRange().isEmpty()) {
      IntegerRange range = descriptor.integerRange().getFirst();
      return allows(range, number)
          ? Optional.empty()
          : refusal(range.fromValue(), range.toValue(), range.step(), range.step() > 1);
    }
    if (value instanceof Double number && !descriptor.floatingPointRange().isEmpty()) {
      FloatingPointRange range = descriptor.floatingPointRange().getFirst();
      return allows(range, number)
          ? Optional.empty()
          : refusal(range.fromValue(), range.toValue(), range.step(), range.step() > 0);
    }
    return Optional.empty();
  }

  private static Optional<String> refusal(Object from, Object to, Object step, boolean steps) {
    return Optional.of("give %s to %s%s".formatted(from, to, steps ? " in steps of " + step : ""));
  }

  private static boolean allows(IntegerRange range, long v) {
    if (v == range.fromValue() || v == range.toValue()) {
      return true;
    }
    boolean inside = v > range.fromValue() && v < range.toValue();
    return inside
        && (range.step() == 0 || Long.remainderUnsigned(v - range.fromValue(), range.step()) == 0);
  }

  private static boolean allows(FloatingPointRange range, double v) {
    if (equal(v, range.fromValue()) || equal(v, range.toValue())) {
      return true;
    }
    if (!(v > range.fromValue() && v < range.toValue())) {
      return false;
    }
    double steps = Math.rint((v - range.fromValue()) / range.step());
    return range.step() == 0 || equal(v, range.fromValue() + steps * range.step());
  }

  private static boolean equal(double a, double b) {
    return Math.abs(a - b) <= Math.ulp(1.0) * Math.abs(a + b) * ULPS;
  }
}
