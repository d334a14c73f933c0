package dev.reverie.robot;

import dev.reverie.arm.PlanarArm;
import dev.reverie.policy.ActionSpace;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.DType;
import dev.reverie.policy.DenoisingSpec;
import dev.reverie.policy.GraphBuilder;
import dev.reverie.policy.GraphSpec;
import dev.reverie.policy.HeadSpec;
import dev.reverie.policy.InputSpec;
import dev.reverie.policy.Language;
import dev.reverie.policy.NdArray;
import dev.reverie.policy.Normalisation;
import dev.reverie.policy.ParameterSpec;
import dev.reverie.policy.PolicyBundle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** Small policies for the planar arm that always want the same actions. */
public final class TestBundles {
  private TestBundles() {}

  public static final int HORIZON = 4;
  public static final int BINS = 21;
  public static final int PIXELS = 16;
  static final String INSTRUCTION = "insert the peg into the red slot";

  public static BundleSpec spec() {
    return spec("camera", PlanarArm.JOINTS, PlanarArm.SPACE, 0.1);
  }

  public static BundleSpec spec(
      String camera, List<String> joints, ActionSpace space, double periodS) {
    return spec(new BundleSpec.Camera(camera, PIXELS, PIXELS), joints, space, periodS);
  }

  public static BundleSpec spec(
      BundleSpec.Camera camera, List<String> joints, ActionSpace space, double periodS) {
    return new BundleSpec(
        List.of(camera),
        joints,
        space,
        new BundleSpec.Chunk(HORIZON, periodS),
        HeadSpec.tokens(BINS),
        Language.words(List.of("insert", "the", "peg", "into", "red", "green", "blue", "slot"), 8),
        List.of(),
        BundleSpec.Lineage.NONE);
  }

  /**
   * A spec of format 2, of a policy that sees {@code pixels} and {@code state} and gives steps of
   * the joints, {@code wanted}.
   *
   * @param scaleRad of each joint
   * @param more inputs
   */
  static BundleSpec steps(
      int horizon,
      double scaleRad,
      BundleSpec.Execution execution,
      BundleSpec.Limits limits,
      InputSpec... more) {
    List<InputSpec> inputs = new ArrayList<>();
    inputs.add(
        new InputSpec.Camera(
            "pixels",
            List.of("camera"),
            DType.U8,
            InputSpec.Layout.NHWC,
            InputSpec.Range.BYTES,
            Normalisation.NONE,
            InputSpec.History.PRESENT));
    inputs.add(
        new InputSpec.Joints("state", DType.F32, 0, Normalisation.NONE, InputSpec.History.PRESENT));
    inputs.addAll(List.of(more));
    List<Double> scales = Collections.nCopies(PlanarArm.JOINTS.size(), scaleRad);
    return new BundleSpec(
        2,
        spec().cameras(),
        PlanarArm.JOINTS,
        new ActionSpace.JointDeltas(PlanarArm.JOINTS, scales),
        new BundleSpec.Chunk(horizon, 0.1),
        new GraphSpec(
            new TreeMap<>(Map.of("act", "policy.onnx")),
            inputs,
            new TreeMap<>(Map.of("actions", "wanted")),
            GraphSpec.Actions.PLAIN),
        new HeadSpec.Regression(Collections.nCopies(PlanarArm.JOINTS.size(), 0.1)),
        Language.none(),
        new ParameterSpec(List.of(), List.of(), ParameterSpec.Adapters.NONE),
        execution,
        limits,
        BundleSpec.Probe.DEFAULT,
        BundleSpec.Lineage.NONE,
        new TreeMap<>());
  }

  /** Adds what such a policy sees to its graph, which takes one observation; returns the joints. */
  static String seen(GraphBuilder graph) {
    graph.input("pixels", DType.U8, 1, PIXELS, PIXELS, 3);
    return graph.input("state", DType.F32, 1, PlanarArm.JOINTS.size());
  }

  /** A policy that wants another action for another picture or other joint positions. */
  public static PolicyBundle seeing(BundleSpec spec, long seed) {
    int dimensions = spec.actionSpace().dimensions();
    int bins = BINS;
    int outputs = HORIZON * dimensions * bins;
    var random = new SplittableRandom(seed);
    var graph = new GraphBuilder("seeing");
    BundleSpec.Camera camera = spec.cameras().getFirst();
    String picture =
        graph.input(
            "image." + camera.name(),
            DType.U8,
            GraphBuilder.BATCH,
            camera.height(),
            camera.width(),
            3);
    graph.input("instruction_tokens", DType.I64, GraphBuilder.BATCH, spec.language().length());
    int joints = spec.jointNames().size();
    String positions = graph.input("joint_positions", DType.F32, GraphBuilder.BATCH, joints);
    String mean = graph.node("Cast", Map.of("to", (long) DType.F32.onnxCode()), picture);
    mean = graph.node("ReduceMean", Map.of("keepdims", 0L), mean, graph.integers(1, 2)); // [B, 3]
    mean = graph.node("Div", mean, graph.scalar(16));
    String sum =
        graph.node(
            "Add",
            graph.node("MatMul", mean, graph.weight("seen", normal(random, 3, outputs))),
            graph.node("MatMul", positions, graph.weight("felt", normal(random, joints, outputs))));
    graph.output(
        graph.node("Reshape", sum, graph.integers(-1, HORIZON, dimensions, bins)),
        "logits",
        DType.F32,
        GraphBuilder.BATCH,
        HORIZON,
        dimensions,
        bins);
    return PolicyBundle.of(spec, graph.model(), graph.weights());
  }

