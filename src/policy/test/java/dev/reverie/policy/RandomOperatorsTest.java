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

class RandomOperatorsTest {
  private static PolicyBundle with(NodeProto... nodes) {
    ModelProto.Builder model = TinyPolicy.graph().model().toBuilder();
    for (NodeProto node : nodes) {
      model.getGraphBuilder().addNode(node);
    }
    return PolicyBundle.of(TinyPolicy.spec(), model.build(), TinyPolicy.graph().weights());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "RandomNormal",
        "RandomNormalLike",
        "RandomUniform",
        "RandomUniformLike",
        "Bernoulli",
        "Multinomial"
      })
  void anOperatorThatDrawsIsRefusedSinceNoReplayCouldDrawItAgain(String operator) {
    Refusal.of(
        BundleException.class,
        () -> with(NodeProto.newBuilder().setName("noise").setOpType(operator).build()),
        "'noise'",
        operator,
        "draws random numbers",
        "replay");
  }

  @Test
  void dropoutIsRefusedUnlessItIsSurelyIdle() {
    NodeProto.Builder dropout =
        NodeProto.newBuilder()
            .setName("drop")
            .setOpType("Dropout")
            .addInput("joint_positions")
            .addOutput("dropped");
    assertDoesNotThrow(() -> with(dropout.build()));
    NodeProto training = dropout.addInput("").addInput("mode").build();
    Refusal.of(BundleException.class, () -> with(training), "'drop'", "training mode");
    Refusal.of(BundleException.class, () -> with(constant(1), training), "'drop'");
    assertDoesNotThrow(() -> with(constant(0), training));
  }

  @Test
  void aConstantThatLiesInAnotherFileIsRefused() {
    NodeProto inside = constant(1);
    AttributeProto outside =
        inside.getAttribute(0).toBuilder()
            .setT(
                TensorProto.newBuilder()
                    .setDataType(DType.F32.onnxCode())
                    .setDataLocation(TensorProto.DataLocation.EXTERNAL))
            .build();
    assertDoesNotThrow(() -> with(inside));
    Refusal.of(
        BundleException.class,
        () -> with(inside.toBuilder().setName("far").setAttribute(0, outside).build()),
        "node 'far' (Constant) has a constant in another file",
        "inside of the graph");
  }

  private static NodeProto constant(int value) {
    var tensor =
        TensorProto.newBuilder().setDataType(DType.BOOL.onnxCode()).addInt32Data(value).build();
    return NodeProto.newBuilder()
        .setOpType("Constant")
        .addOutput("mode")
        .addAttribute(AttributeProto.newBuilder().setName("value").setT(tensor))
        .build();
  }
}
