package dev.reverie.policy;

import dev.reverie.policy.onnx.GraphProto;
import dev.reverie.policy.onnx.NodeProto;
import dev.reverie.policy.onnx.StringStringEntryProto;
import dev.reverie.policy.onnx.ValueInfoProto;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Names the initializers of a graph that are stored beside its parameters, and never learn. */
public final class Buffers {
  /** PyTorch's exporter says with it whether a value is a parameter or a buffer. */
  private static final String KIND = "pkg.torch.export.graph_signature.InputSpec.kind";

  private static final String PARAMETER = "PARAMETER";

  /** Operators that hand a value on as it is but for its type and shape. */
  private static final Set<String> PASSING =
      Set.of("Cast", "Identity", "Reshape", "Squeeze", "Unsqueeze");

  private Buffers() {}

  /** Names of the running statistics, the sizes, and what PyTorch's exporter calls a buffer. */
  public static Set<String> of(GraphProto graph) {
    Set<String> buffers = fixed(graph);
    kinds(graph)
        .forEach(
            (name, kind) -> {
              if (!kind.equals(PARAMETER)) {
                buffers.add(name);
              }
            });
    return buffers;
  }

  /**
   * Returns whether PyTorch's exporter calls each initializer a parameter; empty where it says
   * nothing.
   */
  public static Map<String, Boolean> parameters(GraphProto graph) {
    Map<String, Boolean> parameters = new HashMap<>();
    kinds(graph).forEach((name, kind) -> parameters.put(name, kind.equals(PARAMETER)));
    return parameters;
  }

  private static Map<String, String> kinds(GraphProto graph) {
    Map<String, String> kinds = new HashMap<>();
    for (ValueInfoProto value : graph.getValueInfoList()) {
      for (StringStringEntryProto entry : value.getMetadataPropsList()) {
        if (entry.getKey().equals(KIND)) {
          kinds.put(value.getName(), entry.getValue());
        }
      }
    }
    return kinds;
  }

  /** Values that no gradient means anything for: running statistics, and sizes. */
  public static Set<String> fixed(GraphProto graph) {
    Set<String> fixed = new HashSet<>();
    for (NodeProto node : graph.getNodeList().reversed()) {
      int from =
          switch (node.getOpType()) {
            case "BatchNormalization" -> 3;
            case "Resize", "Clip", "Pad" -> 1;
            default -> node.getInputCount();
          };
      fixed.addAll(
          node.getInputList().subList(Math.min(from, node.getInputCount()), node.getInputCount()));
      if (PASSING.contains(node.getOpType())
          && node.getInputCount() > 0
          && fixed.contains(node.getOutput(0))) {
        fixed.add(node.getInput(0));
      }
    }
    return fixed;
  }
}