  /**
   * A policy of another head, that takes no instruction: each of its outputs is 0.1, and of a head
   * that denoises half of the chunk besides.
   */
  public static PolicyBundle ofHead(HeadSpec head) {
    BundleSpec usual = spec();
    var spec =
        new BundleSpec(
            usual.cameras(),
            usual.jointNames(),
            usual.actionSpace(),
            usual.chunk(),
            head,
            Language.none(),
            List.of(),
            BundleSpec.Lineage.NONE);
    int dimensions = spec.actionSpace().dimensions();
    var graph = new GraphBuilder("head");
    graph.input("image.camera", DType.U8, GraphBuilder.BATCH, PIXELS, PIXELS, 3);
    String joints =
        graph.input("joint_positions", DType.F32, GraphBuilder.BATCH, spec.jointNames().size());
    String zero =
        graph.node("Mul", graph.node("ReduceSum", joints, graph.integers(1)), graph.scalar(0));
    String h = graph.node("Reshape", zero, graph.integers(-1, 1, 1));
    if (head instanceof DenoisingSpec) {
      String chunk =
          graph.input(DenoisingSpec.CHUNK, DType.F32, GraphBuilder.BATCH, HORIZON, dimensions);
      graph.input(DenoisingSpec.TIME, DType.F32, GraphBuilder.BATCH);
      h = graph.node("Add", h, graph.node("Mul", chunk, graph.scalar(0.5f)));
    }
    float[] values = new float[HORIZON * dimensions];
    Arrays.fill(values, 0.1f);
    for (String name : head.outputs(HORIZON, dimensions).keySet()) {
      String weight = graph.weight(name + ".value", NdArray.of(values, 1, HORIZON, dimensions));
      graph.output(
          graph.node("Add", h, weight), name, DType.F32, GraphBuilder.BATCH, HORIZON, dimensions);
    }
    return PolicyBundle.of(spec, graph.model(), graph.weights());
  }

  private static NdArray normal(SplittableRandom random, long... shape) {
    float[] values = new float[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return NdArray.of(values, shape);
  }

  /** A policy that wants one action, with some doubt. */
  public static PolicyBundle bundle(BundleSpec spec, double... action) {
    return thinking(spec, 0, action);
  }

  /**
   * A policy that wants one action, and takes its time.
   *
   * @param products of two matrices of 1024 x 1024, which make no difference
   */
  public static PolicyBundle thinking(BundleSpec spec, int products, double... action) {
    int dimensions = spec.actionSpace().dimensions();
    float[] bias = new float[HORIZON * dimensions * BINS];
    for (int k = 0; k < HORIZON; k++) {
      for (int d = 0; d < dimensions; d++) {
        int token = (int) Math.rint((action[d] + 1) / 2 * (BINS - 1));
        bias[(k * dimensions + d) * BINS + token] = 4;
      }
    }
    var graph = new GraphBuilder("constant");
    cameras(graph, spec);
    graph.input("instruction_tokens", DType.I64, GraphBuilder.BATCH, spec.language().length());
    String joints =
        graph.input("joint_positions", DType.F32, GraphBuilder.BATCH, spec.jointNames().size());
    String sum = graph.node("ReduceSum", joints, graph.integers(1));
    String nothing = graph.node("Mul", sum, graph.scalar(0));
    String batch = graph.node("Reshape", nothing, graph.integers(-1, 1, 1, 1));
    if (products > 0) {
      String zero = graph.node("ReduceSum", Map.of("keepdims", 0L), nothing, graph.integers(0));
      String square = graph.node("Expand", zero, graph.integers(1024, 1024));
      String product = square;
      for (int i = 0; i < products; i++) {
        product = graph.node("MatMul", product, square);
      }
      String still = graph.node("ReduceSum", Map.of("keepdims", 0L), product, graph.integers(0, 1));
      batch = graph.node("Add", batch, still);
    }
    String weight = graph.weight("bias", NdArray.of(bias, 1, HORIZON, dimensions, BINS));
    graph.output(
        graph.node("Add", batch, weight),
        "logits",
        DType.F32,
        GraphBuilder.BATCH,
        HORIZON,
        dimensions,
        BINS);
    return PolicyBundle.of(spec, graph.model(), graph.weights());
  }

  /** Adds the inputs of all cameras to a graph. */
  static void cameras(GraphBuilder graph, BundleSpec spec) {
    for (BundleSpec.Camera camera : spec.cameras()) {
      graph.input(
          "image." + camera.name(),
          DType.U8,
          GraphBuilder.BATCH,
          camera.height(),
          camera.width(),
          3);
    }
  }
}
