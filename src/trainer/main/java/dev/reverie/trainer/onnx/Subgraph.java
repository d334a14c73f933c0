package dev.reverie.trainer.onnx;

import dev.reverie.policy.onnx.GraphProto;
import dev.reverie.policy.onnx.NodeProto;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Cuts out of a graph what some of its outputs need. */
final class Subgraph {
  private Subgraph() {}

  /**
   * The part of a graph.
   *
   * @param outputs names of those that it gives
   */
  static GraphProto of(GraphProto graph, Set<String> outputs) {
    Set<String> needed = new HashSet<>(outputs);
    List<NodeProto> nodes = new ArrayList<>();
    for (NodeProto node : graph.getNodeList().reversed()) {
      if (node.getOutputList().stream().anyMatch(needed::contains)) {
        nodes.add(node);
        needed.addAll(node.getInputList());
      }
    }
    GraphProto.Builder part = GraphProto.newBuilder().setName(graph.getName());
    graph.getInputList().stream().filter(i -> needed.contains(i.getName())).forEach(part::addInput);
    graph.getOutputList().stream()
        .filter(output -> outputs.contains(output.getName()))
        .forEach(part::addOutput);
    return part.addAllNode(nodes.reversed()).build();
  }
}
