package dev.reverie.policy;

import dev.reverie.policy.onnx.AttributeProto;
import dev.reverie.policy.onnx.GraphProto;
import dev.reverie.policy.onnx.NodeProto;
import dev.reverie.policy.onnx.TensorProto;
import java.util.Set;

/**
 * Refuses operators that draw random numbers of their own. What a policy draws is drawn outside of
 * its graph, from the episode's seed: else neither replay nor the trainer could draw it again, and
 * the recorded probabilities would be those of something else.
 */
public final class RandomOperators {
  private static final Set<String> DRAWING =
      Set.of(
          "RandomNormal",
          "RandomNormalLike",
          "RandomUniform",
          "RandomUniformLike",
          "Bernoulli",
          "Multinomial");

  private RandomOperators() {}

  /** Returns whether an operator of this name draws random numbers. */
  public static boolean draws(String operator) {
    return DRAWING.contains(operator);
  }

  static void refuse(GraphProto graph) {
    for (NodeProto node : graph.getNodeList()) {
      if (DRAWING.contains(node.getOpType())) {
        throw refused(node, "draws random numbers");
      }
      if (node.getOpType().equals("Dropout") && mayTrain(graph, node)) {
        throw refused(node, "is in training mode, and draws random numbers");
      }
    }
  }

  private static BundleException refused(NodeProto node, String what) {
    return new BundleException(
        "node '%s' (%s) %s, which no replay could draw again; export without it: noise comes from outside, by the head"
            .formatted(node.getName(), node.getOpType(), what));
  }

  /** Returns whether a Dropout is not surely in inference mode: its third input says it. */
  private static boolean mayTrain(GraphProto graph, NodeProto dropout) {
    if (dropout.getInputCount() < 3 || dropout.getInput(2).isEmpty()) {
      return false;
    }
    String mode = dropout.getInput(2);
    return graph.getNodeList().stream()
        .filter(node -> node.getOutputList().contains(mode))
        .noneMatch(RandomOperators::isFalse);
  }

  private static boolean isFalse(NodeProto node) {
    return node.getOpType().equals("Constant")
        && node.getAttributeList().stream()
            .filter(AttributeProto::hasT)
            .map(AttributeProto::getT)
            .anyMatch(RandomOperators::isFalse);
  }

  private static boolean isFalse(TensorProto value) {
    return value.getRawData().isEmpty()
        ? value.getInt32DataList().stream().allMatch(each -> each == 0)
        : value.getRawData().byteAt(0) == 0;
  }
}
