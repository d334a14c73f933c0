package dev.reverie.policy;

import com.google.protobuf.ByteString;
import dev.reverie.policy.onnx.AttributeProto;
import dev.reverie.policy.onnx.GraphProto;
import dev.reverie.policy.onnx.ModelProto;
import dev.reverie.policy.onnx.NodeProto;
import dev.reverie.policy.onnx.OperatorSetIdProto;
import dev.reverie.policy.onnx.TensorProto;
import dev.reverie.policy.onnx.TensorShapeProto;
import dev.reverie.policy.onnx.TypeProto;
import dev.reverie.policy.onnx.ValueInfoProto;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Writes an ONNX graph node by node; every method that adds a value returns its name. */
public final class GraphBuilder {
  /** The length that stands for the batch in shapes, and behind it for any other free length. */
  public static final long BATCH = -1;

  private static final int OPSET = 20;
  private static final int IR_VERSION = 9; // the one that opset 20 was released with

  private final GraphProto.Builder graph;
  private final Map<String, NdArray> weights = new LinkedHashMap<>();
  private int values;

  /** Begins an empty graph. */
  public GraphBuilder(String name) {
    graph = GraphProto.newBuilder().setName(name);
  }

  /** Adds an input of the graph. */
  public String input(String name, DType type, long... shape) {
    graph.addInput(value(name, type, shape));
    return name;
  }

  /** Gives a computed value its public name. */
  public void output(String value, String name, DType type, long... shape) {
    graph.addNode(
        NodeProto.newBuilder()
            .setOpType("Identity")
            .setName("output_" + name)
            .addInput(value)
            .addOutput(name));
    graph.addOutput(value(name, type, shape));
  }

  /** Adds an initializer: a weight or a statistic, whose bytes are kept beside the graph. */
  public String weight(String name, NdArray array) {
    if (weights.putIfAbsent(name, array) != null) {
      throw new IllegalArgumentException("there are two weights '%s'".formatted(name));
    }
    TensorProto.Builder proto =
        TensorProto.newBuilder().setName(name).setDataType(array.type().onnxCode());
    for (long length : array.shape()) {
      proto.addDims(length);
    }
    graph.addInitializer(proto);
    return name;
  }

  /** Adds a constant inside the graph, which training never changes. */
  public String constant(NdArray array) {
    AttributeProto value =
        AttributeProto.newBuilder()
            .setName("value")
            .setType(AttributeProto.AttributeType.TENSOR)
            .setT(TensorValues.proto(array))
            .build();
    return add("Constant", List.of(), List.of(value), 1).getFirst();
  }

  /** Adds a constant of one number. */
  public String scalar(float value) {
    return constant(NdArray.of(new float[] {value}));
  }

  /** Adds a constant list of integers, such as axes or a shape. */
  public String integers(long... values) {
    return constant(NdArray.of(values, values.length));
  }

  /** Adds a node with one output and no attributes. */
  public String node(String type, String... inputs) {
    return node(type, Map.of(), inputs);
  }

  /**
   * Adds a node with one output.
   *
   * @param attributes each a {@code Long}, {@code long[]}, {@code Float} or {@code String}
   */
  public String node(String type, Map<String, Object> attributes, String... inputs) {
    return nodes(type, attributes, 1, inputs).getFirst();
  }

  /** Adds a node with several outputs. */
  public List<String> nodes(
      String type, Map<String, Object> attributes, int outputs, String... inputs) {
    List<AttributeProto> protos =
        new TreeMap<>(attributes)
            .entrySet().stream().map(e -> attribute(e.getKey(), e.getValue())).toList();
    return add(type, List.of(inputs), protos, outputs);
  }

  /** The graph; its initializers hold no data. */
  public ModelProto model() {
    return ModelProto.newBuilder()
        .setIrVersion(IR_VERSION)
        .setProducerName("reverie")
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(OPSET))
        .setGraph(graph)
        .build();
  }

  /** The values of the initializers by name. */
  public Map<String, NdArray> weights() {
    return Collections.unmodifiableMap(weights);
  }

  private List<String> add(
      String type, List<String> inputs, List<AttributeProto> attributes, int outputs) {
    int number = values++;
    List<String> names =
        IntStream.range(0, outputs)
            .mapToObj(
                i ->
                    "%s_%d%s"
                        .formatted(type.toLowerCase(Locale.ROOT), number, i == 0 ? "" : "_" + i))
            .toList();
    graph.addNode(
        NodeProto.newBuilder()
            .setOpType(type)
            .setName(names.getFirst())
            .addAllInput(inputs)
            .addAllOutput(names)
            .addAllAttribute(attributes));
    return names;
  }

  private static AttributeProto attribute(String name, Object value) {
    AttributeProto.Builder proto = AttributeProto.newBuilder().setName(name);
    switch (value) {
      case Long number -> proto.setType(AttributeProto.AttributeType.INT).setI(number);
      case Float number -> proto.setType(AttributeProto.AttributeType.FLOAT).setF(number);
      case String text ->
          proto.setType(AttributeProto.AttributeType.STRING).setS(ByteString.copyFromUtf8(text));
      case long[] numbers -> {
        proto.setType(AttributeProto.AttributeType.INTS);
        for (long number : numbers) {
          proto.addInts(number);
        }
      }
      default ->
          throw new IllegalArgumentException(
              "attribute '%s' is a %s; give Long, long[], Float or String"
                  .formatted(name, value.getClass().getSimpleName()));
    }
    return proto.build();
  }

  private static ValueInfoProto value(String name, DType type, long... shape) {
    TensorShapeProto.Builder dimensions = TensorShapeProto.newBuilder();
    int axis = 0;
    for (long length : shape) {
      TensorShapeProto.Dimension.Builder dimension = TensorShapeProto.Dimension.newBuilder();
      dimensions.addDim(
          length == BATCH
              ? dimension.setDimParam(axis == 0 ? "batch" : name + "." + axis)
              : dimension.setDimValue(length));
      axis++;
    }
    TypeProto.Tensor.Builder tensor =
        TypeProto.Tensor.newBuilder().setElemType(type.onnxCode()).setShape(dimensions);
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(tensor))
        .build();
  }
}
