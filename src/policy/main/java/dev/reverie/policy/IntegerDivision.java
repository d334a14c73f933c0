package dev.reverie.policy;

import dev.reverie.policy.onnx.AttributeProto;
import dev.reverie.policy.onnx.GraphProto;
import dev.reverie.policy.onnx.NodeProto;
import dev.reverie.policy.onnx.TensorProto;
import dev.reverie.policy.onnx.ValueInfoProto;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Refuses divisions of integers by what a policy sees. A processor answers a division by 0, and of
 * the least integer by -1, with a signal that ends the process, whatever ONNX Runtime and Java do
 * about it. A divisor that no input decides on is the same at each inference, so that the process
 * in which a bundle is tried finds out; one that an input decides on may be harmless until the arm
 * moves.
 */
final class IntegerDivision {
  private static final Set<String> DIVIDING = Set.of("Div", "Mod");

  /** Operators whose result does not depend on the values that they are given. */
  private static final Set<String> OF_SHAPES = Set.of("Shape", "Size");

  /** They give the values that they are given. */
  private static final Set<String> KEEPING =
      Set.of("Identity", "Reshape", "Unsqueeze", "Squeeze", "Expand", "Transpose", "Flatten");

  private static final Set<String> COUNTING =
      Set.of("Shape", "Size", "ArgMax", "ArgMin", "NonZero");

  private static final Set<String> COMPARING =
      Set.of(
          "Equal",
          "Greater",
          "GreaterOrEqual",
          "Less",
          "LessOrEqual",
          "And",
          "Or",
          "Xor",
          "Not",
          "IsNaN",
          "IsInf");

  private static final Set<Integer> INTEGERS =
      Set.of(
          TensorProto.DataType.UINT8_VALUE,
          TensorProto.DataType.INT8_VALUE,
          TensorProto.DataType.UINT16_VALUE,
          TensorProto.DataType.INT16_VALUE,
          TensorProto.DataType.INT32_VALUE,
          TensorProto.DataType.INT64_VALUE,
          TensorProto.DataType.UINT32_VALUE,
          TensorProto.DataType.UINT64_VALUE);

  private static final int UNKNOWN = TensorProto.DataType.UNDEFINED_VALUE;

  private final GraphProto graph;
  private final Map<String, double[]> constants = new HashMap<>();
  private final Map<String, Integer> types = new HashMap<>(); // of values, as far as they are known
  private final Set<String> seen = new HashSet<>(); // values that an input decides on
  private final Set<String> positive = new HashSet<>(); // of these, those that are 1 at least

  private IntegerDivision(GraphProto graph) {
    this.graph = graph;
  }

  /**
   * Looks at all nodes of a graph.
   *
   * @param weights of its initializers
   * @throws BundleException naming the node and what to do
   */
  static void refuse(GraphProto graph, Safetensors weights) {
    List<NodeProto> dividing =
        graph.getNodeList().stream()
            .filter(node -> DIVIDING.contains(node.getOpType()) && node.getInputCount() == 2)
            .toList();
    if (dividing.isEmpty()) {
      return;
    }
    var division = new IntegerDivision(graph);
    division.begin(weights);
    while (division.follow()) {
      // nodes may stand in any order
    }
    dividing.forEach(division::require);
  }

  private void begin(Safetensors weights) {
    for (ValueInfoProto input : graph.getInputList()) {
      types.put(input.getName(), input.getType().getTensorType().getElemType());
      seen.add(input.getName());
    }
    for (TensorProto initializer : graph.getInitializerList()) {
      String name = initializer.getName();
      types.put(name, initializer.getDataType());
      if (INTEGERS.contains(initializer.getDataType())) {
        NdArray array = weights.arrays().get(name);
        constants.put(name, (array == null ? TensorValues.array(initializer) : array).toDoubles());
      }
    }
    for (NodeProto node : graph.getNodeList()) {
      if (node.getOpType().equals("Constant") && node.getOutputCount() == 1) {
        value(node).ifPresent(values -> constants.put(node.getOutput(0), values));
      }
    }
  }

  private static Optional<double[]> value(NodeProto constant) {
    for (AttributeProto attribute : constant.getAttributeList()) {
      switch (attribute.getName()) {
        case "value" -> {
          return INTEGERS.contains(attribute.getT().getDataType())
              ? Optional.of(TensorValues.array(attribute.getT()).toDoubles())
              : Optional.empty();
        }
        case "value_int" -> {
          return Optional.of(new double[] {attribute.getI()});
        }
        case "value_ints" -> {
          return Optional.of(
              attribute.getIntsList().stream().mapToDouble(Long::doubleValue).toArray());
        }
        default -> {}
      }
    }
    return Optional.empty();
  }

