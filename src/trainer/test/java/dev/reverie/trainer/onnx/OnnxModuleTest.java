package dev.reverie.trainer.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.reverie.policy.BundleException;
import dev.reverie.policy.DType;
import dev.reverie.policy.GraphBuilder;
import dev.reverie.policy.NdArray;
import dev.reverie.policy.onnx.ModelProto;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

class OnnxModuleTest {
  private final SplittableRandom random = new SplittableRandom(1);

  /** y = silu(conv(x)) * gain + attention over pixels: the kinds of layers that policies have. */
  private GraphBuilder network() {
    GraphBuilder graph = new GraphBuilder("test");
    String x = graph.input("x", DType.F64, GraphBuilder.BATCH, 2, 6, 6);
    Map<String, Object> padding =
        Map.of("pads", new long[] {1, 1, 0, 0}, "strides", new long[] {2, 2});
    String h =
        graph.node("Conv", padding, x, weight(graph, "conv", 4, 2, 3, 3), weight(graph, "bias", 4));
    h = graph.node("Mul", h, graph.node("Sigmoid", h)); // [B, 4, 3, 3]
    h = graph.node("Mul", h, graph.node("Exp", weight(graph, "gain", 4, 1, 1)));
    h = graph.node("Reshape", h, graph.integers(0, 4, 9));
    h = graph.node("Transpose", Map.of("perm", new long[] {0, 2, 1}), h); // [B, 9, 4]
    h =
        graph.node(
            "LayerNormalization",
            h,
            weight(graph, "norm.weight", 4),
            weight(graph, "norm.bias", 4));
    String query = graph.node("MatMul", h, weight(graph, "query", 4, 4));
    String key = graph.node("Transpose", Map.of("perm", new long[] {0, 2, 1}), h);
    String attention = graph.node("Softmax", graph.node("MatMul", query, key)); // [B, 9, 9]
    h = graph.node("Add", h, graph.node("MatMul", attention, h));
    String picked =
        graph.node(
            "Slice",
            h,
            graph.integers(-1L),
            graph.integers(0L),
            graph.integers(1L),
            graph.integers(-2L));
    h =
        graph.node(
            "Gemm",
            Map.of("transB", 1L),
            graph.node("Flatten", picked),
            weight(graph, "out", 3, 16));
    graph.output(graph.node("Gelu", h), "y", DType.F64, GraphBuilder.BATCH, 3);
    return graph;
  }

  private String weight(GraphBuilder graph, String name, long... shape) {
    return graph.weight(name, doubles(shape));
  }

  private NdArray doubles(long... shape) {
    NdArray array = NdArray.zeros(DType.F64, shape);
    for (long i = 0; i < array.elements(); i++) {
      array.data().setAtIndex(ValueLayout.JAVA_DOUBLE, i, 0.5 * random.nextGaussian());
    }
    return array;
  }

  @Test
  void gradientsAreThoseOfFiniteDifferences() {
    GraphBuilder graph = network();
    try (OnnxModule module = OnnxModule.load(graph.model(), graph.weights(), Set.of());
        PointerScope _ = new PointerScope()) {
      Map<String, Tensor> inputs = Map.of("x", Tensors.of(doubles(3, 2, 6, 6)));
      module.forward(inputs, "y").square().sum().backward();
      module
          .parameters()
          .forEach(
              (name, parameter) -> {
                for (int i = 0; i < parameter.numel(); i += 5) {
                  double expected = slope(module, inputs, parameter, i);
                  double actual = parameter.grad().reshape(-1).select(0, i).item_double();
                  assertEquals(expected, actual, 1e-6 * Math.max(1, Math.abs(expected)), name);
                }
              });
    }
  }

  private static double slope(
      OnnxModule module, Map<String, Tensor> inputs, Tensor parameter, int index) {
    double step = 1e-6;
    DoublePointer values = parameter.data_ptr_double();
    double value = values.get(index);
    try (NoGradGuard _ = new NoGradGuard()) {
      values.put(index, value + step);
      double above = module.forward(inputs, "y").square().sum().item_double();
      values.put(index, value - step);
      double below = module.forward(inputs, "y").square().sum().item_double();
      values.put(index, value);
      return (above - below) / (2 * step);
    }
  }

  @Test
  void frozenAndIntegerInitializersAreNoParameters() {
    GraphBuilder graph = network();
    graph.weight("steps", NdArray.of(new long[] {3}, 1));
    try (OnnxModule module = OnnxModule.load(graph.model(), graph.weights(), Set.of("norm.bias"))) {
      assertEquals(
          Set.of("conv", "bias", "gain", "norm.weight", "query", "out"),
          module.parameters().keySet());
      assertTrue(module.parameters().values().stream().allMatch(Tensor::requires_grad));
    }
  }

