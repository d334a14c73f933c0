package dev.reverie.bundle;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.policy.BundleException;
import dev.reverie.policy.DType;
import dev.reverie.policy.ExportedGraph;
import dev.reverie.policy.GraphBuilder;
import dev.reverie.policy.NdArray;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.policy.Safetensors;
import dev.reverie.policy.onnx.AttributeProto;
import dev.reverie.policy.onnx.ModelProto;
import dev.reverie.policy.onnx.NodeProto;
import dev.reverie.policy.onnx.StringStringEntryProto;
import dev.reverie.policy.onnx.TensorProto;
import dev.reverie.testing.Prepared;
import dev.reverie.testing.Refusal;
import dev.reverie.testing.SmallDisk;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

@Prepared
class PolicyImportTest {
  @TempDir Path folder;
  private final List<String> told = new ArrayList<>();

  @Test
  void weightsGetTheNamesOfTheStateDictAndConstantsAreComputed() throws IOException {
    PolicyBundle bundle = imported(new Exported(folder));
    assertEquals(
        Set.of("net.weight", "net.bias", "table", "state.mean", "state.std"),
        bundle.weights().keySet());
    assertArrayEquals(
        new long[] {2, 6}, Objects.requireNonNull(bundle.weights().get("net.weight")).shape());
    Set<String> operators =
        bundle.graph().getGraph().getNodeList().stream()
            .map(NodeProto::getOpType)
            .collect(Collectors.toSet());
    assertFalse(operators.contains("Expand"), operators::toString);
    assertTrue(told.contains("'val_12' is 'net.weight' of the state dict, by its values"));
    assertTrue(told.contains("second names of weights (tied), left out: 1: tied.weight"));
    assertTrue(told.contains("left out, since no graph uses them: 1: vae.weight"));
  }

  private PolicyBundle imported(Exported exported) {
    return new PolicyImport(source(exported, Optional.empty()), told::add).bundle();
  }

  private static PolicyImport.Source source(Exported exported, Optional<Path> probe) {
    return new PolicyImport.Source(
        Map.of("act", exported.graph),
        List.of(exported.state),
        exported.spec,
        Optional.empty(),
        probe,
        Optional.empty(),
        true);
  }

  @Test
  void aBundleThatActsOnlyIsWrittenWhole() throws IOException {
    Exported exported = new Exported(folder);
    Path out = folder.resolve("policies/own");
    assertEquals("", run(0, exported, out, "--acts-only"));
    assertEquals(Set.of(), trained(PolicyBundle.load(out)));
    try (Stream<Path> left = Files.list(folder.resolve("policies"))) {
      assertEquals(List.of(out), left.toList());
    }
    String said = run(1, exported, out, "--acts-only");
    assertTrue(said.contains("exists already; choose another folder"), said);
  }

  @Test
  void aFullDiskLeavesNothing() throws IOException {
    Exported exported = new Exported(folder);
    Path small = Files.createDirectory(folder.resolve("small"));
    try (SmallDisk _ = SmallDisk.mount(small, 4096)) {
      String said = run(1, exported, small.resolve("policy"), "--acts-only");
      assertTrue(said.contains("cannot write " + small.resolve("policy") + ": "), said);
      assertTrue(said.contains("make room on the disk"), said);
      try (Stream<Path> left = Files.list(small)) {
        assertEquals(List.of(), left.toList());
      }
    }
  }

  private static Set<String> trained(PolicyBundle bundle) {
    Set<String> all = new TreeSet<>(bundle.weights().keySet());
    all.removeAll(bundle.frozen());
    return all;
  }

  private static String run(int status, Exported exported, Path out, String... more) {
    StringWriter err = new StringWriter();
    CommandLine command =
        PolicyCommand.commandLine()
            .setOut(new PrintWriter(new StringWriter()))
            .setErr(new PrintWriter(err));
    Stream<String> arguments =
        Stream.concat(
            Stream.of(
                "import",
                exported.graph.toString(),
                "--state-dict",
                exported.state.toString(),
                "--spec",
                exported.spec.toString(),
                "--out",
                out.toString()),
            Stream.of(more));
    assertEquals(status, command.execute(arguments.toArray(String[]::new)), err::toString);
    return err.toString();
  }

