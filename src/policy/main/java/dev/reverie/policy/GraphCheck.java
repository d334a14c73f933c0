package dev.reverie.policy;

import dev.reverie.policy.onnx.GraphProto;
import dev.reverie.policy.onnx.ModelProto;
import dev.reverie.policy.onnx.NodeProto;
import dev.reverie.policy.onnx.StringStringEntryProto;
import dev.reverie.policy.onnx.TensorProto;
import dev.reverie.policy.onnx.TensorShapeProto;
import dev.reverie.policy.onnx.TypeProto;
import dev.reverie.policy.onnx.ValueInfoProto;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Checks graphs: that they end, and that one, its weights and its spec agree. */
public final class GraphCheck {
  /** Stands for the batch in shapes of graph inputs and outputs. */
  private static final long BATCH = -1;

  private GraphCheck() {}

  static void check(BundleSpec spec, ModelProto model, Safetensors weights) {
    GraphProto graph = model.getGraph();
    checkNodes(graph);
    checkWeights(graph, weights);
    checkFrozen(spec, weights);
    checkValues("input", graph.getInputList(), inputs(spec, names(graph)));
    checkValues("output", graph.getOutputList(), outputs(spec));
  }

  /** The graph with each initializer pointing to its bytes in the weights file. */
  static ModelProto locate(ModelProto model, Safetensors weights) {
    GraphProto.Builder graph = model.getGraph().toBuilder();
    for (TensorProto.Builder initializer : graph.getInitializerBuilderList()) {
      NdArray array = weights.arrays().get(initializer.getName());
      if (array == null) {
        throw new BundleException("no weights for '%s'".formatted(initializer.getName()));
      }
      TensorProto.Builder located =
          TensorProto.newBuilder()
              .setName(initializer.getName())
              .setDataType(initializer.getDataType())
              .addAllDims(initializer.getDimsList())
              .setDataLocation(TensorProto.DataLocation.EXTERNAL);
      located.addExternalData(entry("location", PolicyBundle.WEIGHTS));
      located.addExternalData(
          entry("offset", Long.toString(weights.offset(initializer.getName()))));
      located.addExternalData(entry("length", Long.toString(array.data().byteSize())));
      initializer.clear().mergeFrom(located.build());
    }
    return model.toBuilder().setGraph(graph).build();
  }

