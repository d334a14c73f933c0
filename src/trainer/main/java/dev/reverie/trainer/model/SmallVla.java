package dev.reverie.trainer.model;

import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.DType;
import dev.reverie.policy.DenoisingSpec;
import dev.reverie.policy.GraphBuilder;
import dev.reverie.policy.NdArray;
import dev.reverie.policy.PolicyBundle;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.LongStream;

/**
 * The demo's policy: a small vision-language-action network that gives the logits of all K actions
 * in one pass, as WMPO's does, or what another head asks for. Pictures, joint angles and an
 * instruction go in; each camera has layers of its own.
 *
 * <p>Shapes: B batch, H x W image, L instruction tokens, J joints, K actions of D values, each of
 * so many bins.
 */
public final class SmallVla {
  private static final long CHANNELS = 32; // of the first layer; the others have twice as many
  private static final long HIDDEN = 256;
  private static final long MOST_WEIGHTS = 1L << 28; // of a layer, a GiB
  private static final long EMBEDDING = 32;
  private static final long TIMES = 8;

  private final BundleSpec spec;
  private final SplittableRandom random;
  private final GraphBuilder graph = new GraphBuilder("small_vla");

  private SmallVla(BundleSpec spec, long seed) {
    this.spec = spec;
    this.random = new SplittableRandom(seed);
  }

  /**
   * An untrained policy with PyTorch's default initial weights.
   *
   * @param spec with at least one camera; decides every size at the network's ends
   * @param jointMeanRad mean of each joint's position over the demonstrations
   * @param jointSdRad standard deviation of each joint's position, above zero
   */
  public static PolicyBundle create(
      BundleSpec spec, double[] jointMeanRad, double[] jointSdRad, long seed) {
    if (spec.cameras().isEmpty()) {
      throw new IllegalArgumentException("this network sees a camera; the spec has none");
    }
    if (spec.language().words().isEmpty()) {
      throw new IllegalArgumentException("this network reads an instruction; the spec has none");
    }
    int joints = spec.jointNames().size();
    if (jointMeanRad.length != joints || jointSdRad.length != joints) {
      throw new IllegalArgumentException(
          "%d means and %d deviations for the joints %s"
              .formatted(jointMeanRad.length, jointSdRad.length, spec.jointNames()));
    }
    for (int i = 0; i < joints; i++) {
      if (!(jointSdRad[i] > 0)) {
        throw new IllegalArgumentException(
            "joint '%s' has standard deviation %s; does it move in the demonstrations?"
                .formatted(spec.jointNames().get(i), jointSdRad[i]));
      }
    }
    SmallVla network = new SmallVla(spec, seed);
    network.build(floats(jointMeanRad), floats(jointSdRad));
    return PolicyBundle.of(
        spec.withFrozen(List.of("joints.mean", "joints.sd")),
        network.graph.model(),
        network.graph.weights());
  }

  private void build(float[] jointMean, float[] jointSd) {
    List<String> pixels =
        spec.cameras().stream()
            .map(
                camera ->
                    graph.input(
                        "image." + camera.name(),
                        DType.U8,
                        GraphBuilder.BATCH,
                        camera.height(),
                        camera.width(),
                        3))
            .toList();
    String tokens =
        graph.input("instruction_tokens", DType.I64, GraphBuilder.BATCH, spec.language().length());
    String positions =
        graph.input("joint_positions", DType.F32, GraphBuilder.BATCH, jointMean.length);

    String instruction = instruction(tokens); // [B, 32]
    List<String> film = film(instruction); // scale, shift of the first two layers, [B, C, 1, 1]
    String h = camera("", spec.cameras().getFirst(), pixels.getFirst(), film);
    h = graph.node("Add", h, linear("instruction", instruction, EMBEDDING, HIDDEN));
    h =
        graph.node(
            "Add",
            h,
            linear("joints", joints(positions, jointMean, jointSd), jointMean.length, HIDDEN));
    for (int i = 1; i < pixels.size(); i++) {
      BundleSpec.Camera other = spec.cameras().get(i);
      h = graph.node("Add", h, camera(other.name() + ".", other, pixels.get(i), film));
    }
    if (spec.head() instanceof DenoisingSpec denoising) {
      h = graph.node("Add", h, linear("chunk", chunk(), values(), HIDDEN));
      h = graph.node("Add", h, linear("time", time(denoising), TIMES, HIDDEN));
    }
    h = silu(h);
    String hidden = graph.node("Add", h, silu(linear("hidden", h, HIDDEN, HIDDEN)));
    new TreeMap<>(spec.head().outputs(spec.chunk().horizon(), spec.actionSpace().dimensions()))
        .forEach((name, shape) -> output(hidden, name, shape));
  }

