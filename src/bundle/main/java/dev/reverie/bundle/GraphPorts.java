package dev.reverie.bundle;

import dev.reverie.policy.BundleException;
import dev.reverie.policy.DType;
import dev.reverie.policy.GraphSpec;
import dev.reverie.policy.onnx.ModelProto;
import dev.reverie.policy.onnx.TensorShapeProto;
import dev.reverie.policy.onnx.TypeProto;
import dev.reverie.policy.onnx.ValueInfoProto;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Inputs and outputs of graphs, by name; what {@code encode} gives {@code step} is between them.
 *
 * @param inputs in the graphs' order
 * @param outputs of the last graph
 */
record GraphPorts(Map<String, Port> inputs, Map<String, Port> outputs) {
  /**
   * A value of a graph.
   *
   * @param shape -1 where a length is free
   */
  record Port(DType type, List<Long> shape) {
    @Override
    public String toString() {
      return type + shape.toString().replace("-1", "any");
    }

    /** Length of an axis, from the last one where it is negative; -1 where it is free. */
    long length(int axis) {
      int at = axis < 0 ? shape.size() + axis : axis;
      return at >= 0 && at < shape.size() ? shape.get(at) : -1;
    }
  }

  /** Reads the graphs, by role. */
  static GraphPorts of(Map<String, ModelProto> graphs) {
    Map<String, Port> inputs = new LinkedHashMap<>();
    Set<String> between = new HashSet<>();
    ModelProto encode = graphs.get(GraphSpec.ENCODE);
    if (encode != null) {
      encode.getGraph().getOutputList().forEach(value -> between.add(value.getName()));
      inputs.putAll(ports(encode, encode.getGraph().getInputList(), Set.of()));
    }
    Map<String, Port> outputs = new LinkedHashMap<>();
    graphs.forEach(
        (role, model) -> {
          if (!role.equals(GraphSpec.ENCODE)) {
            inputs.putAll(ports(model, model.getGraph().getInputList(), between));
            outputs.putAll(ports(model, model.getGraph().getOutputList(), Set.of()));
          }
        });
    inputs.forEach(GraphPorts::requireOneOrAny);
    return new GraphPorts(inputs, outputs);
  }

  private static Map<String, Port> ports(
      ModelProto model, List<ValueInfoProto> values, Set<String> without) {
    Set<String> weights = new HashSet<>(without);
    model.getGraph().getInitializerList().forEach(each -> weights.add(each.getName()));
    Map<String, Port> ports = new LinkedHashMap<>();
    for (ValueInfoProto value : values) {
      if (!weights.contains(value.getName())) {
        ports.put(value.getName(), port(value));
      }
    }
    return ports;
  }

  private static Port port(ValueInfoProto value) {
    TypeProto.Tensor tensor = value.getType().getTensorType();
    List<Long> shape = new ArrayList<>();
    for (TensorShapeProto.Dimension dimension : tensor.getShape().getDimList()) {
      shape.add(dimension.hasDimValue() ? dimension.getDimValue() : -1);
    }
    try {
      return new Port(DType.ofOnnx(tensor.getElemType()), shape);
    } catch (BundleException e) {
      throw new BundleException(
          "the graph's '%s': %s; export it with another type"
              .formatted(value.getName(), e.getMessage()),
          e);
    }
  }

  private static void requireOneOrAny(String name, Port port) {
    if (port.length(0) > 1) {
      throw new BundleException(
          "the graph's input '%s' is %s, a batch of %d and no other; export it with any batch (dynamic_shapes={'%s': {0: torch.export.Dim('batch')}, ..}), or with an example of 1"
              .formatted(name, port, port.length(0), name));
    }
  }

  /** Returns what an input that nothing is bound to may be, for a message. */
  static String likely(Port port) {
    int axes = port.shape().size();
    String source =
        switch (port.type()) {
          case BOOL -> "language_mask";
          case I64, I32 -> axes < 2 ? "time" : "language_ids";
          case U8 -> "camera";
          default ->
              axes < 2 ? "time" : axes >= 4 ? "camera" : axes == 3 ? "chunk or noise" : "joints";
        };
    return source;
  }
}