  @Test
  void changedParametersAreExportedAndFoldedConstantsDoNotHideThem() {
    GraphBuilder graph = network();
    Map<String, Tensor> inputs = Map.of("x", Tensors.of(doubles(1, 2, 6, 6)));
    try (OnnxModule module = OnnxModule.load(graph.model(), graph.weights(), Set.of());
        PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      double before = module.forward(inputs, "y").sum().item_double();
      module.parameters().values().forEach(parameter -> parameter.add_(parameter));
      double after = module.forward(inputs, "y").sum().item_double();
      assertFalse(before == after);
      try (OnnxModule copy = OnnxModule.load(graph.model(), module.weights(), Set.of())) {
        assertEquals(after, copy.forward(inputs, "y").sum().item_double());
      }
    }
  }

  @Test
  void hundredsOfStepsLeaveNoTensorBehind() {
    GraphBuilder graph = network();
    try (OnnxModule module = OnnxModule.load(graph.model(), graph.weights(), Set.of())) {
      Map<String, Tensor> inputs = Map.of("x", Tensors.of(doubles(8, 2, 6, 6)));
      step(module, inputs);
      long count = Pointer.totalCount();
      long bytes = Pointer.physicalBytes();
      for (int i = 0; i < 300; i++) {
        step(module, inputs);
      }
      assertEquals(count, Pointer.totalCount());
      assertTrue(Pointer.physicalBytes() - bytes < 64 << 20, "memory grows");
    }
  }

  private static void step(OnnxModule module, Map<String, Tensor> inputs) {
    try (PointerScope _ = new PointerScope()) {
      module.forward(inputs, "y").sum().backward();
      module.parameters().values().forEach(parameter -> parameter.mutable_grad().zero_());
    }
  }

  @Test
  void pixelsMayComeAsFloatsFromTheWorldModel() {
    GraphBuilder graph = new GraphBuilder("scale");
    String x = graph.input("x", DType.U8, GraphBuilder.BATCH);
    x = graph.node("Cast", Map.of("to", (long) DType.F32.onnxCode()), x);
    graph.output(
        graph.node("Mul", x, graph.weight("gain", NdArray.of(new float[] {2}))),
        "y",
        DType.F32,
        GraphBuilder.BATCH);
    try (OnnxModule module = OnnxModule.load(graph.model(), graph.weights(), Set.of());
        PointerScope _ = new PointerScope()) {
      Tensor noisy = Tensors.of(NdArray.of(new float[] {0.5f, 254.75f}, 2));
      float[] y = Tensors.array(module.forward(Map.of("x", noisy), "y")).toFloats();
      assertArrayEquals(new float[] {1, 509.5f}, y);
      Tensor bytes = noisy.to(ScalarType.Byte);
      y = Tensors.array(module.forward(Map.of("x", bytes), "y")).toFloats();
      assertArrayEquals(new float[] {0, 508}, y);
    }
  }

  /** Splits as PyTorch exports unbind, chunk and split. */
  @Test
  void piecesOfASequenceAreThoseOfTheTensor() {
    GraphBuilder graph = new GraphBuilder("pieces");
    String x = graph.input("x", DType.F32, GraphBuilder.BATCH);
    String each = graph.node("SplitToSequence", Map.of("keepdims", 0L), x);
    String chunks = graph.node("SplitToSequence", x, graph.constant(NdArray.of(new long[] {2})));
    String parts = graph.node("SplitToSequence", x, graph.integers(1, 4));
    for (String sequence : List.of(each, chunks, parts)) {
      String first = graph.node("SequenceAt", sequence, graph.constant(NdArray.of(new long[] {0})));
      String last = graph.node("SequenceAt", sequence, graph.constant(NdArray.of(new long[] {-1})));
      String name = sequence.substring(sequence.lastIndexOf('_') + 1);
      graph.output(first, "first" + name, DType.F32, GraphBuilder.BATCH);
      graph.output(last, "last" + name, DType.F32, GraphBuilder.BATCH);
    }
    try (OnnxModule module = OnnxModule.load(graph.model(), graph.weights(), Set.of());
        PointerScope _ = new PointerScope()) {
      NdArray input = NdArray.of(new float[] {1, 2, 3, 4, 5}, 5);
      List<List<Float>> got = new ArrayList<>();
      for (Tensor output : module.forward(Map.of("x", Tensors.of(input))).values()) {
        List<Float> values = new ArrayList<>();
        for (float value : Tensors.array(output).toFloats()) {
          values.add(value);
        }
        got.add(values);
      }
      List<List<Float>> wanted =
          List.of(
              List.of(1f),
              List.of(5f),
              List.of(1f, 2f),
              List.of(5f),
              List.of(1f),
              List.of(2f, 3f, 4f, 5f));
      assertEquals(wanted, got);
    }
  }

  @Test
  void anOperatorThatIsMissingIsNamedWithItsNode() {
    GraphBuilder graph = network();
    graph.node("StringNormalizer", "x");
    assertRefused(graph, "'stringnormalizer_", "lacks the operator 'StringNormalizer'");
  }

