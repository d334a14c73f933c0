package dev.reverie.rcljava;

import java.util.Map;

/**
 * Says how a node starts.
 *
 * @param namespace such as {@code /left}; empty for the one of the ROS arguments
 * @param parameters values of parameters, which win over those of the ROS arguments
 * @param allowUndeclared whether setting a parameter that is not declared declares it
 * @param declareOverrides whether parameters that are given a value are declared by that
 */
public record NodeOptions(
    String namespace,
    Map<String, Object> parameters,
    boolean allowUndeclared,
    boolean declareOverrides) {
  public static final NodeOptions DEFAULT = new NodeOptions("", Map.of());

  /** Copies the parameters. */
  public NodeOptions {
    parameters = Map.copyOf(parameters);
  }

  /** Creates options under which parameters have to be declared. */
  public NodeOptions(String namespace, Map<String, Object> parameters) {
    this(namespace, parameters, false, false);
  }

  /** Creates options with nothing but a namespace. */
  public static NodeOptions namespace(String namespace) {
    return new NodeOptions(namespace, Map.of());
  }

  /** Returns the same, but parameters need not be declared to be set. */
  public NodeOptions allowingUndeclared() {
    return new NodeOptions(namespace, parameters, true, declareOverrides);
  }

  /** Returns the same, but parameters that are given a value are declared by that. */
  public NodeOptions declaringOverrides() {
    return new NodeOptions(namespace, parameters, allowUndeclared, true);
  }
}
