package dev.reverie.policy;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;

import dev.reverie.policy.onnx.AttributeProto;
import dev.reverie.policy.onnx.ModelProto;
import dev.reverie.policy.onnx.NodeProto;
import dev.reverie.policy.onnx.TensorProto;
import dev.reverie.testing.Refusal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A division of integers by what the policy sees could end the process of the robot node. */
class IntegerDivisionTest {
  private static PolicyBundle with(NodeProto... nodes) {
    ModelProto.Builder model = TinyPolicy.graph().model().toBuilder();
    for (NodeProto node : nodes) {
      model.getGraphBuilder().addNode(node);
    }
    return PolicyBundle.of(TinyPolicy.spec(), model.build(), TinyPolicy.graph().weights());
  }

  private static NodeProto node(String type, String output, String... inputs) {
    NodeProto.Builder node =
        NodeProto.newBuilder().setName(output).setOpType(type).addOutput(output);
    for (String input : inputs) {
      node.addInput(input);
    }
    return node.build();
  }

  /** The joint positions as whole numbers. */
  private static NodeProto whole() {
    var to =
        AttributeProto.newBuilder()
            .setName("to")
            .setType(AttributeProto.AttributeType.INT)
            .setI(TensorProto.DataType.INT64_VALUE);
    return node("Cast", "whole", "joint_positions").toBuilder().addAttribute(to).build();
  }

  private static NodeProto constant(String name, long value) {
    var tensor =
        TensorProto.newBuilder()
            .setDataType(TensorProto.DataType.INT64_VALUE)
            .addDims(1)
            .addInt64Data(value);
    return node("Constant", name).toBuilder()
        .addAttribute(
            AttributeProto.newBuilder()
                .setName("value")
                .setType(AttributeProto.AttributeType.TENSOR)
                .setT(tensor))
        .build();
  }

  @ParameterizedTest
  @ValueSource(strings = {"Div", "Mod"})
  void aDivisorThatThePolicySeesIsRefusedInWhateverOrderTheNodesStand(String operator) {
    NodeProto divides = node(operator, "share", "least", "whole");
    for (NodeProto[] nodes :
        new NodeProto[][] {
          {constant("least", Long.MIN_VALUE), whole(), divides},
          {divides, whole(), constant("least", Long.MIN_VALUE)}
        }) {
      Refusal.of(
          BundleException.class,
          () -> with(nodes),
          "node 'share' (" + operator + ")",
          "by 'whole'",
          "what the policy sees",
          "clamp(min=1)");
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1})
  void aConstantThatNothingMayBeDividedByIsRefused(long value) {
    Refusal.of(
        BundleException.class,
        () -> with(whole(), constant("by", value), node("Div", "share", "whole", "by")),
        "node 'share' (Div) divides integers by " + value,
        "export without it");
  }

  @Test
  void otherConstantsShapesGuardedDivisorsAndFractionsMayDivide() {
    assertDoesNotThrow(
        () -> with(whole(), constant("two", 2), node("Div", "half", "whole", "two")));
    assertDoesNotThrow(
        () ->
            with(
                whole(),
                node("Shape", "lengths", "whole"),
                node("Div", "share", "whole", "lengths")));
    assertDoesNotThrow(
        () ->
            with(
                whole(),
                constant("one", 1),
                node("Max", "guarded", "whole", "one"),
                node("Identity", "same", "guarded"),
                node("Div", "share", "whole", "same")));
    assertDoesNotThrow(() -> with(node("Div", "share", "joint_positions", "joint_positions")));
  }
}
