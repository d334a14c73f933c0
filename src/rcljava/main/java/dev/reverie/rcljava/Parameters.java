package dev.reverie.rcljava;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * The declared parameters of a node. Values are Boolean, Long, Double, String, byte[], boolean[],
 * long[], double[] or a list of strings; nobody changes an array of them. They are read when they
 * are declared and stay as they are.
 */
final class Parameters {

  private final String node;
  private final Map<String, Object> overrides;
  private final Map<String, Object> values = new LinkedHashMap<>();

  /**
   * @param node full name
   * @param overrides values given from outside
   */
  Parameters(String node, Map<String, Object> overrides) {
    this.node = node;
    this.overrides = overrides;
  }

  /**
   * The value given from outside, or the default one.
   *
   * @throws RclException when it has another type, or the parameter was declared before
   */
  synchronized <T> T declare(String name, Class<T> type, T byDefault) {
    Object given = overrides.get(name);
    T value = given == null ? byDefault : convert(name, given, type, byDefault);
    if (values.putIfAbsent(name, value) != null) {
      throw new RclException("parameter '%s' of %s is declared twice".formatted(name, node));
    }
    return value;
  }

  synchronized Map<String, Object> values() {
    return new LinkedHashMap<>(values);
  }

  synchronized List<String> undeclared() {
    return overrides.keySet().stream().filter(name -> !values.containsKey(name)).sorted().toList();
  }

  private <T> T convert(String name, Object given, Class<T> type, T byDefault) {
    Object value = given;
    if (type == Double.class && given instanceof Number number) {
      value = number.doubleValue();
    } else if (type == double[].class && given instanceof long[] numbers) {
      value = LongStream.of(numbers).asDoubleStream().toArray();
    } else if (type == Long.class && given instanceof Integer number) {
      value = number.longValue();
    }
    if (!type.isInstance(value)) {
      throw new RclException(
          "parameter '%s' of %s is %s, but a value such as %s was expected (%s)"
              .formatted(name, node, describe(given), show(byDefault), kind(byDefault)));
    }
    return type.cast(value);
  }

  private static String describe(Object value) {
    return "%s (%s)".formatted(show(value), kind(value));
  }

  private static String kind(Object value) {
    return switch (value) {
      case Boolean _ -> "a boolean";
      case Long _, Integer _ -> "an integer";
      case Double _ -> "a float";
      case String _ -> "a string";
      case byte[] _ -> "bytes";
      case boolean[] _ -> "a list of booleans";
      case long[] _ -> "a list of integers";
      case double[] _ -> "a list of floats";
      case List<?> _ -> "a list of strings";
      default -> value.getClass().getName();
    };
  }

  private static @Nullable String show(Object value) {
    return switch (value) {
      case String text -> "'" + text + "'";
      case byte[] v -> Arrays.toString(v);
      case boolean[] v -> Arrays.toString(v);
      case long[] v -> Arrays.toString(v);
      case double[] v -> Arrays.toString(v);
      default -> value.toString();
    };
  }
}
