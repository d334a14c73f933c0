package dev.reverie.robot;

import dev.reverie.arm.PlanarArm;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.DType;
import dev.reverie.policy.GraphBuilder;
import dev.reverie.policy.Language;
import dev.reverie.policy.NdArray;
import dev.reverie.policy.PolicyBundle;
import java.util.List;
import java.util.Map;

/** Policies for the planar arm that no robot should get: endless, huge, broken, or for another. */
final class OddBundles {
  private static final int VALUES = TestBundles.HORIZON * 2 * TestBundles.BINS;

  private OddBundles() {}

  /** Adds something to a graph that gives a number for each observation, [batch]. */
  interface Odd {
    String add(GraphBuilder graph, String joints, String tokens);
  }

  /** A policy that always wants the same, plus what is odd about it, times 0. */
  static PolicyBundle bundle(BundleSpec spec, Odd odd) {
    var graph = new GraphBuilder("odd");
    TestBundles.cameras(graph, spec);
    String tokens =
        graph.input("instruction_tokens", DType.I64, GraphBuilder.BATCH, spec.language().length());
    String joints =
        graph.input("joint_positions", DType.F32, GraphBuilder.BATCH, spec.jointNames().size());
    String nothing = graph.node("Mul", odd.add(graph, joints, tokens), graph.scalar(0));
    String batch = graph.node("Reshape", nothing, graph.integers(-1, 1, 1, 1));
    String bias =
        graph.weight(
            "bias", NdArray.of(new float[VALUES], 1, TestBundles.HORIZON, 2, TestBundles.BINS));
    graph.output(
        graph.node("Add", batch, bias),
        "logits",
        DType.F32,
        GraphBuilder.BATCH,
        TestBundles.HORIZON,
        2,
        TestBundles.BINS);
    return PolicyBundle.of(spec, graph.model(), graph.weights());
  }

  private static String sum(GraphBuilder graph, String joints) {
    return graph.node("ReduceSum", Map.of("keepdims", 0L), joints, graph.integers(1));
  }

  /**
   * A policy that ONNX Runtime takes long to prepare: it computes what does not depend on inputs.
   *
   * @param products of two square matrices
   * @param size rows of the matrices; of 2000 a product takes about a second, of 8 it is the number
   *     of nodes that takes time
   */
  static PolicyBundle slow(int products, long size) {
    return bundle(
        TestBundles.spec(),
        (graph, joints, tokens) -> {
          String square = graph.node("Expand", graph.scalar(1e-6f), graph.integers(size, size));
          String product = square;
          for (int i = 0; i < products; i++) {
            product = graph.node("MatMul", product, square);
          }
          String total =
              graph.node("ReduceSum", Map.of("keepdims", 0L), product, graph.integers(0, 1));
          return graph.node("Add", sum(graph, joints), total);
        });
  }

  /** A policy that takes memory while it acts. */
  static PolicyBundle large(long megabytes) {
    return bundle(
        TestBundles.spec(),
        (graph, joints, tokens) -> {
          String one = graph.node("Reshape", sum(graph, joints), graph.integers(-1, 1));
          String wide = graph.node("Expand", one, graph.integers(1, megabytes << 18));
          return graph.node("ReduceMax", Map.of("keepdims", 0L), wide, graph.integers(1));
        });
  }

  /**
   * A policy that gives something else than a number where a word is in the instruction.
   *
   * @param value of the word's row; with the largest one the weights themselves are sound
   */
  static PolicyBundle brokenAt(String word, float value) {
    BundleSpec spec = TestBundles.spec();
    float[] embedding = new float[spec.language().words().size() + 1];
    embedding[spec.language().words().indexOf(word) + 1] = value;
    return bundle(
        spec,
        (graph, joints, tokens) -> {
          String words =
              graph.node(
                  "Gather",
                  graph.weight("embedding", NdArray.of(embedding, embedding.length)),
                  tokens);
          String large = graph.node("Mul", words, graph.scalar(10));
          String said = graph.node("ReduceSum", Map.of("keepdims", 0L), large, graph.integers(1));
          return graph.node("Add", sum(graph, joints), said);
        });
  }

  /** A policy that gives something else than a number while a joint is above a position. */
  static PolicyBundle brokenAbove(int joint, double rad) {
    return bundle(
        TestBundles.spec(),
        (graph, joints, tokens) -> {
          String one = graph.node("Gather", Map.of("axis", 1L), joints, graph.integers(joint));
          String left = graph.node("Sub", graph.scalar((float) rad), one);
          String below = graph.node("Sqrt", left);
          return graph.node("Reshape", below, graph.integers(-1));
        });
  }

  /** A policy whose pictures do not fit into memory. */
  static PolicyBundle ofPictures(int pixels) {
    var camera = new BundleSpec.Camera("camera", pixels, pixels);
    return bundle(
        TestBundles.spec(camera, PlanarArm.JOINTS, PlanarArm.SPACE, 0.1),
        (graph, joints, tokens) -> sum(graph, joints));
  }

  /** The usual policy with another vocabulary. */
  static PolicyBundle told(List<String> words) {
    BundleSpec usual = TestBundles.spec();
    var spec =
        new BundleSpec(
            usual.cameras(),
            usual.jointNames(),
            usual.actionSpace(),
            usual.chunk(),
            usual.head(),
            Language.words(words, usual.language().length()),
            usual.parameters().frozen(),
            usual.lineage());
    return TestBundles.bundle(spec, 1, 0);
  }
}
