package dev.reverie.policy;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.policy.onnx.GraphProto;
import dev.reverie.policy.onnx.ModelProto;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Graphs that ONNX Runtime refuses, or fails at, are told with node and remedy, not in its words.
 */
class OnnxWordsTest {
  private static final Map<String, NdArray> INPUT = Map.of("x", NdArray.of(new float[8], 2, 4));
  private static final Pattern SOURCES =
      Pattern.compile("\\.cc|\\.h:|onnxruntime::|Error code|Non-zero status|tensor\\(");

  private interface Network {
    String add(GraphBuilder graph, String x);
  }

  /** A graph from x, [batch, 4], to y. */
  private static ModelProto model(Network network) {
    var graph = new GraphBuilder("g");
    String x = graph.input("x", DType.F32, GraphBuilder.BATCH, 4);
    graph.output(network.add(graph, x), "y", DType.F32, GraphBuilder.BATCH, 4);
    return graph.model();
  }

  private static ModelProto changed(Network network, Consumer<ModelProto.Builder> change) {
    ModelProto.Builder model = model(network).toBuilder();
    change.accept(model);
    return model.build();
  }

  private static void refused(ModelProto model, Map<String, NdArray> inputs, String... parts) {
    var refusal =
        assertThrows(
            RuntimeException.class,
            () -> {
              try (OnnxSession session =
                  OnnxSession.open("the graph", model, Map.of(), OnnxOptions.cpu(1))) {
                session.run(inputs);
              }
            });
    String message = String.valueOf(refusal.getMessage());
    for (String part : parts) {
      assertTrue(message.contains(part), message);
    }
    assertTrue(message.contains("ONNX Runtime") && message.contains("; "), message);
    assertFalse(SOURCES.matcher(message).find(), message);
  }

  private static void refused(Network network, String... parts) {
    refused(model(network), INPUT, parts);
  }

  @Test
  void graphsThatItDoesNotTakeAreToldWithNodeAndRemedy() {
    Network relu = (graph, x) -> graph.node("Relu", x);
    assertAll(
        () ->
            refused(
                changed(relu, model -> model.getGraphBuilder().getOutputBuilder(0).setName("z")),
                INPUT,
                "nothing in it computes its output 'z'"),
        () ->
            refused(
                changed(relu, ModelProto.Builder::clearIrVersion),
                INPUT,
                "the file does not say of which version of ONNX it is; copy it again"),
        () ->
            refused(
                (graph, x) -> graph.node("Rlu", x),
                "the graph cannot be run by ONNX Runtime, which runs policies on the robot: it"
                    + " lacks the operator 'Rlu' in opset 20; export the policy with opset 20"),
        () ->
            refused(
                (graph, x) -> graph.node("Not", x),
                "values of type float, such as 'x', are none for the operator 'Not' at the node"
                    + " 'not_0'",
                "onnx.checker.check_model"),
        () ->
            refused(
                (graph, x) -> graph.node("Add", x, graph.integers(1, 2, 3, 4)),
                "the operator 'Add' gets values of type float and of type int64 at the node"
                    + " 'add_1'"),
        () ->
            refused(
                (graph, x) -> graph.node("Cast", Map.of("to", 7L), x),
                "the graph says that values have type float where 'y' of the node 'output_y' has"
                    + " int64"),
        () ->
            refused(
                (graph, x) -> graph.node("Relu", "nowhere"),
                "it uses 'nowhere', which nothing before it computes"),
        () ->
            refused(
                (graph, x) -> graph.node("Relu", Map.of("axis", 1L), x),
                "its node 'relu_0' (Relu) has an attribute 'axis', which this operator lacks"),
        () ->
            refused(
                (graph, x) -> graph.node("Concat", x, x),
                "its node 'concat_0' (Concat) lacks the attribute 'axis'"),
        () ->
            refused(
                (graph, x) -> graph.node("Relu", x, x),
                "its node 'relu_0' (Relu) has 2 inputs, where 1 to 1 can be"),
        () ->
            refused(
                (graph, x) -> {
                  String whole = graph.node("Cast", Map.of("to", 7L), x);
                  String rest = graph.node("Mod", whole, graph.integers(0));
                  return graph.node("Cast", Map.of("to", 1L), rest);
                },
                "it says of it: Integer modulo by zero"),
        () ->
            refused(
                (graph, x) -> graph.node("Softmax", Map.of("axis", 9L), x),
                "the inputs of its node 'softmax_0' (Softmax) do not go together ('axis' must be in"
                    + " [-2 , 1]"));
  }

