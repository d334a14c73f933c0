package dev.reverie.trainer.onnx;

import dev.reverie.policy.DType;
import dev.reverie.policy.onnx.GraphProto;
import dev.reverie.policy.onnx.NodeProto;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** Finds the node behind which a weight has no part in a gradient. */
public final class GradientStops {
  /** Operators whose results do not change with a small change of what they are given. */
  private static final Set<String> STEPS =
      Set.of(
          "And",
          "ArgMax",
          "ArgMin",
          "Ceil",
          "Equal",
          "Floor",
          "Greater",
          "GreaterOrEqual",
          "IsInf",
          "IsNaN",
          "Less",
          "LessOrEqual",
          "NonZero",
          "Not",
          "OneHot",
          "Or",
          "QuantizeLinear",
          "Round",
          "Sign",
          "Xor");

  private GradientStops() {}

  /**
   * The first such node that a weight leads to, in the graph's order.
   *
   * @return the node's name and operator; empty where there is none
   */
  public static Optional<String> behind(GraphProto graph, String weight) {
    Set<String> reached = new HashSet<>(Set.of(weight));
    for (NodeProto node : graph.getNodeList()) {
      if (node.getInputList().stream().anyMatch(reached::contains)) {
        if (STEPS.contains(node.getOpType()) || castsToIntegers(new Node(node))) {
          return Optional.of(new Node(node).toString());
        }
        reached.addAll(node.getOutputList());
      }
    }
    return Optional.empty();
  }

  private static boolean castsToIntegers(Node node) {
    return node.type().equals("Cast")
        && !Set.of(DType.F64, DType.F32, DType.F16, DType.BF16).contains(node.type("to"));
  }
}
