package dev.reverie.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.policy.onnx.ModelProto;
import dev.reverie.policy.onnx.NodeProto;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class GraphSplitTest {
  @Test
  void whatDoesNotDependOnTheLateInputsIsOfTheEarlyPart() {
    GraphBuilder graph = new GraphBuilder("two");
    String x = graph.input("x", DType.F32, 1, 2);
    String t = graph.input("t", DType.F32, 1, 2);
    String w = graph.weight("w", NdArray.of(new float[] {1, 2, 3, 4}, 2, 2));
    String turned = graph.node("Transpose", w); // depends on no input: in both
    String early = graph.node("Relu", graph.node("MatMul", x, turned));
    String late = graph.node("Tanh", graph.node("Add", early, graph.node("MatMul", t, turned)));
    graph.output(late, "y", DType.F32, 1, 2);
    GraphSplit split = GraphSplit.of(graph.model(), Set.of("t"));
    assertEquals(Set.of(early), split.between());
    assertEquals(Set.of("Transpose", "MatMul", "Relu"), kinds(split.early()));
    assertEquals(Set.of("Transpose", "MatMul", "Add", "Tanh", "Identity"), kinds(split.late()));
    assertEquals(1, split.early().getGraph().getInputCount());
    assertEquals(2, split.late().getGraph().getInputCount());
    assertEquals(1, split.late().getGraph().getInitializerCount());
  }

  @Test
  void aGraphThatNeedsNothingOfTheEarlyPartHasNothingBetween() {
    GraphBuilder graph = new GraphBuilder("late");
    graph.input("x", DType.F32, 1, 2);
    String t = graph.input("t", DType.F32, 1, 2);
    graph.output(graph.node("Tanh", t), "y", DType.F32, 1, 2);
    assertTrue(GraphSplit.of(graph.model(), Set.of("t")).between().isEmpty());
  }

  private static Set<String> kinds(ModelProto model) {
    return model.getGraph().getNodeList().stream()
        .map(NodeProto::getOpType)
        .collect(Collectors.toSet());
  }
}