  /** Goes through the nodes once; returns whether anything new was found. */
  private boolean follow() {
    int before = types.size() + seen.size() + positive.size();
    for (NodeProto node : graph.getNodeList()) {
      String operator = node.getOpType();
      boolean decided =
          !OF_SHAPES.contains(operator) && node.getInputList().stream().anyMatch(seen::contains);
      for (int i = 0; i < node.getOutputCount(); i++) {
        String output = node.getOutput(i);
        if (decided) {
          seen.add(output);
        }
        int type = type(node, i);
        if (type != UNKNOWN) {
          types.putIfAbsent(output, type);
        }
      }
      if (isPositive(node)) {
        positive.addAll(node.getOutputList());
      }
    }
    return types.size() + seen.size() + positive.size() > before;
  }

  /** Returns whether a node gives 1 at least, whatever it is given. */
  private boolean isPositive(NodeProto node) {
    return switch (node.getOpType()) {
      case "Max" -> node.getInputList().stream().anyMatch(this::isPositive);
      case "Clip" -> node.getInputCount() > 1 && isPositive(node.getInput(1));
      default ->
          KEEPING.contains(node.getOpType())
              && node.getInputCount() > 0
              && isPositive(node.getInput(0));
    };
  }

  private boolean isPositive(String value) {
    double[] constant = constants.get(value);
    return positive.contains(value)
        || (constant != null && Arrays.stream(constant).allMatch(each -> each >= 1));
  }

  /** Type of what a node gives. */
  private int type(NodeProto node, int output) {
    String operator = node.getOpType();
    if (COUNTING.contains(operator)) {
      return TensorProto.DataType.INT64_VALUE;
    }
    if (COMPARING.contains(operator)) {
      return TensorProto.DataType.BOOL_VALUE;
    }
    return switch (operator) {
      case "Cast" -> (int) attribute(node, "to").map(AttributeProto::getI).orElse(0L).longValue();
      case "Constant" -> constantType(node);
      case "ConstantOfShape" ->
          attribute(node, "value")
              .map(value -> value.getT().getDataType())
              .orElse(TensorProto.DataType.FLOAT_VALUE);
      case "CastLike", "Where" -> type(node.getInputList(), 1);
      case "OneHot" -> type(node.getInputList(), 2);
      case "MatMulInteger", "ConvInteger" -> TensorProto.DataType.INT32_VALUE;
      case "DequantizeLinear" -> TensorProto.DataType.FLOAT_VALUE;
      case "TopK", "Unique" ->
          output == 0 ? type(node.getInputList(), 0) : TensorProto.DataType.INT64_VALUE;
      default -> type(node.getInputList(), 0);
    };
  }

  private int type(List<String> inputs, int i) {
    return i < inputs.size() ? types.getOrDefault(inputs.get(i), UNKNOWN) : UNKNOWN;
  }

  private static int constantType(NodeProto node) {
    return attribute(node, "value")
        .map(value -> value.getT().getDataType())
        .orElseGet(
            () ->
                attribute(node, "value_int").or(() -> attribute(node, "value_ints")).isPresent()
                    ? TensorProto.DataType.INT64_VALUE
                    : TensorProto.DataType.FLOAT_VALUE);
  }

  private static Optional<AttributeProto> attribute(NodeProto node, String name) {
    return node.getAttributeList().stream().filter(one -> one.getName().equals(name)).findFirst();
  }

  private void require(NodeProto node) {
    String divisor = node.getInput(1);
    boolean integers =
        INTEGERS.contains(type(node.getInputList(), 0))
            || INTEGERS.contains(type(node.getInputList(), 1));
    if (!integers) {
      return;
    }
    double[] values = constants.get(divisor);
    if (values != null && Arrays.stream(values).anyMatch(value -> value == 0 || value == -1)) {
      throw new BundleException(
          "node '%s' (%s) divides integers by %s, which may end the process that runs it; export without it: dividing by -1 is Neg, or divide floating-point numbers"
              .formatted(
                  node.getName(),
                  node.getOpType(),
                  Arrays.stream(values).anyMatch(value -> value == 0) ? "0" : "-1"));
    }
    if (seen.contains(divisor) && !positive.contains(divisor)) {
      throw new BundleException(
          "node '%s' (%s) divides integers by '%s', which comes from what the policy sees: where that is 0 or -1 the process that runs it may end; export with a divisor of 1 at least (clamp(min=1), which is Clip or Max), or divide floating-point numbers"
              .formatted(node.getName(), node.getOpType(), divisor));
    }
  }
}
