package dev.reverie.robot;

import dev.reverie.arm.PlanarArm;
import dev.reverie.policy.ActionSpace;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.DType;
import dev.reverie.policy.FlowSpec;
import dev.reverie.policy.GraphBuilder;
import dev.reverie.policy.GraphSpec;
import dev.reverie.policy.HeadSpec;
import dev.reverie.policy.InputSpec;
import dev.reverie.policy.Language;
import dev.reverie.policy.NdArray;
import dev.reverie.policy.Normalisation;
import dev.reverie.policy.ParameterSpec;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.policy.Safetensors;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * Policies of format 2 for the planar arm that are bound to every source, with a probe that this
 * class computes by itself: each value that they give is a number of the observation plus a
 * constant.
 */
final class BoundBundles {
  private static final int HORIZON = 4;
  private static final int SKIP = 1;
  private static final int ROWS = HORIZON + SKIP;
  private static final int WIDTH = 4; // three joints and padding
  private static final int LENGTH = 40; // of the instruction's tokens
  private static final int STEPS = 4;
  private static final double SCALE_RAD = 0.02;
  private static final List<String> CAMERAS = List.of("camera", "wrist");
  private static final InputSpec.History TWO = new InputSpec.History(2, 2);
  private static final Normalisation STATE =
      new Normalisation(Normalisation.Kind.MEAN_SD, List.of("state.mean", "state.sd"));
  private static final Normalisation COLOURS =
      new Normalisation(Normalisation.Kind.MIN_MAX, List.of("colour.least", "colour.most"));
  private static final Normalisation ACTIONS =
      new Normalisation(Normalisation.Kind.QUANTILE, List.of("action.low", "action.high"));

  private static final float[] MEAN = {0.5f, -0.5f, 0.25f};
  private static final float[] SD = {2, 4, 3};
  private static final float[] LEAST = {0, 0.25f, 0};
  private static final float[] MOST = {1, 0.75f, 2};
  private static final float[] LOW = {-0.02f, -0.01f, -0.02f};
  private static final float[] HIGH = {0.01f, 0.02f, 0.02f};

  private BoundBundles() {}

  /**
   * A flow policy in two graphs that share weights. It sees two cameras, joints and instruction,
   * and is told which actions are decided.
   *
   * @param bias of all values that it gives
   */
  static PolicyBundle flow(float bias) {
    List<InputSpec> inputs =
        List.of(
            picture("camera"),
            picture("wrist"),
            new InputSpec.Joints("state", DType.F32, WIDTH, STATE, TWO),
            new InputSpec.LanguageIds("ids", DType.I64),
            new InputSpec.LanguageMask("mask", DType.F32),
            new InputSpec.ActionPrefix("prefix", DType.F32),
            new InputSpec.ActionPrefixLength("prefix_length", DType.I64),
            new InputSpec.Chunk("x_t", DType.F32),
            new InputSpec.Time("t", DType.F32));
    var files = new TreeMap<>(Map.of("encode", "encode.onnx", "step", "step.onnx"));
    BundleSpec spec =
        spec(new FlowSpec(STEPS, FlowSpec.Sampler.ODE, 0.7), inputs, "velocity", files);
    NdArray embedding = embedding();
    NdArray gain = NdArray.of(new float[] {0.5f}, 1);
    var encode = new GraphBuilder("encode");
    String seen = seen(encode, inputs.subList(0, 7), embedding);
    seen = encode.node("Mul", seen, encode.weight("gain", gain));
    encode.output(seen, "seen", DType.F32, 1);
    var step = new GraphBuilder("step");
    step.input("seen", DType.F32, 1);
    String chunk = step.input("x_t", DType.F32, 1, ROWS, WIDTH);
    String time = step.node("Mul", step.input("t", DType.F32, 1), step.scalar(0.01f));
    String sum = step.node("Add", "seen", time);
    sum = step.node("Add", sum, step.node("Mul", chunk, step.weight("gain", gain)));
    String all = step.node("Add", sum, step.weight("bias", constants(bias)));
    step.output(all, "wanted", DType.F32, 1, ROWS, WIDTH);
    Map<String, NdArray> weights = statistics();
    weights.putAll(encode.weights());
    weights.putAll(step.weights());
    return PolicyBundle.of(
        spec,
        Map.of("encode", encode.model(), "step", step.model()),
        weights,
        beside(probe(bias, true)));
  }