  private static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }

  /**
   * Checks the operators: a graph without loops and foreign code always ends.
   *
   * @throws BundleException naming the node and what to do
   */
  public static void checkNodes(GraphProto graph) {
    for (NodeProto node : graph.getNodeList()) {
      if (!node.getDomain().isEmpty() && !node.getDomain().equals("ai.onnx")) {
        throw new BundleException(
            "node '%s' (%s) is of the foreign domain '%s'; export with ONNX's own operators only"
                .formatted(node.getName(), node.getOpType(), node.getDomain()));
      }
      if (node.getAttributeList().stream().anyMatch(a -> a.hasG() || a.getGraphsCount() > 0)) {
        throw new BundleException(
            "node '%s' (%s) holds a graph of its own; export without loops and branches"
                .formatted(node.getName(), node.getOpType()));
      }
    }
  }

  private static void checkWeights(GraphProto graph, Safetensors weights) {
    Set<String> seen = new HashSet<>();
    for (TensorProto initializer : graph.getInitializerList()) {
      String name = initializer.getName();
      NdArray array = weights.arrays().get(name);
      if (array == null || !seen.add(name)) {
        throw new BundleException(
            "initializer '%s' is %s; each needs exactly one array in %s"
                .formatted(name, array == null ? "missing" : "there twice", PolicyBundle.WEIGHTS));
      }
      long[] shape = initializer.getDimsList().stream().mapToLong(Long::longValue).toArray();
      if (!Arrays.equals(shape, array.shape())
          || initializer.getDataType() != array.type().onnxCode()) {
        throw new BundleException(
            "initializer '%s' is %s%s in the graph but %s in %s; export the policy again"
                .formatted(
                    name,
                    DType.ofOnnx(initializer.getDataType()),
                    Arrays.toString(shape),
                    array,
                    PolicyBundle.WEIGHTS));
      }
      checkLocation(initializer, array, weights.offset(name));
    }
    if (seen.size() != weights.arrays().size()) {
      Set<String> unused = new HashSet<>(weights.arrays().keySet());
      unused.removeAll(seen);
      throw new BundleException(
          "%s holds %s, which the graph lacks; export the policy again"
              .formatted(PolicyBundle.WEIGHTS, unused));
    }
  }

  private static void checkLocation(TensorProto initializer, NdArray array, long offset) {
    Map<String, String> actual =
        initializer.getExternalDataList().stream()
            .collect(
                Collectors.toMap(
                    StringStringEntryProto::getKey,
                    StringStringEntryProto::getValue,
                    (first, second) -> first + ", " + second));
    Map<String, String> expected =
        Map.of(
            "location", PolicyBundle.WEIGHTS,
            "offset", Long.toString(offset),
            "length", Long.toString(array.data().byteSize()));
    if (initializer.getDataLocation() != TensorProto.DataLocation.EXTERNAL
        || !actual.equals(expected)) {
      throw new BundleException(
          "initializer '%s' lies at %s, not at %s; export the policy again"
              .formatted(initializer.getName(), actual, expected));
    }
  }

  private static void checkFrozen(BundleSpec spec, Safetensors weights) {
    for (String name : spec.frozen()) {
      if (!weights.arrays().containsKey(name)) {
        throw new BundleException(
            "frozen names '%s', which is no initializer of the graph".formatted(name));
      }
    }
  }

  /** Names of the graph's inputs. */
  static Set<String> names(GraphProto graph) {
    return graph.getInputList().stream()
        .map(ValueInfoProto::getName)
        .collect(Collectors.toUnmodifiableSet());
  }

  /**
   * The inputs of a graph.
   *
   * @param declared names of those that it has; instruction and joints it may leave out
   */
  private static Map<String, Value> inputs(BundleSpec spec, Set<String> declared) {
    Map<String, Value> inputs = new LinkedHashMap<>();
    for (BundleSpec.Camera camera : spec.cameras()) {
      inputs.put(
          "image." + camera.name(),
          new Value(DType.U8, List.of(BATCH, (long) camera.height(), (long) camera.width(), 3L)));
    }
    if (declared.contains(PolicyBundle.INSTRUCTION)) {
      inputs.put(
          PolicyBundle.INSTRUCTION,
          new Value(DType.I64, List.of(BATCH, (long) spec.vocabulary().length())));
    }
    if (declared.contains(PolicyBundle.JOINTS)) {
      inputs.put(
          PolicyBundle.JOINTS,
          new Value(DType.F32, List.of(BATCH, (long) spec.jointNames().size())));
    }
    if (spec.head() instanceof DenoisingSpec) {
      List<Long> chunk =
          List.of(BATCH, (long) spec.chunk().horizon(), (long) spec.actionSpace().dimensions());
      inputs.put(DenoisingSpec.CHUNK, new Value(DType.F32, chunk));
      inputs.put(DenoisingSpec.TIME, new Value(DType.F32, List.of(BATCH)));
    }
    return inputs;
  }

  private static Map<String, Value> outputs(BundleSpec spec) {
    Map<String, Value> outputs = new LinkedHashMap<>();
    spec.head()
        .outputs(spec.chunk().horizon(), spec.actionSpace().dimensions())
        .forEach(
            (name, shape) -> {
              List<Long> lengths = new ArrayList<>(List.of(BATCH));
              lengths.addAll(shape);
              outputs.put(name, new Value(DType.F32, lengths));
            });
    return outputs;
  }

  private record Value(DType type, List<Long> shape) {
    static Value of(ValueInfoProto info) {
      TypeProto.Tensor tensor = info.getType().getTensorType();
      List<Long> shape = new ArrayList<>();
      for (TensorShapeProto.Dimension dimension : tensor.getShape().getDimList()) {
        shape.add(dimension.hasDimValue() ? dimension.getDimValue() : BATCH);
      }
      return new Value(DType.ofOnnx(tensor.getElemType()), shape);
    }

    @Override
    public String toString() {
      return type + shape.toString().replace("-1", "batch");
    }
  }

  private static void checkValues(
      String what, List<ValueInfoProto> declared, Map<String, Value> expected) {
    Map<String, Value> actual = new LinkedHashMap<>();
    declared.forEach(info -> actual.put(info.getName(), Value.of(info)));
    if (!actual.equals(expected)) {
      throw new BundleException(
          "the graph's %ss are %s, but bundle.json asks for %s; export graph and spec together"
              .formatted(what, actual, expected));
    }
  }
}
