package dev.reverie.rcljava;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Holds a parameter with its value, of which both sides have their own copy.
 *
 * @param name may have dots, as in {@code limits.speed}
 * @param value a Boolean, Long, Double, String, byte[], boolean[], long[], double[] or a list of
 *     strings; other integers and floats are widened
 */
public record Parameter(String name, Object value) {
  /**
   * Checks name and value.
   *
   * @throws IllegalArgumentException for an empty name or a value of another kind
   */
  public Parameter {
    if (name.isEmpty()) {
      throw new IllegalArgumentException("a parameter's name must not be empty");
    }
    value = ParameterType.own(value);
    ParameterType.of(value);
  }

  /** Returns its value; arrays are copies. */
  @Override
  public Object value() {
    return ParameterType.own(value);
  }

  /** Returns the type of its value. */
  public ParameterType type() {
    return ParameterType.of(value);
  }

  /** Returns the boolean; throws {@link RclException} where it is something else. */
  public boolean asBoolean() {
    return (Boolean) as(ParameterType.BOOL);
  }

  /** Returns the integer; throws {@link RclException} where it is something else. */
  public long asLong() {
    return (Long) as(ParameterType.INTEGER);
  }

  /** Returns the float; throws {@link RclException} where it is something else. */
  public double asDouble() {
    return (Double) as(ParameterType.DOUBLE);
  }

  /** Returns the string; throws {@link RclException} where it is something else. */
  public String asString() {
    return (String) as(ParameterType.STRING);
  }

  /** Returns a copy of the bytes; throws {@link RclException} where it is something else. */
  public byte[] asBytes() {
    return (byte[]) as(ParameterType.BYTE_ARRAY);
  }

  /** Returns a copy of the booleans; throws {@link RclException} where it is something else. */
  public boolean[] asBooleans() {
    return (boolean[]) as(ParameterType.BOOL_ARRAY);
  }

  /** Returns a copy of the integers; throws {@link RclException} where it is something else. */
  public long[] asLongs() {
    return (long[]) as(ParameterType.INTEGER_ARRAY);
  }

  /** Returns a copy of the floats; throws {@link RclException} where it is something else. */
  public double[] asDoubles() {
    return (double[]) as(ParameterType.DOUBLE_ARRAY);
  }

  /** Returns the strings; throws {@link RclException} where it is something else. */
  @SuppressWarnings("unchecked") // lists are of strings only
  public List<String> asStrings() {
    return (List<String>) as(ParameterType.STRING_ARRAY);
  }

  private Object as(ParameterType wanted) {
    if (type() != wanted) {
      throw new RclException(
          "parameter '%s' is %s (%s), not %s".formatted(name, show(value), type(), wanted));
    }
    return value();
  }

  /** Returns the value as people write it. */
  static String show(Object value) {
    return switch (value) {
      case String text -> "'" + text + "'";
      case byte[] v -> Arrays.toString(v);
      case boolean[] v -> Arrays.toString(v);
      case long[] v -> Arrays.toString(v);
      case double[] v -> Arrays.toString(v);
      default -> value.toString();
    };
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Parameter that
        && name.equals(that.name)
        && Objects.deepEquals(value, that.value);
  }

  @Override
  public int hashCode() {
    return Objects.hash(name, Arrays.deepHashCode(new Object[] {value}));
  }

  @Override
  public String toString() {
    return name + "=" + show(value);
  }

  /**
   * Returns a path, absolute, as the value of a parameter on a command line ({@code -p
   * name:=value}), which ROS reads as YAML: paths may hold spaces, colons and hashes.
   */
  public static String quoted(Path path) {
    return quoted(path.toAbsolutePath().normalize().toString());
  }

  /** Returns a text as the value of a parameter on a command line. */
  public static String quoted(String text) {
    return "'" + text.replace("'", "''") + "'";
  }

  /** Returns texts as the value of a parameter on a command line. */
  public static String quoted(List<String> texts) {
    return texts.stream().map(Parameter::quoted).collect(Collectors.joining(", ", "[", "]"));
  }
}