  /**
   * A policy of one graph that makes chunks out of noise by itself.
   *
   * @param bias of all values that it gives
   */
  static PolicyBundle ofNoise(float bias) {
    List<InputSpec> inputs =
        List.of(
            picture("camera"),
            picture("wrist"),
            new InputSpec.Joints("state", DType.F32, WIDTH, STATE, TWO),
            new InputSpec.LanguageIds("ids", DType.I64),
            new InputSpec.LanguageMask("mask", DType.F32),
            new InputSpec.Noise("drawn", DType.F32));
    var head = new HeadSpec.Regression(Collections.nCopies(PlanarArm.JOINTS.size(), 0.1));
    BundleSpec spec = spec(head, inputs, "actions", new TreeMap<>(Map.of("act", "policy.onnx")));
    var act = new GraphBuilder("act");
    String seen = seen(act, inputs.subList(0, 5), embedding());
    seen = act.node("Mul", seen, act.weight("gain", NdArray.of(new float[] {0.5f}, 1)));
    String drawn = act.input("drawn", DType.F32, 1, ROWS, WIDTH);
    String sum = act.node("Add", seen, act.node("Mul", drawn, act.scalar(0.5f)));
    String all = act.node("Add", sum, act.weight("bias", constants(bias)));
    act.output(all, "wanted", DType.F32, 1, ROWS, WIDTH);
    Map<String, NdArray> weights = statistics();
    weights.putAll(act.weights());
    return PolicyBundle.of(spec, Map.of("act", act.model()), weights, beside(probe(bias, false)));
  }

  private static InputSpec picture(String camera) {
    return new InputSpec.Camera(
        "pixels." + camera,
        List.of(camera),
        DType.F32,
        InputSpec.Layout.NCHW,
        InputSpec.Range.UNIT,
        COLOURS,
        InputSpec.History.PRESENT);
  }

  private static BundleSpec spec(
      HeadSpec head, List<InputSpec> inputs, String output, SortedMap<String, String> files) {
    List<Double> scales = Collections.nCopies(PlanarArm.JOINTS.size(), SCALE_RAD);
    return new BundleSpec(
        2,
        CAMERAS.stream()
            .map(name -> new BundleSpec.Camera(name, TestBundles.PIXELS, TestBundles.PIXELS))
            .toList(),
        PlanarArm.JOINTS,
        new ActionSpace.JointDeltas(PlanarArm.JOINTS, scales),
        new BundleSpec.Chunk(HORIZON, 0.1),
        new GraphSpec(
            files,
            inputs,
            new TreeMap<>(Map.of(output, "wanted")),
            new GraphSpec.Actions(SKIP, WIDTH, ACTIONS)),
        head,
        new Language.Subwords(
            "tokenizer.json",
            "{instruction}.",
            true,
            false,
            List.of(),
            List.of(),
            LENGTH,
            Language.Padding.RIGHT,
            0),
        new ParameterSpec(List.of("*"), List.of(), ParameterSpec.Adapters.NONE),
        new BundleSpec.Execution(2, -1),
        new BundleSpec.Limits(60, 0.5, 1024),
        new BundleSpec.Probe(1e-4),
        BundleSpec.Lineage.NONE,
        new TreeMap<>());
  }

