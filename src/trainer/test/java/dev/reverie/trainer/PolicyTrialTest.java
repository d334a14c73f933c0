package dev.reverie.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.policy.DType;
import dev.reverie.policy.GraphBuilder;
import dev.reverie.policy.NdArray;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.policy.onnx.GraphProto;
import dev.reverie.policy.onnx.ModelProto;
import dev.reverie.policy.onnx.NodeProto;
import dev.reverie.testing.Refusal;
import dev.reverie.trainer.data.Examples;
import dev.reverie.trainer.nn.LibtorchTest;
import dev.reverie.trainer.nn.TrainerException;
import dev.reverie.trainer.onnx.GradientStops;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PolicyTrialTest extends LibtorchTest {
  @TempDir Path folder;

  @Test
  void aPolicyThatCanBeTrainedIsSaidToBe() {
    Path bundle = folder.resolve("bundle");
    Examples.policy().save(bundle);
    List<String> lines = PolicyTrial.run(bundle);
    assertEquals(2, lines.size(), lines::toString);
    assertTrue(lines.getFirst().contains("weights learn"), lines::toString);
  }

  @Test
  void eachOperatorThatIsNotThereIsNamedWithItsNode() {
    PolicyBundle base = Examples.policy();
    GraphProto.Builder graph = base.graph().getGraph().toBuilder();
    int end = graph.getNodeCount() - 1;
    NodeProto output = graph.getNode(end);
    graph
        .setNode(end, node("one", "MelWeightMatrix", output.getInput(0)))
        .addNode(node("two", "MelWeightMatrix", "one"))
        .addNode(node("three", "StringNormalizer", "two"))
        .addNode(output.toBuilder().setInput(0, "three"));
    ModelProto model = base.graph().toBuilder().setGraph(graph).build();
    Path bundle = folder.resolve("bundle");
    PolicyBundle.of(base.spec(), model, base.weights()).save(bundle);
    Refusal.of(
        TrainerException.class,
        () -> PolicyTrial.run(bundle),
        "node 'one' (MelWeightMatrix): the trainer lacks the operator",
        "(so are 1 more)",
        "node 'three' (StringNormalizer)");
  }

  private static NodeProto node(String name, String operator, String input) {
    return NodeProto.newBuilder()
        .setName(name)
        .setOpType(operator)
        .addInput(input)
        .addOutput(name)
        .build();
  }

  @Test
  void theNodeThatLetsNoGradientThroughIsFoundBehindAWeight() {
    GraphBuilder graph = new GraphBuilder("steps");
    String x = graph.input("x", DType.F32, 2);
    String h = graph.node("Mul", x, graph.weight("before", NdArray.of(new float[2], 2)));
    String rounded = graph.node("Round", h);
    h = graph.node("Mul", rounded, graph.weight("behind", NdArray.of(new float[2], 2)));
    graph.output(h, "y", DType.F32, 2);
    GraphProto made = graph.model().getGraph();
    assertEquals(
        Optional.of("node '%s' (Round)".formatted(rounded)), GradientStops.behind(made, "before"));
    assertEquals(Optional.empty(), GradientStops.behind(made, "behind"));
  }
}
