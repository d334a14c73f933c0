package dev.reverie.policy;

import dev.reverie.policy.onnx.AttributeProto;
import dev.reverie.policy.onnx.GraphProto;
import dev.reverie.policy.onnx.ModelProto;
import dev.reverie.policy.onnx.NodeProto;
import dev.reverie.policy.onnx.StringStringEntryProto;
import dev.reverie.policy.onnx.TensorProto;
import dev.reverie.policy.onnx.TensorProtoOrBuilder;
import dev.reverie.policy.onnx.ValueInfoProto;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Checks graphs: that they end, and that one, its weights and its spec agree. */
public final class GraphCheck {
  /** Bytes of a constant that a graph may hold itself. */
  private static final long INSIDE_BYTES = 1024;

  private GraphCheck() {}

  static void check(
      BundleSpec spec, List<InputSpec> inputs, ModelProto model, Safetensors weights) {
    GraphProto graph = model.getGraph();
    checkNodes(graph);
    RandomOperators.refuse(graph);
    checkWeights(spec, graph, weights);
    IntegerDivision.refuse(graph, weights);
    spec.parameters().requireSome(weights.arrays().keySet());
    checkValues("input", graph.getInputList(), GraphValues.inputs(spec, inputs));
    checkValues("output", told(spec.head().carried(), graph), GraphValues.outputs(spec));
    requireOneBatch(graph);
  }

  /** Outputs without those that go in again at the next run, which have to be there. */
  private static List<ValueInfoProto> told(Map<String, String> carried, GraphProto graph) {
    List<ValueInfoProto> told = new ArrayList<>(graph.getOutputList());
    carried.forEach(
        (in, out) -> {
          if (!told.removeIf(value -> value.getName().equals(out))) {
            throw new BundleException(
                "head.cache.values has '%s' for '%s', which %s does not give; its outputs are %s"
                    .formatted(
                        out,
                        in,
                        GraphSpec.STEP,
                        graph.getOutputList().stream().map(ValueInfoProto::getName).toList()));
          }
        });
    return told;
  }

  /** The graph with each initializer pointing to its bytes in the weights file. */
  static ModelProto locate(ModelProto model, Safetensors weights) {
    GraphProto.Builder graph = model.getGraph().toBuilder();
    for (TensorProto.Builder initializer : graph.getInitializerBuilderList()) {
      if (isInside(initializer)) {
        continue;
      }
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
      if (node.getAttributeList().stream().anyMatch(GraphCheck::liesOutside)) {
        throw new BundleException(
            "node '%s' (%s) has a constant in another file; export it with constants inside of the graph"
                .formatted(node.getName(), node.getOpType()));
      }
      if (node.getAttributeList().stream().anyMatch(a -> a.hasG() || a.getGraphsCount() > 0)) {
        throw new BundleException(
            "node '%s' (%s) holds a graph of its own; export without loops and branches"
                .formatted(node.getName(), node.getOpType()));
      }
    }
  }

  private static boolean liesOutside(AttributeProto attribute) {
    return Stream.concat(Stream.of(attribute.getT()), attribute.getTensorsList().stream())
        .anyMatch(tensor -> tensor.getDataLocation() == TensorProto.DataLocation.EXTERNAL);
  }

  /** Returns whether an initializer is a constant whose bytes the graph itself holds. */
  static boolean isInside(TensorProtoOrBuilder initializer) {
    return initializer.getDataLocation() == TensorProto.DataLocation.DEFAULT
        && (!initializer.getRawData().isEmpty()
            || initializer.getFloatDataCount()
                    + initializer.getInt32DataCount()
                    + initializer.getInt64DataCount()
                    + initializer.getDoubleDataCount()
                > 0);
  }

