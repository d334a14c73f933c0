package dev.reverie.policy;

import dev.reverie.policy.onnx.GraphProto;
import dev.reverie.policy.onnx.ModelProto;
import dev.reverie.policy.onnx.NodeProto;
import dev.reverie.policy.onnx.TensorProto;
import dev.reverie.policy.onnx.ValueInfoProto;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * Two graphs as one: the second takes what the first gives, by name. Weights of the same name are
 * the same; what is between the nodes of each keeps apart.
 */
final class GraphUnion {
  private GraphUnion() {}

  /**
   * Joins graphs.
   *
   * @param carried names of what the second takes at first from the first one, then from itself
   * @throws BundleException where they were not exported alike, or give values of the same name
   */
  static ModelProto of(ModelProto first, ModelProto second, Set<String> carried) {
    if (!Set.copyOf(first.getOpsetImportList()).equals(Set.copyOf(second.getOpsetImportList()))) {
      throw new BundleException(
          "%s has operators of %s, %s of %s; export both with one opset"
              .formatted(GraphSpec.ENCODE, operators(first), GraphSpec.STEP, operators(second)));
    }
    GraphProto encode = apart(first.getGraph(), GraphSpec.ENCODE, carried);
    GraphProto step = apart(second.getGraph(), GraphSpec.STEP, Set.of());
    Set<String> given = names(encode.getOutputList());
    Set<String> taken = new HashSet<>(names(step.getInputList()));
    taken.retainAll(given);
    if (taken.isEmpty()) {
      throw new BundleException(
          "%s takes %s, and %s gives %s; give the values that pass between them one name"
              .formatted(GraphSpec.STEP, names(step.getInputList()), GraphSpec.ENCODE, given));
    }
    for (String name : carried) {
      if (!taken.contains(name)) {
        throw new BundleException(
            "head.cache.values has '%s', but what passes from %s to %s is %s; name what of it is kept from value to value"
                .formatted(name, GraphSpec.ENCODE, GraphSpec.STEP, new TreeSet<>(taken)));
      }
    }
    GraphProto.Builder all = encode.toBuilder().clearOutput().clearInput().clearInitializer();
    Map<String, ValueInfoProto> inputs = new LinkedHashMap<>();
    encode.getInputList().forEach(input -> inputs.put(input.getName(), input));
    for (ValueInfoProto input : step.getInputList()) {
      if (!given.contains(input.getName())) {
        ValueInfoProto other = inputs.putIfAbsent(input.getName(), input);
        if (other != null && !GraphValues.of(other).equals(GraphValues.of(input))) {
          throw new BundleException(
              "input %s of %s is %s in %s; give it one type and shape"
                  .formatted(
                      GraphValues.told(input),
                      GraphSpec.STEP,
                      GraphValues.of(other),
                      GraphSpec.ENCODE));
        }
      }
    }
    Map<String, TensorProto> weights = new LinkedHashMap<>();
    encode.getInitializerList().forEach(weight -> weights.put(weight.getName(), weight));
    for (TensorProto weight : step.getInitializerList()) {
      TensorProto other = weights.putIfAbsent(weight.getName(), weight);
      if (other != null && !other.equals(weight)) {
        throw new BundleException(
            "the weight '%s' is another in %s than in %s; give weights names of their own"
                .formatted(weight.getName(), GraphSpec.STEP, GraphSpec.ENCODE));
      }
    }
    all.addAllInput(inputs.values());
    all.addAllInitializer(weights.values());
    all.addAllNode(step.getNodeList());
    all.addAllOutput(step.getOutputList());
    return first.toBuilder().setGraph(all).build();
  }

  /**
   * The same graph, whose inner values and constants have the role before their names.
   *
   * @param copied outputs that only the other graph reads by their names: those are copies
   */
  private static GraphProto apart(GraphProto graph, String role, Set<String> copied) {
    Set<String> outside = new HashSet<>(names(graph.getInputList()));
    outside.addAll(names(graph.getOutputList()));
    outside.removeAll(copied);
    Map<String, String> inner = new HashMap<>();
    for (NodeProto node : graph.getNodeList()) {
      for (String output : node.getOutputList()) {
        if (!output.isEmpty() && !outside.contains(output)) {
          inner.put(output, role + "/" + output);
        }
      }
    }
    for (TensorProto constant : graph.getInitializerList()) {
      if (GraphCheck.isInside(constant)) {
        inner.put(constant.getName(), role + "/" + constant.getName());
      }
    }
    UnaryOperator<String> renamed = name -> inner.getOrDefault(name, name);
    GraphProto.Builder all = graph.toBuilder().clearNode().clearInitializer().clearValueInfo();
    for (NodeProto node : graph.getNodeList()) {
      all.addNode(
          node.toBuilder()
              .clearInput()
              .clearOutput()
              .addAllInput(node.getInputList().stream().map(renamed).toList())
              .addAllOutput(node.getOutputList().stream().map(renamed).toList()));
    }
    for (String name : new TreeSet<>(copied)) {
      all.addNode(
          NodeProto.newBuilder()
              .setName(role + "/" + name)
              .setOpType("Identity")
              .addInput(renamed.apply(name))
              .addOutput(name));
    }
    for (TensorProto weight : graph.getInitializerList()) {
      all.addInitializer(weight.toBuilder().setName(renamed.apply(weight.getName())));
    }
    return all.build();
  }

  /** Words for the sets of operators that a graph uses. */
  private static String operators(ModelProto model) {
    return model.getOpsetImportList().stream()
        .map(set -> "opset %d %s".formatted(set.getVersion(), set.getDomain()).strip())
        .collect(Collectors.joining(", "));
  }

  private static Set<String> names(List<ValueInfoProto> values) {
    Set<String> names = new HashSet<>();
    values.forEach(value -> names.add(value.getName()));
    return names;
  }
}