  private void output(String hidden, String name, List<Long> shape) {
    long[] lengths = LongStream.concat(LongStream.of(-1), longs(shape)).toArray();
    long outputs = longs(shape).reduce(1, (a, b) -> a * b);
    String values = linear(name, hidden, HIDDEN, outputs);
    graph.output(graph.node("Reshape", values, graph.integers(lengths)), name, DType.F32, lengths);
  }

  private static LongStream longs(List<Long> values) {
    return values.stream().mapToLong(Long::longValue);
  }

  /** K * D */
  private long values() {
    return (long) spec.chunk().horizon() * spec.actionSpace().dimensions();
  }

  /** The chunk before a step of denoising, [B, K * D]. */
  private String chunk() {
    long horizon = spec.chunk().horizon();
    long dimensions = spec.actionSpace().dimensions();
    String chunk =
        graph.input(DenoisingSpec.CHUNK, DType.F32, GraphBuilder.BATCH, horizon, dimensions);
    return graph.node("Flatten", chunk);
  }

  /** Sines and cosines of the time of a step, as a share of the longest, [B, 8]. */
  private String time(DenoisingSpec denoising) {
    String time = graph.input(DenoisingSpec.TIME, DType.F32, GraphBuilder.BATCH);
    double longest = denoising.steps(1).getFirst().time();
    float[] frequencies = new float[(int) TIMES / 2];
    for (int i = 0; i < frequencies.length; i++) {
      frequencies[i] = (float) (Math.PI / 2 * (1 << i) / Math.max(1, longest));
    }
    String angles =
        graph.node(
            "Mul",
            graph.node("Unsqueeze", time, graph.integers(1L)),
            graph.constant(NdArray.of(frequencies, 1, frequencies.length)));
    return graph.node(
        "Concat", Map.of("axis", 1L), graph.node("Sin", angles), graph.node("Cos", angles));
  }

  /**
   * Sum of the embeddings of the words, padding left out. Not their mean: there the one word that
   * matters in "insert the peg into the red slot" weighs 1/7, and cloning a scripted teacher took
   * 600 steps instead of 200 until the network heeded the colour.
   */
  private String instruction(String tokens) {
    long rows = spec.language().words().size() + 1L; // row 0 is padding
    String table = graph.weight("words.weight", normal(rows, EMBEDDING));
    String words = graph.node("Gather", table, tokens); // [B, L, 32]
    String isWord = graph.node("Greater", tokens, graph.constant(NdArray.of(new long[] {0})));
    String mask = graph.node("Cast", Map.of("to", (long) DType.F32.onnxCode()), isWord); // [B, L]
    mask = graph.node("Unsqueeze", mask, graph.integers(2L)); // [B, L, 1]
    String masked = graph.node("Mul", words, mask);
    return graph.node("ReduceSum", Map.of("keepdims", 0L), masked, graph.integers(1L)); // [B, 32]
  }

  private List<String> film(String instruction) {
    String all = linear("film", instruction, EMBEDDING, 6 * CHANNELS);
    all = graph.node("Unsqueeze", all, graph.integers(2, 3)); // [B, 192, 1, 1]
    String lengths = graph.integers(CHANNELS, CHANNELS, 2 * CHANNELS, 2 * CHANNELS);
    return graph.nodes("Split", Map.of("axis", 1L), 4, all, lengths);
  }