  private static void checkWeights(BundleSpec spec, GraphProto graph, Safetensors weights) {
    Set<String> seen = new HashSet<>(normalising(spec));
    Set<String> twice = new HashSet<>();
    for (TensorProto initializer : graph.getInitializerList()) {
      String name = initializer.getName();
      NdArray array = weights.arrays().get(name);
      if (spec.format() > 1 && array == null && isInside(initializer)) {
        requireSmall(initializer);
        continue;
      }
      if (array == null || !twice.add(name)) {
        throw new BundleException(
            "initializer '%s' is %s; each needs exactly one array in %s"
                .formatted(name, array == null ? "missing" : "there twice", PolicyBundle.WEIGHTS));
      }
      seen.add(name);
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
    Set<String> unused = new TreeSet<>(weights.arrays().keySet());
    unused.removeAll(seen);
    if (!unused.isEmpty()) {
      throw new BundleException(
          "%s holds %s, which the graph lacks; export the policy again"
              .formatted(PolicyBundle.WEIGHTS, unused));
    }
  }

  private static void requireSmall(TensorProto initializer) {
    long elements = 1;
    for (long length : initializer.getDimsList()) {
      elements = Math.multiplyExact(elements, length);
    }
    if (elements * DType.ofOnnx(initializer.getDataType()).bytes() > INSIDE_BYTES) {
      throw new BundleException(
          "initializer '%s' of %d values lies in the graph, where only constants of %d bytes may; write it into %s"
              .formatted(initializer.getName(), elements, INSIDE_BYTES, PolicyBundle.WEIGHTS));
    }
  }

  /** Names of the tensors that normalise. */
  static Set<String> normalising(BundleSpec spec) {
    Set<String> names = new HashSet<>(spec.graph().actions().normalise().tensors());
    for (InputSpec input : spec.graph().inputs()) {
      switch (input) {
        case InputSpec.Camera camera -> names.addAll(camera.normalise().tensors());
        case InputSpec.Joints joints -> names.addAll(joints.normalise().tensors());
        default -> {}
      }
    }
    return names;
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

  /** Names of the graph's inputs. */
  static Set<String> names(GraphProto graph) {
    return graph.getInputList().stream()
        .map(ValueInfoProto::getName)
        .collect(Collectors.toUnmodifiableSet());
  }

  /** Returns whether the graph takes one observation at a time. */
  static boolean isOneByOne(GraphProto graph) {
    return graph.getInputList().stream().anyMatch(input -> !GraphValues.of(input).isBatched());
  }

  /** Refuses a graph some of whose values are of one observation, and others of any number. */
  private static void requireOneBatch(GraphProto graph) {
    List<ValueInfoProto> values = new ArrayList<>(graph.getInputList());
    values.addAll(graph.getOutputList());
    Set<Boolean> batched = new HashSet<>();
    values.forEach(value -> batched.add(GraphValues.of(value).isBatched()));
    if (batched.size() > 1) {
      throw new BundleException(
          "some of the graph's inputs and outputs have a batch of 1 and some any: %s; export it with one or the other for all"
              .formatted(values.stream().map(GraphValues::told).toList()));
    }
  }

  private static void checkValues(
      String what, List<ValueInfoProto> declared, Map<String, GraphValues.Wanted> expected) {
    Map<String, GraphValues.Value> actual = new LinkedHashMap<>();
    declared.forEach(info -> actual.put(info.getName(), GraphValues.of(info)));
    expected.forEach(
        (name, wanted) -> {
          GraphValues.Value value = actual.get(name);
          if (value == null) {
            throw new BundleException(
                "the graph has no %s '%s', which bundle.json asks for; it has %s; export graph and spec together"
                    .formatted(what, name, actual));
          }
          if (!wanted.takes(value)) {
            throw new BundleException(
                "the graph's %s '%s' is %s, but bundle.json asks for %s; %s"
                    .formatted(what, name, value, wanted, remedy(value)));
          }
        });
    actual.keySet().removeAll(expected.keySet());
    if (!actual.isEmpty()) {
      throw new BundleException(
          "bundle.json does not say what the graph's %ss %s are; it has %s; export graph and spec together"
              .formatted(what, actual, expected.keySet()));
    }
  }

  private static String remedy(GraphValues.Value value) {
    return value.type() == DType.BF16
        ? "bfloat16 stays inside of the graph: export it with a cast from or to float32 there"
        : "export graph and spec together";
  }
}
