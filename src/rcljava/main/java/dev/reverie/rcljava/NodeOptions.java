package dev.reverie.rcljava;

import java.util.Map;

/**
 * How a node starts.
 *
 * @param namespace such as {@code /left}; empty for the one of the ROS arguments
 * @param parameters values of parameters, which win over those of the ROS arguments
 */
public record NodeOptions(String namespace, Map<String, Object> parameters) {

  public static final NodeOptions DEFAULT = new NodeOptions("", Map.of());

  public NodeOptions {
    parameters = Map.copyOf(parameters);
  }

  public static NodeOptions namespace(String namespace) {
    return new NodeOptions(namespace, Map.of());
  }
}
