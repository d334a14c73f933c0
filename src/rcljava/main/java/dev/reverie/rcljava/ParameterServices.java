package dev.reverie.rcljava;

import dev.reverie.msgs.rcl_interfaces.DescribeParameters;
import dev.reverie.msgs.rcl_interfaces.GetParameterTypes;
import dev.reverie.msgs.rcl_interfaces.GetParameters;
import dev.reverie.msgs.rcl_interfaces.ListParameters;
import dev.reverie.msgs.rcl_interfaces.ListParametersResult;
import dev.reverie.msgs.rcl_interfaces.Parameter;
import dev.reverie.msgs.rcl_interfaces.ParameterDescriptor;
import dev.reverie.msgs.rcl_interfaces.ParameterType;
import dev.reverie.msgs.rcl_interfaces.ParameterValue;
import dev.reverie.msgs.rcl_interfaces.SetParameters;
import dev.reverie.msgs.rcl_interfaces.SetParametersAtomically;
import dev.reverie.msgs.rcl_interfaces.SetParametersResult;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The six services of each node that {@code ros2 param} and other nodes use. Ours read parameters
 * at their start only, so setting one is refused with that reason.
 */
final class ParameterServices {

  private final Parameters parameters;

  private ParameterServices(Parameters parameters) {
    this.parameters = parameters;
  }

  static void open(Node node, Parameters parameters) {
    var services = new ParameterServices(parameters);
    node.createService(ListParameters.TYPE, "~/list_parameters", services::list);
    node.createService(GetParameters.TYPE, "~/get_parameters", services::get);
    node.createService(GetParameterTypes.TYPE, "~/get_parameter_types", services::types);
    node.createService(DescribeParameters.TYPE, "~/describe_parameters", services::describe);
    node.createService(SetParameters.TYPE, "~/set_parameters", services::set);
    node.createService(
        SetParametersAtomically.TYPE, "~/set_parameters_atomically", services::setAtomically);
  }

  /** Names under the prefixes, at most so many dots deep; prefixes of those names. */
  private ListParameters.Response list(ListParameters.Request request) {
    List<String> names =
        parameters.values().keySet().stream()
            .filter(
                name ->
                    request.prefixes().isEmpty()
                        ? isWithin(name, request.depth())
                        : request.prefixes().stream()
                            .anyMatch(prefix -> isUnder(prefix, name, request.depth())))
            .toList();
    Set<String> prefixes = new LinkedHashSet<>();
    for (String name : names) {
      int dot = name.lastIndexOf('.');
      if (dot > 0) {
        prefixes.add(name.substring(0, dot));
      }
    }
    return new ListParameters.Response(new ListParametersResult(names, List.copyOf(prefixes)));
  }

  private static boolean isUnder(String prefix, String name, long depth) {
    return name.equals(prefix)
        || name.startsWith(prefix + ".") && isWithin(name.substring(prefix.length() + 1), depth);
  }

  private static boolean isWithin(String name, long depth) {
    return depth == ListParameters.Request.DEPTH_RECURSIVE
        || name.chars().filter(c -> c == '.').count() < depth;
  }

  private GetParameters.Response get(GetParameters.Request request) {
    Map<String, Object> values = parameters.values();
    return new GetParameters.Response(
        request.names().stream()
            .map(name -> values.containsKey(name) ? value(values.get(name)) : new ParameterValue())
            .toList());
  }

  private GetParameterTypes.Response types(GetParameterTypes.Request request) {
    List<ParameterValue> values = get(new GetParameters.Request(request.names())).values();
    var types = new byte[values.size()];
    for (int i = 0; i < types.length; i++) {
      types[i] = values.get(i).type();
    }
    return new GetParameterTypes.Response(types);
  }

  private DescribeParameters.Response describe(DescribeParameters.Request request) {
    byte[] types = types(new GetParameterTypes.Request(request.names())).types();
    var descriptors = new ParameterDescriptor[types.length];
    for (int i = 0; i < types.length; i++) {
      descriptors[i] =
          new ParameterDescriptor()
              .withName(request.names().get(i))
              .withType(types[i])
              .withReadOnly(types[i] != ParameterType.PARAMETER_NOT_SET);
    }
    return new DescribeParameters.Response(List.of(descriptors));
  }

  private SetParameters.Response set(SetParameters.Request request) {
    return new SetParameters.Response(request.parameters().stream().map(this::refuse).toList());
  }

  private SetParametersAtomically.Response setAtomically(SetParametersAtomically.Request request) {
    return new SetParametersAtomically.Response(
        request.parameters().stream()
            .findFirst()
            .map(this::refuse)
            .orElse(new SetParametersResult(true, "")));
  }

  private SetParametersResult refuse(Parameter parameter) {
    String name = parameter.name();
    String reason =
        parameters.values().containsKey(name)
            ? "parameter '%s' is read at the node's start: start it with -p %s:=..."
                .formatted(name, name)
            : "parameter '%s' is not declared".formatted(name);
    return new SetParametersResult(false, reason);
  }

  @SuppressWarnings("unchecked") // lists are of strings only
  private static ParameterValue value(Object value) {
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
}
