package dev.reverie.bundle;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverie.policy.BundleException;
import dev.reverie.policy.ExportedGraph;
import dev.reverie.policy.NdArray;
import dev.reverie.policy.OnnxOptions;
import dev.reverie.policy.OnnxSession;
import dev.reverie.policy.onnx.AttributeProto;
import dev.reverie.policy.onnx.FunctionProto;
import dev.reverie.policy.onnx.ModelProto;
import dev.reverie.policy.onnx.NodeProto;
import dev.reverie.policy.onnx.OperatorSetIdProto;
import dev.reverie.testing.Prepared;
import dev.reverie.testing.Refusal;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Functions that an exporter puts into a model. */
@Prepared
class LocalFunctionsTest {
  private static final String DOMAIN = "pkg.own";
  private static final int OPSET = 20;

  @TempDir Path folder;

  private static AttributeProto number(String name, float value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.FLOAT)
        .setF(value)
        .build();
  }

  private static AttributeProto told(String name, String by) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.FLOAT)
        .setRefAttrName(by)
        .build();
  }

  private static NodeProto.Builder node(String type, List<String> inputs, String output) {
    return NodeProto.newBuilder().setOpType(type).addAllInput(inputs).addOutput(output);
  }

  private static FunctionProto.Builder function(String name, String... inputs) {
    return FunctionProto.newBuilder()
        .setDomain(DOMAIN)
        .setName(name)
        .addAllInput(List.of(inputs))
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(OPSET))
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain(DOMAIN).setVersion(1));
  }

  /** squash(x) = elu(x, alpha) twice: once by itself, once by a function that it calls. */
  private static ModelProto calling(ModelProto model, FunctionProto... more) {
    ModelProto.Builder changed = model.toBuilder();
    for (NodeProto.Builder node : changed.getGraphBuilder().getNodeBuilderList()) {
      if (node.getOpType().equals("Tanh")) {
        node.setOpType("Squash").setDomain(DOMAIN).addAttribute(number("alpha", 0.3f));
      }
    }
    return changed
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain(DOMAIN).setVersion(1))
        .addFunctions(
            function("Squash", "x")
                .addOutput("y")
                .addAttribute("alpha")
                .addNode(node("Elu", List.of("x"), "h").addAttribute(told("alpha", "alpha")))
                .addNode(
                    node("Bend", List.of("h"), "y")
                        .setDomain(DOMAIN)
                        .addAttribute(number("by", 0.7f))))
        .addFunctions(
            function("Bend", "h")
                .addOutput("y")
                .addAttributeProto(number("by", 1))
                .addNode(node("Elu", List.of("h"), "x").addAttribute(told("alpha", "by")))
                .addNode(node("Neg", List.of("x"), "y")))
        .addAllFunctions(List.of(more))
        .build();
  }

  private static float[] run(ExportedGraph graph) {
    try (OnnxSession session =
        OnnxSession.open(
            "test",
            ImportedGraph.runnable(graph),
            ImportedGraph.given(graph),
            OnnxOptions.cpu(1))) {
      var state = NdArray.of(new float[] {0.4f, -1, 2, 0.1f}, 2, 2);
      return Objects.requireNonNull(session.run(Map.of("state", state)).get("out")).toFloats();
    }
  }

  @Test
  void aFunctionIsWrittenOutAndGivesWhatOnnxRuntimeMakesOfIt() throws IOException {
    Exported exported = new Exported(folder);
    exported.writeGraph(model -> calling(model));
    ExportedGraph read = ExportedGraph.read(exported.graph);
    ExportedGraph inlined = LocalFunctions.inlined(read);
    assertEquals(0, inlined.model().getFunctionsCount());
    assertEquals(1, inlined.model().getOpsetImportCount());
    assertArrayEquals(run(read), run(inlined));
    var source =
        new PolicyImport.Source(
            Map.of("act", exported.graph),
            List.of(exported.state),
            exported.spec,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            true);
    new PolicyImport(source, _ -> {}).bundle();
  }

  @Test
  void aFunctionThatDoesNotEndOrIsOfAnotherOpsetIsRefused() throws IOException {
    Exported exported = new Exported(folder);
    FunctionProto.Builder endless =
        function("Endless", "x")
            .addOutput("y")
            .addNode(node("Endless", List.of("x"), "y").setDomain(DOMAIN));
    exported.writeGraph(
        model -> {
          ModelProto.Builder changed = calling(model, endless.build()).toBuilder();
          changed
              .getGraphBuilder()
              .addNode(node("Endless", List.of("state"), "never").setDomain(DOMAIN));
          return changed.build();
        });
    Refusal.of(
        BundleException.class,
        () -> LocalFunctions.inlined(ExportedGraph.read(exported.graph)),
        exported.graph.toString(),
        "'Endless' calls itself");
    FunctionProto.Builder other = endless.clearOpsetImport();
    other.addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(18));
    exported.writeGraph(model -> calling(model, other.build()));
    Refusal.of(
        BundleException.class,
        () -> LocalFunctions.inlined(ExportedGraph.read(exported.graph)),
        "'Endless' has the operators of '' 18, and the graph 20",
        "inline_local_functions");
  }
}