  @Test
  void aProbeThatDiffersIsRefused() throws IOException {
    Exported exported = new Exported(folder);
    Path probe = folder.resolve("probe.safetensors");
    Map<String, NdArray> arrays = new LinkedHashMap<>();
    arrays.put("joints", NdArray.of(new float[] {0.1f, 0.2f}, 1, 1, 2)); // normalised: 0, 0
    float[] expected = new float[6];
    float[] bias = Exported.tensor("net.bias").toFloats();
    float[] table = Exported.tensor("table").toFloats();
    for (int i = 0; i < 6; i++) {
      expected[i] = (float) Math.tanh(2 * bias[i] + table[i]);
    }
    arrays.put("output.out", NdArray.of(expected, 1, 3, 2));
    Safetensors.of(arrays).writeUnforced(probe);
    PolicyImport.Source source = source(exported, Optional.of(probe));
    PolicyBundle bundle = new PolicyImport(source, told::add).bundle();
    assertTrue(bundle.spec().files().containsKey("probe.safetensors"));
    expected[3] += 0.1f;
    arrays.put("output.out", NdArray.of(expected, 1, 3, 2));
    Files.delete(probe);
    Safetensors.of(arrays).writeUnforced(probe);
    Refusal.of(
        BundleException.class,
        () -> new PolicyImport(source, told::add).bundle(),
        "output 'out' differs",
        "the bindings are not those of the exporter");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "source: joints|sorce: joints|the input 'state' has no source, only [dtype, name, normalise, sorce]; give one, such as source: joints",
        "horizon: 3|horizn: 3|chunk.horizon is missing; there are [horizn, period_s]",
        "name: state|name: stat|binds an input 'stat', which the graph lacks; nearest: 'state'",
        "chunk: {horizon: 3, period_s: 0.1}|execution: {actions: 1, ensemble: -1}|has no 'chunk'; give it, such as chunk: {horizon",
        "state.std]|state.sd]|normalises by 'state.sd', which no state dict has; nearest: 'state.std'",
        "noise: [0.05, 0.05]}|noise: [0.05, 0.05]}\\nparameters: {trained: [nett.*]}|parameters name 'nett.*', which fits no weight; nearest: 'net.",
        "head: {|graph2: {a: 1}\\nhead: {|graph2 is unknown; nearest: 'graph'",
        "noise: [0.05, 0.05]}|noise: [0.05, 0.05]}\\nlanguage: {kind: tokenizer, pad_id: 0}|give the policy's tokenizer.json by --tokenizer",
        "horizon: 3|horizon: 4|the graph's output 'out' is F32[batch, 3, 2], but bundle.json asks for",
      })
  void aWrongSpecIsRefused(String from, String to, String reason) throws IOException {
    Exported exported = new Exported(folder);
    exported.writeSpec(from, to.replace("\\n", "\n"));
    Refusal.of(BundleException.class, () -> imported(exported), reason);
  }

  @Test
  void aTokenThatTheTokenizerLacksIsRefused() throws IOException {
    Exported exported = new Exported(folder);
    exported.writeSpec(
        "noise: [0.05, 0.05]}",
        "noise: [0.05, 0.05]}\nlanguage: {kind: tokenizer, pad_id: \"<pd>\"}");
    Files.writeString(
        folder.resolve("tokenizer.json"),
        "{\"model\": {\"vocab\": {\"a\": 0}}, \"added_tokens\": [{\"id\": 1, \"content\": \"<pad>\"}]}");
    Refusal.of(
        BundleException.class,
        () -> imported(exported),
        "language.pad_id names the token '<pd>', which the tokenizer lacks; nearest: '<pad>'");
  }

  @Test
  void aStateDictOfAnotherPolicyIsRefused() throws IOException {
    Exported exported = new Exported(folder);
    Map<String, NdArray> state = new HashMap<>(Exported.stateDict());
    state.put("net.bias", Exported.normal(3, 7));
    exported.writeState(state);
    Refusal.of(
        BundleException.class,
        () -> imported(exported),
        "'net.bias' is F32[6] in the graph and F32[7] in the state dict; export");
    state.put("net.bias", Exported.normal(3, 6));
    exported.writeState(state);
    Refusal.of(BundleException.class, () -> imported(exported), "with other values");
    exported.writeState(Map.of("other", Exported.normal(5, 2)));
    Refusal.of(
        BundleException.class,
        () -> imported(exported),
        "none of the graph's 4 initializers is in the state dict");
  }

  @Test
  void aTiedWeightThatIsUsedTheOtherWayRoundStaysOne() throws IOException {
    Exported exported = new Exported(folder);
    GraphBuilder graph = new GraphBuilder("tied");
    String joints = graph.input("state", DType.F32, GraphBuilder.BATCH, 2);
    NdArray weight = Exported.tensor("net.weight"); // [6, 2]
    String w = graph.weight("net.weight", weight);
    String h = graph.node("MatMul", joints, graph.weight("val_3", Exported.transposed(weight)));
    h = graph.node("MatMul", graph.node("MatMul", h, w), graph.node("Transpose", w));
    graph.output(
        graph.node("Reshape", h, graph.integers(-1, 3, 2)),
        "out",
        DType.F32,
        GraphBuilder.BATCH,
        3,
        2);
    exported.writeGraph(_ -> Exported.whole(graph));
    PolicyBundle bundle = imported(exported);
    assertEquals(Set.of("net.weight", "state.mean", "state.std"), bundle.weights().keySet());
    assertTrue(told.contains("'val_3' is tied to 'net.weight': one weight"), told::toString);
  }

  @Test
  void aPolicyInTwoGraphsIsImportedByRole() throws IOException {
    PolicyBundle bundle = inTwoGraphs(false);
    assertEquals(
        Set.of("net.weight", "net.bias", "state.mean", "state.std"), bundle.weights().keySet());
    assertEquals(
        Map.of("encode", "encode.onnx", "step", "step.onnx"), bundle.spec().graph().files());
  }

  @Test
  void aWeightThatStepUsesTheOtherWayRoundThanEncodeStaysOne() throws IOException {
    PolicyBundle bundle = inTwoGraphs(true);
    assertEquals(
        Set.of("net.weight", "net.bias", "state.mean", "state.std"), bundle.weights().keySet());
    assertArrayEquals(
        new long[] {2, 6}, Objects.requireNonNull(bundle.weights().get("net.weight")).shape());
  }

  /**
   * A flow policy.
   *
   * @param turned whether {@code step} too uses the weight of {@code encode}, not transposed
   */
  private PolicyBundle inTwoGraphs(boolean turned) throws IOException {
    Exported exported = new Exported(folder);
    GraphBuilder encode = new GraphBuilder("encode");
    String joints = encode.input("state", DType.F32, GraphBuilder.BATCH, 2);
    encode.output(
        encode.node(
            "MatMul",
            joints,
            encode.weight("val_1", Exported.transposed(Exported.tensor("net.weight")))),
        "features",
        DType.F32,
        GraphBuilder.BATCH,
        6);
    GraphBuilder step = new GraphBuilder("step");
    String features = step.input("features", DType.F32, GraphBuilder.BATCH, 6);
    String chunk = step.input("x_t", DType.F32, GraphBuilder.BATCH, 3, 2);
    String time = step.input("t", DType.F32, GraphBuilder.BATCH);
    String h = step.node("Add", features, step.weight("net.bias", Exported.tensor("net.bias")));
    h = step.node("Add", chunk, step.node("Reshape", h, step.integers(-1, 3, 2)));
    if (turned) {
      String w = step.weight("net.weight", Exported.tensor("net.weight")); // [6, 2]
      String more = step.node("MatMul", features, w);
      h = step.node("Add", h, step.node("Unsqueeze", more, step.integers(1)));
    }
    h = step.node("Mul", h, step.node("Reshape", time, step.integers(-1, 1, 1)));
    step.output(h, "velocity", DType.F32, GraphBuilder.BATCH, 3, 2);
    Path one = Files.write(folder.resolve("e.onnx"), Exported.whole(encode).toByteArray());
    Path two = Files.write(folder.resolve("s.onnx"), Exported.whole(step).toByteArray());
    Files.writeString(
        exported.spec,
        Exported.SPEC
            .replace(
                "head: {kind: regression, noise: [0.05, 0.05]}",
                "    - {name: x_t, source: chunk}\n    - {name: t, source: time}\nhead: {kind: flow, steps: 4}")
            .replace("state.std]}}\n\n", "state.std]}}\n"));
    var source =
        new PolicyImport.Source(
            Map.of("encode", one, "step", two),
            List.of(exported.state),
            exported.spec,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            true);
    return new PolicyImport(source, told::add).bundle();
  }

  @Test
  void whatIsNoGraphIsRefused() throws IOException {
    Exported exported = new Exported(folder);
    Files.writeString(exported.graph, "no graph at all");
    Refusal.of(BundleException.class, () -> imported(exported), "is no ONNX model", "export it");
    Files.delete(exported.graph);
    Refusal.of(BundleException.class, () -> imported(exported), "there is no file");
  }

  @Test
  void aWeightOutsideOfTheFolderIsRefused() throws IOException {
    Exported exported = new Exported(folder);
    exported.changeGraph(
        graph ->
            graph
                .getInitializerBuilder(0)
                .clearRawData()
                .setDataLocation(TensorProto.DataLocation.EXTERNAL)
                .addExternalData(
                    StringStringEntryProto.newBuilder().setKey("location").setValue("../secret")));
    Refusal.of(BundleException.class, () -> imported(exported), "'../secret', which is not beside");
  }

  @Test
  void anElementTypeThatNobodyRunsIsRefused() throws IOException {
    Exported exported = new Exported(folder);
    exported.changeGraph(
        graph ->
            graph.getInitializerBuilder(0).setDataType(TensorProto.DataType.FLOAT8E4M3FN_VALUE));
    Refusal.of(
        BundleException.class,
        () -> imported(exported),
        "'val_12'",
        "element type FLOAT8E4M3FN is not supported");
  }

  @Test
  void aBatchThatIsFixedAtTwoIsRefused() throws IOException {
    Exported exported = new Exported(folder);
    exported.changeGraph(
        graph ->
            graph
                .getInputBuilder(0)
                .getTypeBuilder()
                .getTensorTypeBuilder()
                .getShapeBuilder()
                .getDimBuilder(0)
                .setDimValue(2));
    Refusal.of(
        BundleException.class,
        () -> imported(exported),
        "a batch of 2 and no other",
        "torch.export.Dim('batch')");
  }

  @Test
  void operatorsThatDrawAndGraphsInsideOfNodesAreRefused() throws IOException {
    Exported exported = new Exported(folder);
    exported.writeGraph(model -> withTanhAs(model, node -> node.setOpType("RandomNormalLike")));
    Refusal.of(BundleException.class, () -> imported(exported), "RandomNormalLike", "noise comes");
    exported.writeGraph(
        model ->
            withTanhAs(
                model,
                node ->
                    node.setOpType("Loop")
                        .addAttribute(
                            AttributeProto.newBuilder()
                                .setName("body")
                                .setType(AttributeProto.AttributeType.GRAPH)
                                .setG(model.getGraph().toBuilder().clearInitializer()))));
    Refusal.of(BundleException.class, () -> imported(exported), "(Loop) holds a graph of its own");
    exported.writeGraph(model -> withTanhAs(model, node -> node.setOpType("Tahn")));
    Refusal.of(
        BundleException.class,
        () -> imported(exported),
        "cannot be run by ONNX Runtime, which runs policies on the robot",
        "lacks the operator 'Tahn'");
  }

  private static ModelProto withTanhAs(ModelProto model, UnaryOperator<NodeProto.Builder> change) {
    ModelProto.Builder changed = model.toBuilder();
    for (NodeProto.Builder node : changed.getGraphBuilder().getNodeBuilderList()) {
      if (node.getOpType().equals("Tanh")) {
        NodeProto.Builder _ = change.apply(node);
      }
    }
    return changed.build();
  }

  @Test
  void aRefusalSaysWhereInPyTorchsProgramANodeWasMade() {
    ModelProto.Builder model = Exported.model().toBuilder();
    String name = model.getGraph().getNode(0).getName();
    model
        .getGraphBuilder()
        .getNodeBuilder(0)
        .addMetadataProps(
            StringStringEntryProto.newBuilder()
                .setKey("pkg.torch.onnx.stack_trace")
                .setValue(
                    "File \"run.py\", line 3, in main\n    p(x)\nFile \"net.py\", line 12, in forward\n"));
    ExportedGraph graph = new ExportedGraph(model.build(), Map.of(), List.of(folder));
    assertEquals(
        "node '%1$s' (X): no\nnode '%1$s' was made at net.py:12".formatted(name),
        Origins.told("node '%s' (X): no".formatted(name), List.of(graph)));
    assertEquals("node 'other': no", Origins.told("node 'other': no", List.of(graph)));
  }

  @Test
  void sixteenBitsOfTheStateDictAreTheThirtyTwoOfTheGraph() {
    NdArray half = new NdArray(DType.BF16, new long[] {1}, NdArray.zeros(DType.BF16, 1).data());
    assertTrue(SameValues.same(NdArray.of(new float[] {0}, 1), half));
    assertFalse(SameValues.same(NdArray.of(new float[] {1}, 1), half));
  }
}
