package dev.reverie.bundle;

import dev.reverie.policy.Buffers;
import dev.reverie.policy.BundleException;
import dev.reverie.policy.DType;
import dev.reverie.policy.ExportedGraph;
import dev.reverie.policy.NdArray;
import dev.reverie.policy.TensorValues;
import dev.reverie.policy.onnx.GraphProto;
import dev.reverie.policy.onnx.ModelProto;
import dev.reverie.policy.onnx.NodeProto;
import dev.reverie.policy.onnx.StringStringEntryProto;
import dev.reverie.policy.onnx.TensorProto;
import dev.reverie.policy.onnx.ValueInfoProto;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * A graph as a bundle has it, made of one as exporters write it: its weights have the state dict's
 * names, the rest is computed and lies inside.
 *
 * @param model its initializers are weights, without values
 * @param weights by the state dict's name
 * @param buffers names of the weights that no training changes
 * @param folding what was computed
 * @param notices for people
 */
record ImportedGraph(
    ModelProto model,
    Map<String, NdArray> weights,
    Set<String> buffers,
    Folding.Folded folding,
    List<String> notices) {
  ImportedGraph {
    weights = Collections.unmodifiableMap(weights);
    buffers = Set.copyOf(buffers);
    notices = List.copyOf(notices);
  }

  /** Behind the name of a weight that is used the other way round than it is stored. */
  private static final String TURNED = "/turned";

  /**
   * Imports a graph.
   *
   * @param others weights of the graphs that were imported before, which this one may have too, and
   *     may use the other way round
   */
  static ImportedGraph of(
      Path file, ExportedGraph exported, StateDict state, Map<String, NdArray> others) {
    try {
      WeightNames.Found names = WeightNames.of(exported.model(), exported.weights(), state);
      Folding.Folded folded =
          Folding.of(exported.model(), exported.weights(), names.found().keySet());
      Map<String, NdArray> weights = new LinkedHashMap<>();
      Set<String> turned = new HashSet<>();
      names
          .found()
          .forEach(
              (name, stored) -> {
                NdArray array = Objects.requireNonNull(exported.weights().get(name));
                NdArray first = weights.getOrDefault(stored, others.getOrDefault(stored, array));
                weights.put(stored, first);
                if (!SameValues.same(first, array)) {
                  turned.add(name);
                }
              });
      ModelProto model = renamed(folded.model(), names.found(), turned, weights);
      Set<String> used = new HashSet<>();
      model.getGraph().getInitializerList().forEach(each -> used.add(each.getName()));
      weights.keySet().retainAll(used);
      Set<String> buffers = new LinkedHashSet<>(Buffers.of(model.getGraph()));
      buffers.retainAll(used);
      return new ImportedGraph(model, weights, buffers, folded, names.notices());
    } catch (BundleException e) {
      String message = String.valueOf(e.getMessage());
      throw message.contains(file.toString())
          ? e
          : new BundleException("%s: %s".formatted(file, message), e);
    }
  }

  /**
   * The graph with other names of its initializers; those of one name become one.
   *
   * @param turned those of them that are used the other way round than the first of their name
   * @param weights by that name
   */
  private static ModelProto renamed(
      ModelProto model,
      Map<String, String> names,
      Set<String> turned,
      Map<String, NdArray> weights) {
    GraphProto graph = model.getGraph();
    Set<String> values = new HashSet<>();
    graph.getInputList().forEach(input -> values.add(input.getName()));
    graph.getNodeList().forEach(node -> values.addAll(node.getOutputList()));
    GraphProto.Builder all = graph.toBuilder().clearNode().clearInitializer().clearValueInfo();
    Set<String> there = new HashSet<>();
    for (TensorProto initializer : graph.getInitializerList()) {
      String name = names.getOrDefault(initializer.getName(), initializer.getName());
      if (values.contains(name)) {
        throw new BundleException(
            "the weight '%s' has the name of another value of the graph; name the graph's input or output otherwise at the export"
                .formatted(name));
      }
      if (turned.contains(initializer.getName())) {
        all.addNode(transposed(name, initializer.getName() + TURNED));
      }
      if (there.add(name)) {
        NdArray first = weights.get(name);
        all.addInitializer(first == null ? initializer : declared(name, first));
      }
    }
    for (ValueInfoProto value : graph.getValueInfoList()) {
      all.addValueInfo(
          value.toBuilder().setName(names.getOrDefault(value.getName(), value.getName())));
    }
    for (NodeProto node : graph.getNodeList()) {
      all.addNode(
          node.toBuilder()
              .clearMetadataProps() // where the exporter's program stood, of which nothing is here
              .clearDocString()
              .clearInput()
              .addAllInput(
                  node.getInputList().stream()
                      .map(
                          input ->
                              turned.contains(input)
                                  ? input + TURNED
                                  : names.getOrDefault(input, input))
                      .toList()));
    }
    return model.toBuilder().clearMetadataProps().setGraph(all).build();
  }

  private static TensorProto declared(String name, NdArray array) {
    TensorProto.Builder proto =
        TensorProto.newBuilder().setName(name).setDataType(array.type().onnxCode());
    for (long length : array.shape()) {
      proto.addDims(length);
    }
    return proto.build();
  }

  private static NodeProto transposed(String weight, String value) {
    return NodeProto.newBuilder()
        .setOpType("Transpose")
        .setName(value)
        .addInput(weight)
        .addOutput(value)
        .build();
  }

  /**
   * A graph as it was exported, with what ONNX Runtime wants to see of it inside, for a session
   * that is given the weights.
   */
  static ModelProto runnable(ExportedGraph exported) {
    GraphProto.Builder graph = exported.model().getGraph().toBuilder();
    for (TensorProto.Builder initializer : graph.getInitializerBuilderList()) {
      NdArray array = exported.weights().get(initializer.getName());
      if (array == null) {
        continue;
      }
      if (isInside(array)) {
        initializer.mergeFrom(
            TensorValues.proto(array).clearDims().setName(initializer.getName()).build());
      } else {
        initializer
            .setDataLocation(TensorProto.DataLocation.EXTERNAL)
            .addExternalData(entry("location", "given"))
            .addExternalData(entry("offset", "0"))
            .addExternalData(entry("length", Long.toString(array.data().byteSize())));
      }
    }
    return exported.model().toBuilder().setGraph(graph).build();
  }

  /** The weights that such a session is given. */
  static Map<String, NdArray> given(ExportedGraph exported) {
    Map<String, NdArray> given = new LinkedHashMap<>(exported.weights());
    given.values().removeIf(ImportedGraph::isInside);
    return given;
  }

  private static boolean isInside(NdArray array) {
    return array.data().byteSize() <= 1024
        || (array.type() == DType.I64 && array.elements() < 65_536);
  }

  private static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }
}
