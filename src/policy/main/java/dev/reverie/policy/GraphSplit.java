package dev.reverie.policy;

import dev.reverie.policy.onnx.GraphProto;
import dev.reverie.policy.onnx.ModelProto;
import dev.reverie.policy.onnx.NodeProto;
import dev.reverie.policy.onnx.ValueInfoProto;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * A graph in two: what does not depend on some of its inputs, and the rest. So a policy that makes
 * its chunks in several steps looks at its pictures once.
 *
 * @param early its outputs are what the rest needs of it, without types
 * @param late its inputs are those outputs, without types, and the inputs that come late
 * @param between names of those outputs
 */
public record GraphSplit(ModelProto early, ModelProto late, Set<String> between) {
  /**
   * Splits a graph.
   *
   * @param inputs names of those that come late
   */
  public static GraphSplit of(ModelProto model, Set<String> inputs) {
    return of(model, inputs, Set.of());
  }

  /**
   * Splits a graph that keeps something from run to run.
   *
   * @param inputs names of those that come late
   * @param carried names of values that are what the graph gives at first, and then something else:
   *     what reads them belongs to the rest
   */
  public static GraphSplit of(ModelProto model, Set<String> inputs, Set<String> carried) {
    GraphProto graph = model.getGraph();
    Map<String, Part> parts = new HashMap<>(); // of each value; initializers are constant
    graph.getInputList().forEach(i -> parts.put(i.getName(), Part.EARLY));
    graph.getInitializerList().forEach(i -> parts.put(i.getName(), Part.CONSTANT));
    inputs.forEach(name -> parts.put(name, Part.LATE));
    GraphProto.Builder early = GraphProto.newBuilder().setName(graph.getName() + "_early");
    GraphProto.Builder late = GraphProto.newBuilder().setName(graph.getName() + "_late");
    Set<String> needed = new LinkedHashSet<>();
    for (NodeProto node : graph.getNodeList()) {
      Part part = Part.CONSTANT;
      for (String input : node.getInputList()) {
        Part of = carried.contains(input) ? Part.LATE : parts.getOrDefault(input, Part.CONSTANT);
        part = of.compareTo(part) > 0 ? of : part;
      }
      if (node.getOutputList().stream().anyMatch(carried::contains)) {
        part = Part.EARLY;
      }
      for (String output : node.getOutputList()) {
        parts.put(output, part);
      }
      if (part != Part.LATE) {
        early.addNode(node);
      }
      if (part != Part.EARLY) {
        late.addNode(node);
      }
      if (part == Part.LATE) {
        needed.addAll(node.getInputList());
      }
    }
    graph.getOutputList().forEach(output -> needed.add(output.getName()));
    Set<String> between = new TreeSet<>();
    for (String name : needed) {
      if (parts.get(name) == Part.EARLY) {
        between.add(name);
      }
    }
    for (ValueInfoProto input : graph.getInputList()) {
      (inputs.contains(input.getName()) ? late : early).addInput(input);
    }
    for (String name : between) {
      ValueInfoProto value = ValueInfoProto.newBuilder().setName(name).build();
      early.addOutput(value);
      late.addInput(value);
    }
    late.addAllOutput(graph.getOutputList());
    keepInitializers(graph, early);
    keepInitializers(graph, late);
    return new GraphSplit(
        model.toBuilder().setGraph(early).build(),
        model.toBuilder().setGraph(late).build(),
        between);
  }

  /** Values in the order in which they are known. */
  private enum Part {
    CONSTANT,
    EARLY,
    LATE
  }

  private static void keepInitializers(GraphProto from, GraphProto.Builder to) {
    Set<String> used = new HashSet<>();
    to.getNodeList().forEach(node -> used.addAll(node.getInputList()));
    to.getOutputList().forEach(output -> used.add(output.getName()));
    from.getInitializerList().stream()
        .filter(initializer -> used.contains(initializer.getName()))
        .forEach(to::addInitializer);
  }
}
