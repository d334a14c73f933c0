package dev.reverie.trainer.onnx;

import dev.reverie.policy.onnx.GraphProto;
import dev.reverie.policy.onnx.NodeProto;
import dev.reverie.policy.onnx.ValueInfoProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Puts back together what exporters take apart. */
final class Fusion {
  private Fusion() {}

  /** The nodes of a graph, put back together. */
  static List<NodeProto> of(GraphProto graph) {
    return swish(graph, pieces(graph));
  }

  /**
   * The nodes with each SequenceAt of a SplitToSequence as the piece itself: SequenceAt of the
   * tensor, the lengths and the place, with the attributes of the split. So PyTorch exports chunk,
   * split and unbind, and no sequence is ever there.
   */
  private static List<NodeProto> pieces(GraphProto graph) {
    Map<String, NodeProto> splits = new HashMap<>(); // by output, those that are taken apart again
    for (NodeProto node : graph.getNodeList()) {
      if (node.getOpType().equals("SplitToSequence")) {
        splits.put(node.getOutput(0), node);
      }
    }
    graph.getOutputList().forEach(output -> splits.remove(output.getName()));
    graph.getNodeList().stream()
        .filter(node -> !node.getOpType().equals("SequenceAt"))
        .forEach(node -> splits.keySet().removeAll(node.getInputList()));
    List<NodeProto> nodes = new ArrayList<>();
    for (NodeProto node : graph.getNodeList()) {
      NodeProto split = node.getInputCount() > 0 ? splits.get(node.getInput(0)) : null;
      if (split != null) {
        nodes.add(
            node.toBuilder()
                .clearInput()
                .addInput(split.getInput(0))
                .addInput(split.getInputCount() > 1 ? split.getInput(1) : "")
                .addInput(node.getInput(1))
                .addAllAttribute(split.getAttributeList())
                .build());
      } else if (!splits.containsValue(node)) {
        nodes.add(node);
      }
    }
    return nodes;
  }

  /**
   * The nodes of a graph with each x * sigmoid(x) as one Swish, which ONNX has from opset 24 on:
   * one kernel instead of two, and one tensor less to keep for the gradient.
   */
  private static List<NodeProto> swish(GraphProto graph, List<NodeProto> all) {
    Map<String, Integer> uses = new HashMap<>();
    all.forEach(n -> n.getInputList().forEach(i -> uses.merge(i, 1, Integer::sum)));
    for (ValueInfoProto output : graph.getOutputList()) {
      uses.merge(output.getName(), 1, Integer::sum);
    }
    List<NodeProto> nodes = new ArrayList<>(all);
    Map<String, Integer> sigmoids = new HashMap<>(); // by output, those used once
    for (int i = 0; i < nodes.size(); i++) {
      NodeProto node = nodes.get(i);
      if (node.getOpType().equals("Sigmoid") && uses.getOrDefault(node.getOutput(0), 0) == 1) {
        sigmoids.put(node.getOutput(0), i);
      }
    }
    for (int i = 0; i < nodes.size(); i++) {
      NodeProto mul = nodes.get(i);
      for (int side = 0; mul.getOpType().equals("Mul") && side < 2; side++) {
        Integer sigmoid = sigmoids.get(mul.getInput(side));
        String x = mul.getInput(1 - side);
        if (sigmoid != null && nodes.get(sigmoid).getInput(0).equals(x)) {
          nodes.set(i, mul.toBuilder().setOpType("Swish").clearInput().addInput(x).build());
          nodes.set(sigmoid, NodeProto.getDefaultInstance());
          break;
        }
      }
    }
    nodes.removeIf(node -> node.getOpType().isEmpty());
    return nodes;
  }
}