  @Test
  void filesThatItDoesNotTakeAreToldWithWhatItKnows() {
    Network twice = (graph, x) -> graph.node("Relu", graph.node("Tanh", x));
    assertAll(
        () ->
            refused(
                changed(twice, model -> model.getOpsetImportBuilder(0).setVersion(99)),
                INPUT,
                "the graph is of opset 99, and it knows those up to "),
        () ->
            refused(
                changed(twice, model -> model.setIrVersion(99)),
                INPUT,
                "the file is of version 99 of ONNX's format, and it knows those up to "),
        () ->
            refused(
                changed(
                    twice,
                    model -> {
                      GraphProto.Builder graph = model.getGraphBuilder();
                      graph.getNodeBuilder(0).setInput(0, graph.getNode(1).getOutput(0));
                    }),
                INPUT,
                "its nodes go round in a circle"),
        () ->
            refused(
                changed(
                    twice,
                    model -> {
                      GraphProto.Builder graph = model.getGraphBuilder();
                      graph.getNodeBuilder(1).setOutput(0, graph.getNode(0).getOutput(0));
                    }),
                INPUT,
                "two of its nodes give 'tanh_0'"));
  }

  @Test
  void whatFailsWhileItRunsIsToldWithItsNode() {
    assertAll(
        () ->
            refused(
                (graph, x) -> graph.node("MatMul", x, x),
                "ONNX Runtime cannot run the graph: its operator 'MatMul' fails at the node"
                    + " 'matmul_0' (MatMul dimension mismatch); look at the node"),
        () ->
            refused(
                (graph, x) -> graph.node("Reshape", x, graph.integers(3, 7)),
                "its operator 'Reshape' fails at the node 'reshape_1' (The input tensor cannot be"
                    + " reshaped to the requested shape. Input shape:{2,4}, requested"
                    + " shape:{3,7})"),
        () ->
            refused(
                (graph, x) -> {
                  String zeros = graph.node("Cast", Map.of("to", 7L), x);
                  return graph.node("Cast", Map.of("to", 1L), graph.node("Div", zeros, zeros));
                },
                "its operator 'Div' divides by zero at the node 'div_1'"),
        () ->
            refused(
                (graph, x) -> graph.node("Expand", x, graph.integers(1L << 20, 1L << 22, 2, 4)),
                "there is no room in memory for 140737488355328 bytes; use a smaller policy"));
  }

  @Test
  void inputsThatAreNotTheGraphsAreToldWithWhatItAsksFor() {
    ModelProto model = model((graph, x) -> graph.node("Relu", x));
    assertAll(
        () ->
            refused(
                model,
                Map.of("x", NdArray.of(new float[8], 8)),
                "its input 'x' was given 1 axes in the place of 2"),
        () ->
            refused(
                model,
                Map.of("x", NdArray.of(new float[8], 1, 8)),
                "its input 'x' was given 8 values along its axis 1 in the place of 4"),
        () ->
            refused(
                model,
                Map.of("x", NdArray.of(new long[8], 2, 4)),
                "values of type int64 in the place of float"),
        () ->
            refused(
                model, Map.of("z", NdArray.of(new float[8], 2, 4)), "it has no input 'z', but [x]"),
        () -> refused(model, Map.of(), "0 inputs were given in the place of 1"));
  }
}
