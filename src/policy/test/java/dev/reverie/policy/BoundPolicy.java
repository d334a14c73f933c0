package dev.reverie.policy;

import dev.reverie.rollout.CameraImage;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * Policies of format 2 with inputs of every source, small enough to compute by hand: each output is
 * one number of the observation plus a constant of each value.
 */
final class BoundPolicy {
  static final int HORIZON = 3;
  static final int SKIP = 1;
  static final int WIDTH = 4; // D is 2
  static final int LENGTH = 16;

  static final InputSpec.History TWO = new InputSpec.History(2, 2);
  static final Normalisation STATE =
      new Normalisation(Normalisation.Kind.MEAN_SD, List.of("state.mean", "state.sd"));
  static final Normalisation COLOURS =
      new Normalisation(Normalisation.Kind.MIN_MAX, List.of("colour.least", "colour.most"));
  static final Normalisation ACTIONS =
      new Normalisation(Normalisation.Kind.QUANTILE, List.of("action.low", "action.high"));

  private BoundPolicy() {}

  /** Inputs of every source that a head takes. */
  static List<InputSpec> inputs(HeadSpec head) {
    List<InputSpec> inputs =
        new ArrayList<>(
            List.of(
                new InputSpec.Camera(
                    "observation.images.front",
                    List.of("front"),
                    DType.F32,
                    InputSpec.Layout.NCHW,
                    InputSpec.Range.UNIT,
                    COLOURS,
                    TWO),
                new InputSpec.Joints("observation.state", DType.F32, 5, STATE, TWO),
                new InputSpec.LanguageIds("lang_tokens", DType.I64),
                new InputSpec.LanguageMask("lang_masks", DType.BOOL)));
    if (head instanceof DenoisingSpec) {
      inputs.add(new InputSpec.Chunk("noisy", DType.F32));
      inputs.add(new InputSpec.Time("timestep", DType.F32));
    }
    if (head instanceof HeadSpec.Autoregressive) {
      inputs.add(new InputSpec.ActionTokens("action_ids", DType.I64));
    }
    return inputs;
  }

  static Language language() {
    return new Language.Subwords(
        "tokenizer.json",
        "do: {instruction}",
        true,
        false,
        List.of(1L),
        List.of(2L),
        LENGTH,
        Language.Padding.LEFT,
        0);
  }

  static BundleSpec spec(HeadSpec head, List<InputSpec> inputs, Language language) {
    var outputs = new TreeMap<String, String>();
    head.outputs(1, 1).keySet().forEach(word -> outputs.put(word, "out_" + word));
    return new BundleSpec(
        2,
        List.of(new BundleSpec.Camera("front", 6, 4)),
        List.of("shoulder", "elbow"),
        new ActionSpace.JointPositions(
            List.of("shoulder", "elbow"), List.of(-1.0, -2.0), List.of(1.0, 2.0)),
        new BundleSpec.Chunk(HORIZON, 0.1),
        new GraphSpec(
            new TreeMap<>(Map.of("act", "graph.onnx")),
            inputs,
            outputs,
            new GraphSpec.Actions(SKIP, WIDTH, ACTIONS)),
        head,
        language,
        new ParameterSpec(List.of("*.value"), List.of(), new ParameterSpec.Adapters(0, List.of())),
        new BundleSpec.Execution(2, -1),
        new BundleSpec.Limits(60, 0.5, 1024),
        new BundleSpec.Probe(1e-3),
        BundleSpec.Lineage.NONE,
        new TreeMap<>());
  }

  static BundleSpec spec(HeadSpec head) {
    return spec(head, inputs(head), language());
  }

  /** Tensors that normalise. */
  static Map<String, NdArray> statistics() {
    return Map.of(
        "state.mean", NdArray.of(new float[] {0.5f, -0.5f}, 2),
        "state.sd", NdArray.of(new float[] {2, 4}, 2),
        "colour.least", NdArray.of(new float[] {0, 0.25f, 0}, 3, 1, 1),
        "colour.most", NdArray.of(new float[] {1, 0.75f, 2}, 3, 1, 1),
        "action.low", NdArray.of(new float[] {-0.5f, -1}, 2),
        "action.high", NdArray.of(new float[] {0.5f, 2}, 2));
  }

