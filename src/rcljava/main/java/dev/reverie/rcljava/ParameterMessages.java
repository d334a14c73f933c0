package dev.reverie.rcljava;

import dev.reverie.msgs.rcl_interfaces.ParameterType;
import dev.reverie.msgs.rcl_interfaces.ParameterValue;
import java.util.List;
import java.util.Optional;

/** Converts parameters to and from the messages of other nodes. */
final class ParameterMessages {
  private ParameterMessages() {}

  static dev.reverie.msgs.rcl_interfaces.Parameter message(Parameter parameter) {
    return new dev.reverie.msgs.rcl_interfaces.Parameter(
        parameter.name(), value(parameter.value()));
  }

  @SuppressWarnings("unchecked") // lists are of strings only
  static ParameterValue value(Object value) {
    var empty = new ParameterValue();
    return switch (value) {
      case Boolean v -> empty.withType(ParameterType.PARAMETER_BOOL).withBoolValue(v);
      case Long v -> empty.withType(ParameterType.PARAMETER_INTEGER).withIntegerValue(v);
      case Double v -> empty.withType(ParameterType.PARAMETER_DOUBLE).withDoubleValue(v);
      case String v -> empty.withType(ParameterType.PARAMETER_STRING).withStringValue(v);
      case byte[] v -> empty.withType(ParameterType.PARAMETER_BYTE_ARRAY).withByteArrayValue(v);
      case boolean[] v -> empty.withType(ParameterType.PARAMETER_BOOL_ARRAY).withBoolArrayValue(v);
      case long[] v ->
          empty.withType(ParameterType.PARAMETER_INTEGER_ARRAY).withIntegerArrayValue(v);
      case double[] v ->
          empty.withType(ParameterType.PARAMETER_DOUBLE_ARRAY).withDoubleArrayValue(v);
      case List<?> v ->
          empty
              .withType(ParameterType.PARAMETER_STRING_ARRAY)
              .withStringArrayValue((List<String>) v);
      default -> throw new IllegalStateException("no parameter type for " + value.getClass());
    };
  }

  /**
   * Returns the value of a message; empty for PARAMETER_NOT_SET.
   *
   * @throws RclException for a type that there is not
   */
  static Optional<Object> value(ParameterValue message) {
    return switch (message.type()) {
      case ParameterType.PARAMETER_NOT_SET -> Optional.empty();
      case ParameterType.PARAMETER_BOOL -> Optional.of(message.boolValue());
      case ParameterType.PARAMETER_INTEGER -> Optional.of(message.integerValue());
      case ParameterType.PARAMETER_DOUBLE -> Optional.of(message.doubleValue());
      case ParameterType.PARAMETER_STRING -> Optional.of(message.stringValue());
      case ParameterType.PARAMETER_BYTE_ARRAY -> Optional.of(message.byteArrayValue());
      case ParameterType.PARAMETER_BOOL_ARRAY -> Optional.of(message.boolArrayValue());
      case ParameterType.PARAMETER_INTEGER_ARRAY -> Optional.of(message.integerArrayValue());
      case ParameterType.PARAMETER_DOUBLE_ARRAY -> Optional.of(message.doubleArrayValue());
      case ParameterType.PARAMETER_STRING_ARRAY -> Optional.of(message.stringArrayValue());
      default ->
          throw new RclException("there is no parameter type " + message.type() + "; give 1 to 9");
    };
  }
}