  @Test
  void aNodeThatUsesAnUnknownValueIsRefused() {
    GraphBuilder graph = network();
    graph.node("Relu", "nowhere");
    assertRefused(graph, "(Relu) uses 'nowhere', which nothing before it computes");
  }

  @Test
  void anOperatorWithAnUnsupportedOptionIsRefused() {
    GraphBuilder graph = network();
    graph.node("Pad", Map.of("mode", "mirror"), "x", graph.integers(0, 0, 1, 1, 0, 0, 1, 1));
    assertRefused(graph, "padding mode 'mirror' is not supported");
  }

  @Test
  void anOperatorThatDrawsRandomNumbersIsRefusedWithTheReason() {
    GraphBuilder graph = network();
    graph.node("RandomNormalLike", "x");
    assertRefused(graph, "it draws random numbers", "policy.eval()", "'x_t'");
  }

  @Test
  void olderOpsetsServeWhereTheirOperatorsHaveNotChanged() {
    GraphBuilder graph = new GraphBuilder("old");
    String x = graph.input("x", DType.BOOL, GraphBuilder.BATCH);
    graph.output(graph.node("Xor", x, graph.node("Not", x)), "y", DType.BOOL, GraphBuilder.BATCH);
    try (OnnxModule module = OnnxModule.load(opset(7, graph), graph.weights(), Set.of());
        PointerScope _ = new PointerScope()) {
      Tensor y = module.forward(Map.of("x", Tensors.full(1, ScalarType.Bool, 3)), "y");
      assertTrue(y.all().item_bool());
    }
    graph.node("Softmax", x);
    for (long version : new long[] {12, 29}) {
      var refusal =
          assertThrows(
              OnnxException.class,
              () -> OnnxModule.load(opset(version, graph), graph.weights(), Set.of()));
      assertTrue(refusal.toString().contains("export it with opset 13 to 28"), refusal.toString());
      assertEquals(version == 12, refusal.toString().contains("[Softmax]"), refusal.toString());
    }
  }

  private static ModelProto opset(long version, GraphBuilder graph) {
    ModelProto.Builder model = graph.model().toBuilder();
    model.getOpsetImportBuilder(0).setVersion(version);
    return model.build();
  }

  @Test
  void aSequenceIsNoOutput() {
    GraphBuilder graph = network();
    String pieces = graph.node("SplitToSequence", "x");
    graph.output(pieces, "pieces", DType.F64, GraphBuilder.BATCH);
    try (OnnxModule module = OnnxModule.load(graph.model(), graph.weights(), Set.of());
        PointerScope _ = new PointerScope()) {
      var refusal =
          assertThrows(
              OnnxException.class,
              () -> module.forward(Map.of("x", Tensors.of(doubles(1, 2, 6, 6)))));
      assertTrue(refusal.toString().contains("output 'pieces' is a sequence"), refusal.toString());
    }
  }

  @Test
  void inputsThatDoNotFitAreRefusedWithNodeAndShapesInOneLine() {
    GraphBuilder graph = network();
    try (OnnxModule module = OnnxModule.load(graph.model(), graph.weights(), Set.of());
        PointerScope _ = new PointerScope()) {
      Map<String, Tensor> wrong = Map.of("x", Tensors.of(doubles(1, 5, 6, 6)));
      var refusal = assertThrows(OnnxException.class, () -> module.forward(wrong));
      assertTrue(
          refusal.toString().contains("(Conv) with inputs [Double[1, 5, 6, 6]"),
          refusal.toString());
      assertEquals(1, refusal.toString().lines().count());
      Map<String, Tensor> two = new HashMap<>(wrong);
      two.put("z", Tensors.of(doubles(1)));
      assertTrue(
          assertThrows(OnnxException.class, () -> module.forward(two))
              .toString()
              .contains("the graph takes [x]"));
      assertThrows(OnnxException.class, () -> module.forward(Map.of()));
    }
  }

  @Test
  void aDamagedGraphIsRefusedOrRunsButNeverBreaksTheProcess() {
    GraphBuilder graph = network();
    byte[] bytes = graph.model().toByteArray();
    NdArray x = doubles(1, 2, 6, 6);
    int refused = 0;
    for (int i = 0; i < 300; i++) {
      byte[] damaged = bytes.clone();
      damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      try (OnnxModule module =
              OnnxModule.load(ModelProto.parseFrom(damaged), graph.weights(), Set.of());
          PointerScope _ = new PointerScope()) {
        module.forward(Map.of("x", Tensors.of(x)));
      } catch (OnnxException | BundleException | InvalidProtocolBufferException e) {
        refused++;
      }
    }
    assertTrue(refused > 100 && refused < 300, refused + " of 300 refused");
  }

  private static void assertRefused(GraphBuilder graph, String... parts) {
    var refusal =
        assertThrows(
            OnnxException.class, () -> OnnxModule.load(graph.model(), graph.weights(), Set.of()));
    for (String part : List.of(parts)) {
      assertTrue(refusal.toString().contains(part), refusal.toString());
    }
  }
}