  /** A graph for these inputs; a batch of {@code batch}. */
  static GraphBuilder graph(BundleSpec spec, long batch, float value) {
    var graph = new GraphBuilder("bound");
    List<String> numbers = new ArrayList<>(); // one an observation, [B]
    String chunk = "";
    for (InputSpec input : spec.graph().inputs()) {
      List<Long> behind = GraphValues.shape(spec, input);
      long[] shape = new long[behind.size() + 1];
      shape[0] = batch;
      for (int i = 1; i < shape.length; i++) {
        shape[i] = behind.get(i - 1);
      }
      String name = graph.input(input.name(), input.dtype(), shape);
      String h = graph.node("Cast", Map.of("to", (long) DType.F32.onnxCode()), name);
      if (input instanceof InputSpec.Chunk) {
        chunk = h;
      } else if (shape.length > 1) {
        long[] axes = new long[shape.length - 1];
        for (int i = 0; i < axes.length; i++) {
          axes[i] = 1L + i;
        }
        boolean tokens =
            input instanceof InputSpec.ActionTokens || input instanceof InputSpec.LanguageIds;
        h = graph.node("ReduceSum", Map.of("keepdims", 0L), h, graph.integers(axes));
        h = graph.node("Mul", h, graph.scalar(tokens ? 0.0001f : 0.01f));
        numbers.add(h);
      } else {
        numbers.add(graph.node("Mul", h, graph.scalar(0.01f)));
      }
    }
    String sum = numbers.getFirst();
    for (String number : numbers.subList(1, numbers.size())) {
      sum = graph.node("Add", sum, number);
    }
    SplittableRandom random = new SplittableRandom(4);
    for (var output : new TreeMap<>(spec.head().outputs(HORIZON + SKIP, WIDTH)).entrySet()) {
      long[] shape = new long[output.getValue().size() + 1];
      shape[0] = 1;
      long[] ones = new long[shape.length];
      ones[0] = -1;
      int count = 1;
      for (int i = 1; i < shape.length; i++) {
        shape[i] = output.getValue().get(i - 1);
        ones[i] = 1;
        count *= (int) shape[i];
      }
      float[] constants = new float[count];
      for (int i = 0; i < count; i++) {
        constants[i] = value * (float) random.nextDouble(-1, 1);
      }
      String h = graph.node("Reshape", sum, graph.integers(ones));
      if (!chunk.isEmpty()) {
        h = graph.node("Add", h, graph.node("Mul", chunk, graph.scalar(0.5f)));
      }
      String weight = graph.weight(output.getKey() + ".value", NdArray.of(constants, shape));
      shape[0] = batch;
      String name = spec.graph().output(output.getKey());
      graph.output(graph.node("Add", h, weight), name, DType.F32, shape);
    }
    return graph;
  }

  static PolicyBundle bundle(BundleSpec spec, long batch) {
    GraphBuilder graph = graph(spec, batch, 0.2f);
    Map<String, NdArray> weights = new LinkedHashMap<>(graph.weights());
    weights.putAll(statistics());
    Map<String, byte[]> beside =
        spec.language() instanceof Language.Subwords
            ? Map.of("tokenizer.json", resource("tokenizer.json"))
            : Map.of();
    return PolicyBundle.of(spec, Map.of("act", graph.model()), weights, beside);
  }

  static PolicyBundle bundle(HeadSpec head) {
    return bundle(spec(head), GraphBuilder.BATCH);
  }

  static byte[] resource(String name) {
    try (InputStream in =
        Objects.requireNonNull(BoundPolicy.class.getClassLoader().getResourceAsStream(name))) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** An observation after two others, of which the policy sees the older one. */
  static Observation observation() {
    return seen(3).after(new TreeMap<>(Map.of(1, seen(2), 2, seen(1))));
  }

  static Observation seen(int n) {
    byte[] rgb = new byte[6 * 4 * 3];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) (i * 7 + n * 31);
    }
    return new Observation(
        Map.of("front", new CameraImage(6, 4, rgb)), new double[] {0.1 * n, -0.2 * n}, "Open it");
  }

  /** The number that the graph makes of the observation, but for what comes late. */
  static double number() {
    double sum = 0;
    for (int n : new int[] {1, 3}) {
      byte[] rgb = Objects.requireNonNull(seen(n).images().get("front")).rgb();
      double[] least = {0, 0.25, 0};
      double[] most = {1, 0.75, 2};
      for (int i = 0; i < rgb.length; i++) {
        double value = Byte.toUnsignedInt(rgb[i]) / 255.0;
        sum += 2 * (value - least[i % 3]) / (most[i % 3] - least[i % 3]) - 1;
      }
      sum += (0.1 * n - 0.5) / 2 + (-0.2 * n + 0.5) / 4;
    }
    Tokenizer.Tokens tokens =
        Tokenizer.of(language(), Map.of("tokenizer.json", resource("tokenizer.json")))
            .tokens("Open it");
    for (int i = 0; i < LENGTH; i++) {
      sum += 0.01 * tokens.ids()[i] + tokens.mask()[i];
    }
    return 0.01 * sum;
  }
}
