package dev.reverie.rcljava;

import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/** Names the types of parameters' values, with the numbers of rcl_interfaces/msg/ParameterType. */
public enum ParameterType {
  /** The type of a Boolean. */
  BOOL(Boolean.class, "a boolean"),
  /** The type of a Long. */
  INTEGER(Long.class, "an integer"),
  /** The type of a Double. */
  DOUBLE(Double.class, "a float"),
  /** The type of a String. */
  STRING(String.class, "a string"),
  /** The type of a {@code byte[]}. */
  BYTE_ARRAY(byte[].class, "bytes"),
  /** The type of a {@code boolean[]}. */
  BOOL_ARRAY(boolean[].class, "a list of booleans"),
  /** The type of a {@code long[]}. */
  INTEGER_ARRAY(long[].class, "a list of integers"),
  /** The type of a {@code double[]}. */
  DOUBLE_ARRAY(double[].class, "a list of floats"),
  /** The type of a list of strings. */
  STRING_ARRAY(List.class, "a list of strings");

  private final Class<?> javaClass;
  private final String words;

  ParameterType(Class<?> javaClass, String words) {
    this.javaClass = javaClass;
    this.words = words;
  }

  /** Returns words such as "a list of floats". */
  @Override
  public String toString() {
    return words;
  }

  byte code() {
    return (byte) (ordinal() + 1);
  }

  static ParameterType of(byte code) {
    return values()[code - 1];
  }

  /**
   * Returns the type of a value.
   *
   * @param value as {@link #own} gives it
   */
  static ParameterType of(Object value) {
    return Arrays.stream(values())
        .filter(type -> type.javaClass.isInstance(value))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "%s (%s) can not be a parameter's value; give a Boolean, Long, Double, String, byte[], boolean[], long[], double[] or a list of strings"
                        .formatted(value, value.getClass().getName())));
  }

  /** Returns a value that nobody else can change, integers as Long and floats as Double. */
  static Object own(Object value) {
    return switch (value) {
      case Integer v -> v.longValue();
      case Float v -> v.doubleValue();
      case byte[] v -> v.clone();
      case boolean[] v -> v.clone();
      case long[] v -> v.clone();
      case double[] v -> v.clone();
      case int[] v -> Arrays.stream(v).asLongStream().toArray();
      case List<?> v -> {
        for (Object item : v) {
          if (!(item instanceof String)) {
            throw new IllegalArgumentException(
                "a list with %s can not be a parameter's value; give numbers and booleans as an array"
                    .formatted(item));
          }
        }
        yield List.copyOf(v);
      }
      default -> value;
    };
  }

  /** Returns the value as one of this type where nothing is lost by it, else as it is. */
  Object widen(Object value) {
    boolean empty = value instanceof List<?> list && list.isEmpty();
    return switch (this) {
      case DOUBLE -> value instanceof Long v ? v.doubleValue() : value;
      case DOUBLE_ARRAY ->
          value instanceof long[] v
              ? LongStream.of(v).asDoubleStream().toArray()
              : empty ? new double[0] : value;
      case INTEGER_ARRAY -> empty ? new long[0] : value;
      case BOOL_ARRAY -> empty ? new boolean[0] : value;
      case BYTE_ARRAY -> empty ? new byte[0] : value;
      default -> value;
    };
  }
}
