package dev.reverie.trainer.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.reverie.policy.BundleException;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.policy.onnx.AttributeProto;
import dev.reverie.policy.onnx.GraphProto;
import dev.reverie.policy.onnx.ModelProto;
import dev.reverie.policy.onnx.NodeProto;
import dev.reverie.testing.Refusal;
import dev.reverie.trainer.data.Examples;
import dev.reverie.trainer.nn.LibtorchTest;
import dev.reverie.trainer.nn.TrainerException;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Policies that cannot be trained are refused before anything is. */
class TryOutTest extends LibtorchTest {
  /** The policy with its logits as they were and something made of them. */
  private static PolicyBundle with(UnaryOperator<NodeProto.Builder> last) {
    PolicyBundle base = Examples.policy();
    GraphProto.Builder graph = base.graph().getGraph().toBuilder();
    int end = graph.getNodeCount() - 1; // gives the logits their name
    NodeProto output = graph.getNode(end);
    NodeProto.Builder node =
        NodeProto.newBuilder().setName("last").addInput(output.getInput(0)).addOutput("last");
    graph.setNode(end, last.apply(node)).addNode(output.toBuilder().setInput(0, "last"));
    ModelProto model = base.graph().toBuilder().setGraph(graph).build();
    return PolicyBundle.of(base.spec(), model, base.weights());
  }

  @ParameterizedTest
  @ValueSource(strings = {"tokens", "regression", "gaussian", "flow", "diffusion"})
  void aPolicyOfEachHeadIsTriedWithoutAnEffect(String kind) throws Exception {
    PolicyBundle bundle = PyTorchHeadTest.bundle(kind);
    try (TrainablePolicy policy = new TrainablePolicy(bundle)) {
      policy.tryOut();
      policy
          .parameters()
          .trained()
          .forEach((name, weight) -> assertFalse(weight.grad().defined(), name));
      assertEquals(bundle.id(), policy.bundle().id());
    }
  }

  @Test
  void randomNumbersInTheGraphAreRefusedBeforeThatAlready() {
    Refusal.of(
        BundleException.class,
        () -> with(node -> node.setOpType("RandomNormalLike")),
        "node 'last' (RandomNormalLike) draws random numbers");
  }

  @Test
  void aGraphThatLetsNoGradientThroughIsRefusedWithItsNode() {
    PolicyBundle quantised =
        with(
            node ->
                node.setOpType("Cast")
                    .addAttribute(
                        AttributeProto.newBuilder()
                            .setName("to")
                            .setType(AttributeProto.AttributeType.INT)
                            .setI(7)));
    try (TrainablePolicy policy = new TrainablePolicy(quantised)) {
      Refusal.of(TrainerException.class, policy::tryOut, "cannot be trained", "node 'last' (Cast)");
    }
  }

  @Test
  void gradientsThatAreNotFiniteAreRefusedWithTheWeight() {
    PolicyBundle rooted = with(node -> node.setOpType("Log"));
    try (TrainablePolicy policy = new TrainablePolicy(rooted)) {
      Refusal.of(
          TrainerException.class, policy::tryOut, "cannot be trained", "is not finite", "frozen");
    }
  }
}
