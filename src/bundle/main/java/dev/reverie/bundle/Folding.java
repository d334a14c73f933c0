package dev.reverie.bundle;

import dev.reverie.policy.BundleException;
import dev.reverie.policy.NdArray;
import dev.reverie.policy.OnnxOptions;
import dev.reverie.policy.OnnxSession;
import dev.reverie.policy.RandomOperators;
import dev.reverie.policy.TensorValues;
import dev.reverie.policy.onnx.AttributeProto;
import dev.reverie.policy.onnx.GraphProto;
import dev.reverie.policy.onnx.ModelProto;
import dev.reverie.policy.onnx.NodeProto;
import dev.reverie.policy.onnx.ValueInfoProto;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Computes once what of a graph depends on neither an input nor a kept weight. What is computed, by
 * ONNX Runtime, stays inside as {@code Constant} nodes; nodes that nothing needs are left out.
 */
final class Folding {
  /** Bytes of a result that is rather computed anew than stored. */
  private static final long MOST_BYTES = 16 << 20;

  /** Operators whose results can be large while what they are made of is small. */
  private static final Set<String> GROWING =
      Set.of("ConstantOfShape", "Expand", "EyeLike", "Range", "Tile");

  private static final Set<String> SEQUENCES =
      Set.of(
          "Optional",
          "SequenceConstruct",
          "SequenceEmpty",
          "SequenceErase",
          "SequenceInsert",
          "SequenceMap",
          "SplitToSequence");

  private final ModelProto model;
  private final Map<String, NdArray> constants;
  private final Set<String> apart = new HashSet<>(); // first outputs of nodes that stay

  private Folding(ModelProto model, Map<String, NdArray> constants) {
    this.model = model;
    this.constants = constants;
  }

  /**
   * A graph without what could be computed beforehand.
   *
   * @param model whose initializers are the kept weights that it uses
   * @param nodes that it had
   * @param computed how many of them were computed
   */
  record Folded(ModelProto model, int nodes, int computed) {}

  /**
   * Folds a graph.
   *
   * @param weights the value of each initializer
   * @param kept names of those that stay weights
   */
  static Folded of(ModelProto model, Map<String, NdArray> weights, Set<String> kept) {
    Map<String, NdArray> constants = new LinkedHashMap<>(weights);
    constants.keySet().removeAll(kept);
    return new Folding(model, constants).folded();
  }

  private Folded folded() {
    while (true) {
      Parts parts = parts();
      Map<String, NdArray> values = computed(parts);
      Set<String> large = new HashSet<>();
      for (NodeProto node : parts.known) {
        if (GROWING.contains(node.getOpType())) {
          NdArray value = values.get(node.getOutput(0));
          if (value != null && value.data().byteSize() > MOST_BYTES) {
            large.add(node.getOutput(0));
          }
        }
      }
      if (!apart.addAll(large)) {
        return new Folded(rebuilt(parts, values), model.getGraph().getNodeCount(), count(parts));
      }
    }
  }

  private static int count(Parts parts) {
    return (int) parts.known.stream().filter(node -> !isConstant(node)).count();
  }

  /**
   * Nodes in the graph's order.
   *
   * @param known that depend on constants alone
   * @param rest of those that something needs
   * @param needed values that the rest and the outputs take
   */
  private record Parts(List<NodeProto> known, List<NodeProto> rest, Set<String> needed) {}

  private Parts parts() {
    while (true) {
      Set<String> values = new HashSet<>(constants.keySet());
      values.add(""); // an input that is left out
      List<NodeProto> known = new ArrayList<>();
      List<NodeProto> others = new ArrayList<>();
      for (NodeProto node : model.getGraph().getNodeList()) {
        boolean stays =
            node.getOutputCount() == 0
                || apart.contains(node.getOutput(0))
                || RandomOperators.draws(node.getOpType())
                || !isOnnx(node);
        if (!stays && values.containsAll(takes(node))) {
          known.add(node);
          values.addAll(node.getOutputList());
        } else {
          others.add(node);
        }
      }
      List<NodeProto> rest = new ArrayList<>();
      Set<String> needed = needed(others, rest);
      List<NodeProto> sequences =
          known.stream()
              .filter(node -> SEQUENCES.contains(node.getOpType()))
              .filter(node -> node.getOutputList().stream().anyMatch(needed::contains))
              .toList();
      if (sequences.isEmpty()) {
        return new Parts(known, rest, needed);
      }
      sequences.forEach(node -> apart.add(node.getOutput(0))); // no constant holds a sequence
    }
  }

  /** Adds the nodes that lead to an output, and returns the values that they and outputs take. */
  private Set<String> needed(List<NodeProto> nodes, List<NodeProto> useful) {
    Set<String> needed = new HashSet<>();
    model.getGraph().getOutputList().forEach(output -> needed.add(output.getName()));
    for (NodeProto node : nodes.reversed()) {
      if (node.getOutputList().stream().anyMatch(needed::contains)) {
        useful.add(node);
        needed.addAll(takes(node));
      }
    }
    Collections.reverse(useful);
    return needed;
  }