  /**
   * Returns what one camera contributes, [B, 256].
   *
   * @param prefix of the names of its weights
   */
  private String camera(String prefix, BundleSpec.Camera camera, String pixels, List<String> film) {
    String h = image(pixels); // [B, 3, H, W]
    h = convolution(prefix + "conv1", h, 3, CHANNELS, 5);
    h = silu(modulate(h, film.get(0), film.get(1)));
    h = convolution(prefix + "conv2", h, CHANNELS, 2 * CHANNELS, 3);
    h = silu(modulate(h, film.get(2), film.get(3)));
    // [B, 64, H / 8, W / 8]
    h = silu(convolution(prefix + "conv3", h, 2 * CHANNELS, 2 * CHANNELS, 3));
    long features = 2 * CHANNELS * eighth(camera.height()) * eighth(camera.width());
    return linear(prefix + "image", graph.node("Flatten", h), features, HIDDEN);
  }

  /** uint8 [B, H, W, 3] to float [B, 3, H, W] in [-1, 1]. */
  private String image(String pixels) {
    String h = graph.node("Cast", Map.of("to", (long) DType.F32.onnxCode()), pixels);
    h = graph.node("Transpose", Map.of("perm", new long[] {0, 3, 1, 2}), h);
    h = graph.node("Div", h, graph.scalar(127.5f));
    return graph.node("Sub", h, graph.scalar(1f));
  }

  private String joints(String positions, float[] mean, float[] sd) {
    String h =
        graph.node("Sub", positions, graph.weight("joints.mean", NdArray.of(mean, mean.length)));
    return graph.node("Div", h, graph.weight("joints.sd", NdArray.of(sd, sd.length)));
  }

  /** h * (1 + scale) + shift */
  private String modulate(String h, String scale, String shift) {
    h = graph.node("Mul", h, graph.node("Add", scale, graph.scalar(1f)));
    return graph.node("Add", h, shift);
  }

  private String silu(String h) {
    return graph.node("Mul", h, graph.node("Sigmoid", h));
  }

  /** Halves the picture. */
  private String convolution(String name, String h, long in, long out, long kernel) {
    long fanIn = in * kernel * kernel;
    long pad = kernel / 2;
    return graph.node(
        "Conv",
        Map.of(
            "kernel_shape", new long[] {kernel, kernel},
            "strides", new long[] {2, 2},
            "pads", new long[] {pad, pad, pad, pad}),
        h,
        graph.weight(name + ".weight", uniform(fanIn, out, in, kernel, kernel)),
        graph.weight(name + ".bias", uniform(fanIn, out)));
  }

  private String linear(String name, String h, long in, long out) {
    return graph.node(
        "Gemm",
        Map.of("transB", 1L),
        h,
        graph.weight(name + ".weight", uniform(in, out, in)),
        graph.weight(name + ".bias", uniform(in, out)));
  }

  /** PyTorch's default for linear and convolution layers: U(-1, 1) / sqrt(fan-in). */
  private NdArray uniform(long fanIn, long... shape) {
    double bound = 1 / Math.sqrt(fanIn);
    float[] values = new float[length(shape)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble(-bound, bound);
    }
    return NdArray.of(values, shape);
  }

  /** PyTorch's default for embeddings: N(0, 1). */
  private NdArray normal(long rows, long columns) {
    float[] values = new float[length(rows, columns)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return NdArray.of(values, rows, columns);
  }

  /** Length after three layers of stride 2. */
  private static long eighth(long length) {
    return Math.ceilDiv(length, 8);
  }

  /**
   * Number of the weights of a layer; refuses more than any machine would train on this network.
   */
  private static int length(long... shape) {
    double product = LongStream.of(shape).asDoubleStream().reduce(1, (a, b) -> a * b);
    if (product > MOST_WEIGHTS) {
      throw new IllegalArgumentException(
          "a layer of the small policy would have %.0f weights, and %d are the most; make its pictures smaller, its chunk shorter or its bins fewer"
              .formatted(product, MOST_WEIGHTS));
    }
    return (int) product;
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }
}