  /** Adds what is seen to a graph: a number, [1]. */
  private static String seen(GraphBuilder graph, List<InputSpec> inputs, NdArray embedding) {
    String sum = graph.scalar(0);
    for (InputSpec input : inputs) {
      String name = input.name();
      String value =
          switch (input) {
            case InputSpec.Camera _ ->
                graph.input(name, DType.F32, 1, 3, TestBundles.PIXELS, TestBundles.PIXELS);
            case InputSpec.Joints _ -> graph.input(name, DType.F32, 1, 2, WIDTH);
            case InputSpec.LanguageIds _ ->
                graph.node(
                    "Gather",
                    graph.weight("embedding", embedding),
                    graph.input(name, DType.I64, 1, LENGTH));
            case InputSpec.LanguageMask _ -> graph.input(name, DType.F32, 1, LENGTH);
            case InputSpec.ActionPrefix _ -> graph.input(name, DType.F32, 1, ROWS, WIDTH);
            default ->
                graph.node(
                    "Cast",
                    Map.of("to", (long) DType.F32.onnxCode()),
                    graph.input(name, DType.I64, 1));
          };
      String flat = graph.node("Reshape", value, graph.integers(1, -1));
      String mean =
          graph.node("ReduceMean", Map.of("keepdims", 0L), flat, graph.integers(1)); // [1]
      sum = graph.node("Add", sum, graph.node("Mul", mean, graph.scalar(factor(name))));
    }
    return sum;
  }

  /** Each input counts another number of times, so that none can stand for another. */
  private static float factor(String input) {
    return switch (input) {
      case "pixels.camera" -> 0.3f;
      case "pixels.wrist" -> -0.2f;
      case "state" -> 0.5f;
      case "ids" -> 0.4f;
      default -> 0.1f;
    };
  }

  private static NdArray embedding() {
    float[] values = new float[tokens().size() + 1]; // 0 is padding
    for (int i = 0; i < values.length; i++) {
      values[i] = 0.05f * i;
    }
    return NdArray.of(values, values.length);
  }

  private static NdArray constants(float bias) {
    float[] values = new float[ROWS * WIDTH];
    var random = new SplittableRandom(4);
    for (int i = 0; i < values.length; i++) {
      values[i] = bias + 0.2f * (float) random.nextDouble(-1, 1);
    }
    return NdArray.of(values, 1, ROWS, WIDTH);
  }

  private static Map<String, NdArray> statistics() {
    Map<String, NdArray> all = new LinkedHashMap<>();
    all.put("state.mean", NdArray.of(MEAN, 3));
    all.put("state.sd", NdArray.of(SD, 3));
    all.put("colour.least", NdArray.of(LEAST, 3));
    all.put("colour.most", NdArray.of(MOST, 3));
    all.put("action.low", NdArray.of(LOW, 3));
    all.put("action.high", NdArray.of(HIGH, 3));
    return all;
  }

  private static Map<String, byte[]> beside(byte[] probe) {
    return Map.of(
        "tokenizer.json", tokenizer().getBytes(StandardCharsets.UTF_8), "probe.safetensors", probe);
  }

  /** A token for each letter. */
  private static List<String> tokens() {
    return List.of("Ġabcdefghijklmnopqrstuvwxyz.".split(""));
  }

  private static String tokenizer() {
    StringBuilder vocabulary = new StringBuilder("\"<pad>\": 0");
    List<String> tokens = tokens();
    for (int i = 0; i < tokens.size(); i++) {
      vocabulary.append(", \"%s\": %d".formatted(tokens.get(i), i + 1));
    }
    return """
        {"version": "1.0", "truncation": null, "padding": null,
         "added_tokens": [{"id": 0, "content": "<pad>", "single_word": false, "lstrip": false,
           "rstrip": false, "normalized": false, "special": true}],
         "normalizer": null,
         "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true,
           "use_regex": true},
         "post_processor": null, "decoder": null,
         "model": {"type": "BPE", "dropout": null, "unk_token": null,
           "continuing_subword_prefix": null, "end_of_word_suffix": null, "fuse_unk": false,
           "byte_fallback": false, "vocab": {%s}, "merges": []}}
        """
        .formatted(vocabulary);
  }

