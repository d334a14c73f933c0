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

  /**
   * The nodes of a graph with each x * sigmoid(x) as one Swish, which ONNX has from opset 24 on:
   * one kernel instead of two, and one tensor less to keep for the gradient.
   */
  static List<NodeProto> of(GraphProto graph) {
    Map<String, Integer> uses = new HashMap<>();
    graph.getNodeList().forEach(n -> n.getInputList().forEach(i -> uses.merge(i, 1, Integer::sum)));
    for (ValueInfoProto output : graph.getOutputList()) {
      uses.merge(output.getName(), 1, Integer::sum);
    }
    List<NodeProto> nodes = new ArrayList<>(graph.getNodeList());
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
