package dev.reverie.policy;

import dev.reverie.rollout.CameraImage;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** A policy of one layer a modality, small enough to read. */
final class TinyPolicy {
  private TinyPolicy() {}

  static BundleSpec spec() {
    SortedMap<String, String> settings = new TreeMap<>(Map.of("steps", "1500", "seed", "1"));
    return new BundleSpec(
        List.of(new BundleSpec.Camera("front", 6, 4)),
        List.of("shoulder", "elbow"),
        new ActionSpace.EndEffectorDelta(
            "base",
            "tip",
            List.of("x", "z"),
            List.of(0.04, 0.04),
            true,
            new ActionSpace.Workspace(List.of(0.08, 0.08), List.of(0.92, 0.6))),
        new BundleSpec.Chunk(3, 0.1),
        HeadSpec.tokens(5),
        Language.words(List.of("red", "green", "slot"), 4),
        List.of("joints.mean"),
        new BundleSpec.Lineage("", List.of("ab12"), settings, new BundleSpec.Measured(312, 500)));
  }

  static PolicyBundle bundle() {
    return PolicyBundle.of(spec(), graph().model(), graph().weights());
  }

  /** logits = W_i mean(image) + W_t embedding + W_j (joints - mean) */
  static GraphBuilder graph() {
    GraphBuilder graph = new GraphBuilder("tiny");
    SplittableRandom random = new SplittableRandom(1);
    String pixels = graph.input("image.front", DType.U8, GraphBuilder.BATCH, 4, 6, 3);
    String tokens = graph.input("instruction_tokens", DType.I64, GraphBuilder.BATCH, 4);
    String joints = graph.input("joint_positions", DType.F32, GraphBuilder.BATCH, 2);
    String h = graph.node("Cast", Map.of("to", (long) DType.F32.onnxCode()), pixels);
    h = graph.node("ReduceMean", Map.of("keepdims", 0L), h, graph.integers(1, 2)); // [B, 3]
    h = graph.node("Div", h, graph.scalar(255f));
    h = graph.node("MatMul", h, graph.weight("image.weight", normal(random, 3, 30)));
    String words =
        graph.node("Gather", graph.weight("words.weight", normal(random, 4, 30)), tokens);
    words = graph.node("ReduceSum", Map.of("keepdims", 0L), words, graph.integers(1L));
    h = graph.node("Add", h, words);
    String centred = graph.node("Sub", joints, graph.weight("joints.mean", normal(random, 2)));
    h =
        graph.node(
            "Add",
            h,
            graph.node("MatMul", centred, graph.weight("joints.weight", normal(random, 2, 30))));
    h = graph.node("Reshape", h, graph.integers(-1, 3, 2, 5));
    graph.output(h, "logits", DType.F32, GraphBuilder.BATCH, 3, 2, 5);
    return graph;
  }

  /**
   * A policy of another head without instruction or joints: each output is a constant, and of a
   * head that denoises the chunk times a half besides.
   */
  static PolicyBundle of(HeadSpec head, float value) {
    BundleSpec tiny = spec();
    BundleSpec spec =
        new BundleSpec(
            tiny.cameras(),
            tiny.jointNames(),
            tiny.actionSpace(),
            tiny.chunk(),
            head,
            Language.none(),
            List.of(),
            BundleSpec.Lineage.NONE);
    GraphBuilder graph = new GraphBuilder("head");
    String pixels = graph.input("image.front", DType.U8, GraphBuilder.BATCH, 4, 6, 3);
    String h = graph.node("Cast", Map.of("to", (long) DType.F32.onnxCode()), pixels);
    h = graph.node("ReduceMean", Map.of("keepdims", 0L), h, graph.integers(1, 2, 3)); // [B]
    h = graph.node("Mul", h, graph.scalar(0));
    if (head instanceof DenoisingSpec) {
      String chunk = graph.input(DenoisingSpec.CHUNK, DType.F32, GraphBuilder.BATCH, 3, 2);
      String time = graph.input(DenoisingSpec.TIME, DType.F32, GraphBuilder.BATCH);
      h = graph.node("Add", h, graph.node("Mul", time, graph.scalar(0)));
      h = graph.node("Reshape", h, graph.integers(-1, 1, 1));
      h = graph.node("Add", h, graph.node("Mul", chunk, graph.scalar(0.5f)));
    } else {
      h = graph.node("Reshape", h, graph.integers(-1, 1, 1));
    }
    for (String name : head.outputs(3, 2).keySet()) {
      String values = graph.weight(name + ".value", NdArray.of(filled(value), 1, 3, 2));
      graph.output(graph.node("Add", h, values), name, DType.F32, GraphBuilder.BATCH, 3, 2);
    }
    return PolicyBundle.of(spec, graph.model(), graph.weights());
  }

  private static float[] filled(float value) {
    float[] values = new float[6];
    Arrays.fill(values, value);
    return values;
  }

  static Observation observation(int seed) {
    SplittableRandom random = new SplittableRandom(seed);
    byte[] rgb = new byte[6 * 4 * 3];
    random.nextBytes(rgb);
    return new Observation(
        Map.of("front", new CameraImage(6, 4, rgb)),
        new double[] {random.nextDouble(), random.nextDouble()},
        "red slot");
  }

  private static NdArray normal(SplittableRandom random, long... shape) {
    float[] values = new float[(int) NdArray.elements(shape)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return NdArray.of(values, shape);
  }
}