  /** Values that a node takes, those that its subgraphs take from around it included. */
  static Set<String> takes(NodeProto node) {
    Set<String> taken = new LinkedHashSet<>(node.getInputList());
    for (AttributeProto attribute : node.getAttributeList()) {
      Deque<GraphProto> graphs = new ArrayDeque<>(attribute.getGraphsList());
      if (attribute.hasG()) {
        graphs.add(attribute.getG());
      }
      for (GraphProto graph : graphs) {
        Set<String> own = new HashSet<>();
        graph.getInputList().forEach(input -> own.add(input.getName()));
        graph.getInitializerList().forEach(initializer -> own.add(initializer.getName()));
        for (NodeProto inner : graph.getNodeList()) {
          takes(inner).stream().filter(name -> !own.contains(name)).forEach(taken::add);
          own.addAll(inner.getOutputList());
        }
        graph.getOutputList().stream()
            .map(ValueInfoProto::getName)
            .filter(name -> !own.contains(name))
            .forEach(taken::add);
      }
    }
    return taken;
  }

  private static boolean isOnnx(NodeProto node) {
    return node.getDomain().isEmpty() || node.getDomain().equals("ai.onnx");
  }

  private static boolean isConstant(NodeProto node) {
    return node.getOpType().equals("Constant");
  }

  /**
   * Returns what the rest takes of the known part, but for what stands there as a constant already.
   */
  private Map<String, NdArray> computed(Parts parts) {
    Set<String> wanted = new LinkedHashSet<>();
    Set<String> needed = new HashSet<>();
    List<NodeProto> nodes = new ArrayList<>();
    for (NodeProto node : parts.known.reversed()) {
      boolean taken = false;
      for (String output : node.getOutputList()) {
        taken |= needed.contains(output);
        if (parts.needed.contains(output) && !output.isEmpty() && !isConstant(node)) {
          wanted.add(output);
          taken = true;
        }
      }
      if (taken) {
        nodes.add(node);
        needed.addAll(takes(node));
      }
    }
    if (wanted.isEmpty()) {
      return Map.of();
    }
    Collections.reverse(nodes);
    GraphProto.Builder graph = GraphProto.newBuilder().setName("constants").addAllNode(nodes);
    constants.forEach(
        (name, array) -> {
          if (needed.contains(name)) {
            graph.addInitializer(TensorValues.proto(array).setName(name));
          }
        });
    wanted.forEach(name -> graph.addOutput(ValueInfoProto.newBuilder().setName(name)));
    ModelProto part =
        ModelProto.newBuilder()
            .setIrVersion(model.getIrVersion())
            .addAllOpsetImport(model.getOpsetImportList())
            .setGraph(graph)
            .build();
    try (OnnxSession session =
        OnnxSession.open("the constant part", part, Map.of(), OnnxOptions.cpu(1))) {
      return session.run(Map.of());
    } catch (IllegalStateException e) {
      throw new BundleException(
          "the part of the graph that depends on no input cannot be computed by ONNX Runtime; check the graph with onnx.checker.check_model",
          e);
    }
  }

  private ModelProto rebuilt(Parts parts, Map<String, NdArray> values) {
    GraphProto graph = model.getGraph();
    GraphProto.Builder folded = graph.toBuilder().clearNode().clearInitializer().clearValueInfo();
    constants.forEach(
        (name, array) -> {
          if (parts.needed.contains(name)) {
            folded.addNode(constant(name, array));
          }
        });
    values.forEach((name, array) -> folded.addNode(constant(name, array)));
    parts.known.stream()
        .filter(node -> isConstant(node) && parts.needed.contains(node.getOutput(0)))
        .forEach(folded::addNode);
    folded.addAllNode(parts.rest);
    graph.getInitializerList().stream()
        .filter(initializer -> !constants.containsKey(initializer.getName()))
        .filter(initializer -> parts.needed.contains(initializer.getName()))
        .forEach(folded::addInitializer);
    Set<String> weights = new HashSet<>();
    folded.getInitializerList().forEach(initializer -> weights.add(initializer.getName()));
    graph.getValueInfoList().stream()
        .filter(value -> weights.contains(value.getName()))
        .forEach(folded::addValueInfo); // it says whether a weight is a parameter
    return model.toBuilder().setGraph(folded).build();
  }

  private static NodeProto constant(String name, NdArray array) {
    return NodeProto.newBuilder()
        .setOpType("Constant")
        .setName(name)
        .addOutput(name)
        .addAttribute(
            AttributeProto.newBuilder()
                .setName("value")
                .setType(AttributeProto.AttributeType.TENSOR)
                .setT(TensorValues.proto(array)))
        .build();
  }
}
