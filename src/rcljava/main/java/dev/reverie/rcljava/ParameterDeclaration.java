package dev.reverie.rcljava;

import dev.reverie.msgs.rcl_interfaces.FloatingPointRange;
import dev.reverie.msgs.rcl_interfaces.IntegerRange;
import dev.reverie.msgs.rcl_interfaces.ParameterDescriptor;
import java.util.List;

/**
 * Declares a parameter of a node: {@code of("rate", 10.0).describedAs("control rate, Hz").range(1,
 * 1000)}. It can be set while the node runs unless it is read-only.
 *
 * @param <T> its value in Java
 */
public final class ParameterDeclaration<T> {
  private final T byDefault;
  private final boolean required;
  private final ParameterDescriptor descriptor;

  private ParameterDeclaration(T byDefault, boolean required, ParameterDescriptor descriptor) {
    this.byDefault = byDefault;
    this.required = required;
    this.descriptor = descriptor;
  }

  /** Declares a boolean, with the value that it has where none is given. */
  public static ParameterDeclaration<Boolean> of(String name, boolean byDefault) {
    return typed(name, byDefault);
  }

  /** Declares an integer, with the value that it has where none is given. */
  public static ParameterDeclaration<Long> of(String name, long byDefault) {
    return typed(name, byDefault);
  }

  /** Declares a float that takes integers too. */
  public static ParameterDeclaration<Double> of(String name, double byDefault) {
    return typed(name, byDefault);
  }

  /** Declares a string, with the value that it has where none is given. */
  public static ParameterDeclaration<String> of(String name, String byDefault) {
    return typed(name, byDefault);
  }

  /** Declares bytes, with the value that it has where none is given. */
  public static ParameterDeclaration<byte[]> of(String name, byte[] byDefault) {
    return typed(name, byDefault.clone());
  }

  /** Declares a list of booleans, with the value that it has where none is given. */
  public static ParameterDeclaration<boolean[]> of(String name, boolean[] byDefault) {
    return typed(name, byDefault.clone());
  }

  /** Declares a list of integers, with the value that it has where none is given. */
  public static ParameterDeclaration<long[]> of(String name, long[] byDefault) {
    return typed(name, byDefault.clone());
  }

  /** Declares a list of floats that takes lists of integers too. */
  public static ParameterDeclaration<double[]> of(String name, double[] byDefault) {
    return typed(name, byDefault.clone());
  }

  /** Declares a list of strings, with the value that it has where none is given. */
  public static ParameterDeclaration<List<String>> of(String name, List<String> byDefault) {
    return typed(name, List.copyOf(byDefault));
  }

  /**
   * Declares a parameter whose values may be of any type, and which other nodes may delete.
   *
   * @param byDefault see {@link Parameter#value}
   */
  public static ParameterDeclaration<Object> dynamic(String name, Object byDefault) {
    var value = new Parameter(name, byDefault);
    return new ParameterDeclaration<>(
        value.value(),
        false,
        new ParameterDescriptor()
            .withName(name)
            .withType(value.type().code())
            .withDynamicTyping(true));
  }

  private static <T> ParameterDeclaration<T> typed(String name, T byDefault) {
    byte type = new Parameter(name, byDefault).type().code();
    return new ParameterDeclaration<>(
        byDefault, false, new ParameterDescriptor().withName(name).withType(type));
  }

  /** Returns the same with a description: its purpose, with its unit. */
  public ParameterDeclaration<T> describedAs(String text) {
    return with(descriptor.withDescription(text));
  }

  /** Returns the same with further constraints of its values, in words. */
  public ParameterDeclaration<T> constrainedTo(String text) {
    return with(descriptor.withAdditionalConstraints(text));
  }

  /** Returns the same, but it keeps the value that it starts with. */
  public ParameterDeclaration<T> readOnly() {
    return with(descriptor.withReadOnly(true));
  }

  /**
   * Returns the same, but its default counts for nothing but its type: a value has to be given from
   * outside.
   */
  public ParameterDeclaration<T> required() {
    return new ParameterDeclaration<>(byDefault, true, descriptor);
  }

  /** Allows the range in steps of 1; of floats without steps. */
  public ParameterDeclaration<T> range(long from, long to) {
    return byDefault instanceof Double ? range((double) from, to, 0) : range(from, to, 1);
  }

  /**
   * Allows {@code from}, {@code to} and what is whole steps above {@code from} between them.
   *
   * @param step 0: anything between them
   * @throws IllegalArgumentException when the parameter is no number, or no value is in the range
   */
  public ParameterDeclaration<T> range(long from, long to, long step) {
    if (byDefault instanceof Double) {
      return range((double) from, (double) to, (double) step);
    }
    checkRange(byDefault instanceof Long, from <= to && step >= 0, from, to, step);
    return with(descriptor.withIntegerRange(List.of(new IntegerRange(from, to, step))));
  }

  /** Allows the range of floats, without steps. */
  public ParameterDeclaration<T> range(double from, double to) {
    return range(from, to, 0);
  }

  /** Allows the range in steps, of a parameter whose values are floats. */
  public ParameterDeclaration<T> range(double from, double to, double step) {
    checkRange(byDefault instanceof Double, from <= to && step >= 0, from, to, step);
    return with(descriptor.withFloatingPointRange(List.of(new FloatingPointRange(from, to, step))));
  }

  private void checkRange(boolean fits, boolean sane, Object from, Object to, Object step) {
    if (!fits || !sane) {
      throw new IllegalArgumentException(
          "range from %s to %s by %s for parameter '%s', which is %s: %s"
              .formatted(
                  from,
                  to,
                  step,
                  name(),
                  ParameterType.of(descriptor.type()),
                  fits ? "nothing is in it" : "that is no range of such values"));
    }
  }

  private ParameterDeclaration<T> with(ParameterDescriptor changed) {
    return new ParameterDeclaration<>(byDefault, required, changed);
  }

  /** Returns the name of the parameter. */
  public String name() {
    return descriptor.name();
  }

  T byDefault() {
    return byDefault;
  }

  boolean isRequired() {
    return required;
  }

  ParameterDescriptor descriptor() {
    return descriptor;
  }
}