  /** Two observations, and what the policy's arithmetic makes of them. */
  private static byte[] probe(float bias, boolean flow) {
    int pixels = TestBundles.PIXELS * TestBundles.PIXELS * 3;
    int joints = PlanarArm.JOINTS.size();
    int values = ROWS * WIDTH;
    float[] measured = new float[2 * 2 * joints];
    float[] drawn = new float[2 * values];
    float[] wanted = new float[2 * values];
    float[] actions = new float[2 * HORIZON * joints];
    Map<String, byte[]> pictures = new TreeMap<>();
    CAMERAS.forEach(name -> pictures.put(name, new byte[2 * 2 * pixels]));
    var random = new SplittableRandom(9);
    pictures.values().forEach(random::nextBytes);
    float[] constants = constants(bias).toFloats();
    String instruction = TestBundles.INSTRUCTION;
    for (int n = 0; n < 2; n++) {
      double seen = spoken(instruction + ".");
      for (String camera : CAMERAS) {
        double mean = 0;
        for (int i = 0; i < pixels; i++) {
          byte one = pictures.getOrDefault(camera, new byte[0])[(n * 2 + 1) * pixels + i];
          double value = Byte.toUnsignedInt(one) / 255.0;
          int c = i % 3;
          mean += (2 * (value - LEAST[c]) / (MOST[c] - LEAST[c]) - 1) / pixels;
        }
        seen += factor("pixels." + camera) * mean;
      }
      for (int i = 0; i < 2 * joints; i++) {
        double position = random.nextDouble(-1, 1);
        measured[n * 2 * joints + i] = (float) position;
        int j = i % joints;
        seen += factor("state") * ((float) position - MEAN[j]) / SD[j] / (2 * WIDTH);
      }
      for (int i = 0; i < values; i++) {
        int at = n * values + i;
        drawn[at] = (float) random.nextGaussian();
        double own = 0.5 * seen + constants[i];
        wanted[at] = (float) (own + 0.5 * drawn[at] + (flow ? 0.005 : 0)); // t is 0.5
        double x = flow ? drawn[at] : own + 0.5 * drawn[at];
        for (int s = STEPS; flow && s > 0; s--) { // Euler's steps
          double t = (double) s / STEPS;
          x -= (own + 0.01 * t + 0.5 * x) / STEPS;
        }
        int k = i / WIDTH - SKIP;
        int d = i % WIDTH;
        if (k >= 0 && d < joints) {
          actions[(n * HORIZON + k) * joints + d] =
              (float) ((x + 1) / 2 * (HIGH[d] - LOW[d]) + LOW[d]);
        }
      }
    }
    Map<String, NdArray> probe = new LinkedHashMap<>();
    long side = TestBundles.PIXELS;
    pictures.forEach(
        (name, all) -> probe.put("picture." + name, NdArray.of(all, 2, 2, side, side, 3)));
    probe.put("joints", NdArray.of(measured, 2, 2, joints));
    probe.put("input." + (flow ? "x_t" : "drawn"), NdArray.of(drawn, 2, ROWS, WIDTH));
    if (flow) {
      probe.put("input.t", NdArray.of(new float[] {0.5f, 0.5f}, 2));
    }
    probe.put("output.wanted", NdArray.of(wanted, 2, ROWS, WIDTH));
    probe.put("actions", NdArray.of(actions, 2, HORIZON, joints));
    probe.put("noise", noise(drawn, flow ? 0 : HORIZON * joints));
    return Safetensors.of(probe, Map.of("instruction.0", instruction, "instruction.1", instruction))
        .bytes();
  }

  /**
   * The numbers that are drawn for each of two observations.
   *
   * @param more zeros behind them, for the head
   */
  private static NdArray noise(float[] drawn, int more) {
    int each = drawn.length / 2;
    float[] all = new float[2 * (each + more)];
    for (int n = 0; n < 2; n++) {
      System.arraycopy(drawn, n * each, all, n * (each + more), each);
    }
    return NdArray.of(all, 2, each + more);
  }

  /** The part of the instruction in what is seen, padding left out by the mask. */
  private static double spoken(String text) {
    List<String> tokens = tokens();
    double sum = 0;
    for (int i = 0; i < text.length(); i++) {
      String letter = text.substring(i, i + 1).replace(" ", "Ġ");
      sum += 0.4 * 0.05 * (tokens.indexOf(letter) + 1) / LENGTH;
    }
    return sum + 0.1 * text.length() / LENGTH;
  }
}
