package dev.reverie.rcljava;

import dev.reverie.msgs.rcl_interfaces.DescribeParameters;
import dev.reverie.msgs.rcl_interfaces.GetParameterTypes;
import dev.reverie.msgs.rcl_interfaces.GetParameters;
import dev.reverie.msgs.rcl_interfaces.ListParameters;
import dev.reverie.msgs.rcl_interfaces.ListParametersResult;
import dev.reverie.msgs.rcl_interfaces.Parameter;
import dev.reverie.msgs.rcl_interfaces.ParameterDescriptor;
import dev.reverie.msgs.rcl_interfaces.ParameterValue;
import dev.reverie.msgs.rcl_interfaces.SetParameters;
import dev.reverie.msgs.rcl_interfaces.SetParametersAtomically;
import dev.reverie.msgs.rcl_interfaces.SetParametersResult;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Serves the six services of each node that {@code ros2 param} and other nodes use. */
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

  /**
   * Answers with names under the prefixes, at most so many dots deep, and the prefixes of those
   * names.
   */
  private ListParameters.Response list(ListParameters.Request request) {
    List<String> names =
        parameters.all().stream()
            .map(dev.reverie.rcljava.Parameter::name)
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
        || (name.startsWith(prefix + ".") && isWithin(name.substring(prefix.length() + 1), depth));
  }

  private static boolean isWithin(String name, long depth) {
    return depth == ListParameters.Request.DEPTH_RECURSIVE
        || Long.compareUnsigned(name.chars().filter(c -> c == '.').count(), depth) < 0;
  }

  private GetParameters.Response get(GetParameters.Request request) {
    return new GetParameters.Response(request.names().stream().map(this::value).toList());
  }

  /** Returns the value; PARAMETER_NOT_SET where it is not declared, as rclpy answers. */
  private ParameterValue value(String name) {
    return parameters
        .find(name)
        .map(parameter -> ParameterMessages.value(parameter.value()))
        .orElseGet(ParameterValue::new);
  }

  private GetParameterTypes.Response types(GetParameterTypes.Request request) {
    var types = new byte[request.names().size()];
    for (int i = 0; i < types.length; i++) {
      types[i] = value(request.names().get(i)).type();
    }
    return new GetParameterTypes.Response(types);
  }

  private DescribeParameters.Response describe(DescribeParameters.Request request) {
    return new DescribeParameters.Response(
        request.names().stream()
            .map(
                name ->
                    parameters.has(name)
                        ? parameters.describe(name)
                        : new ParameterDescriptor().withName(name))
            .toList());
  }

  /** Sets each by itself. */
  private SetParameters.Response set(SetParameters.Request request) {
    return new SetParameters.Response(
        request.parameters().stream().map(parameter -> set(List.of(parameter))).toList());
  }

  private SetParametersAtomically.Response setAtomically(SetParametersAtomically.Request request) {
    return new SetParametersAtomically.Response(set(request.parameters()));
  }

  /** Sets all, or none. */
  private SetParametersResult set(List<Parameter> wanted) {
    Map<String, Optional<Object>> values = new LinkedHashMap<>();
    for (Parameter parameter : wanted) {
      try {
        values.put(parameter.name(), ParameterMessages.value(parameter.value()));
      } catch (RclException e) {
        return refused("parameter '%s': %s".formatted(parameter.name(), e.getMessage()));
      }
    }
    return parameters
        .trySet(values)
        .map(ParameterServices::refused)
        .orElseGet(() -> new SetParametersResult(true, ""));
  }

  private static SetParametersResult refused(String reason) {
    return new SetParametersResult(false, reason);
  }
}
