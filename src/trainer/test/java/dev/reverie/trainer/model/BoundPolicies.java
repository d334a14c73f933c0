package dev.reverie.trainer.model;

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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * Small policies of format 2: two cameras, two observations, padded joints, subsets of rows and
 * normalised actions of two joints.
 */
public final class BoundPolicies {
  static final int HORIZON = 3;
  static final int SKIP = 1;
  static final int WIDTH = 4;
  static final int SIDE = 8;

  private BoundPolicies() {}

  /** Inputs of all kinds that a head has. */
  public static List<InputSpec> inputs(HeadSpec head) {
    var two = new InputSpec.History(2, 1);
    List<InputSpec> inputs =
        new ArrayList<>(
            List.of(
                new InputSpec.Camera(
                    "pixels",
                    List.of("left", "right"),
                    DType.F32,
                    InputSpec.Layout.NCHW,
                    InputSpec.Range.SIGNED,
                    Normalisation.NONE,
                    two),
                new InputSpec.Joints(
                    "state",
                    DType.F32,
                    4,
                    new Normalisation(
                        Normalisation.Kind.MEAN_SD, List.of("state.mean", "state.sd")),
                    two),
                new InputSpec.LanguageIds("ids", DType.I32),
                new InputSpec.LanguageMask("mask", DType.F32)));
    if (head instanceof DenoisingSpec) {
      inputs.add(new InputSpec.Chunk("noisy", DType.F32));
      inputs.add(new InputSpec.Time("when", DType.F32));
    }
    if (head instanceof HeadSpec.Autoregressive) {
      inputs.add(new InputSpec.ActionTokens("so_far", DType.I64));
    }
    return inputs;
  }

  private static BundleSpec spec(HeadSpec head, List<InputSpec> inputs) {
    var outputs = new TreeMap<String, String>();
    head.outputs(1, 1).keySet().forEach(word -> outputs.put(word, "out_" + word));
    return new BundleSpec(
        2,
        List.of(
            new BundleSpec.Camera("left", SIDE, SIDE), new BundleSpec.Camera("right", SIDE, SIDE)),
        List.of("a", "b"),
        new ActionSpace.JointDeltas(List.of("a", "b"), List.of(0.5, 2.0)),
        new BundleSpec.Chunk(HORIZON, 0.1),
        new GraphSpec(
            new TreeMap<>(Map.of("act", "graph.onnx")),
            inputs,
            outputs,
            new GraphSpec.Actions(
                SKIP,
                WIDTH,
                new Normalisation(
                    Normalisation.Kind.MEAN_SD, List.of("action.mean", "action.sd")))),
        head,
        Language.words(List.of("go", "left"), 3),
        new ParameterSpec(List.of("*"), List.of("buffer"), ParameterSpec.Adapters.NONE),
        new BundleSpec.Execution(2, -1),
        BundleSpec.Limits.NONE,
        BundleSpec.Probe.DEFAULT,
        BundleSpec.Lineage.NONE,
        new TreeMap<>());
  }

  /** Lengths of the inputs behind the batch, as the page has them. */
  private static long[] shape(InputSpec input, long batch) {
    return switch (input) {
      case InputSpec.Camera _ -> new long[] {batch, 2, 2, 3, SIDE, SIDE};
      case InputSpec.Joints _ -> new long[] {batch, 2, 4};
      case InputSpec.LanguageIds _, InputSpec.LanguageMask _ -> new long[] {batch, 3};
      case InputSpec.Time _, InputSpec.ActionPrefixLength _ -> new long[] {batch};
      case InputSpec.ActionTokens _ -> new long[] {batch, (HORIZON + SKIP) * WIDTH};
      default -> new long[] {batch, HORIZON + SKIP, WIDTH};
    };
  }

  /**
   * A policy that knows the words go and left.
   *
   * @param batch that its graph takes; -1 for any
   */
  public static PolicyBundle bundle(HeadSpec head, List<InputSpec> inputs, long batch) {
    BundleSpec spec = spec(head, inputs);
    var graph = new GraphBuilder("bound");
    String sum = graph.weight("buffer", NdArray.of(new float[] {0.1f}, 1));
    String chunk = "";
    String before = "";
    SplittableRandom random = new SplittableRandom(6);
    for (InputSpec input : inputs) {
      long[] shape = shape(input, batch);
      String name = graph.input(input.name(), input.dtype(), shape);
      String h = graph.node("Cast", Map.of("to", (long) DType.F32.onnxCode()), name);
      if (input instanceof InputSpec.Chunk) {
        chunk = h;
        continue;
      }
      if (input instanceof InputSpec.ActionTokens) {
        before = before(graph, h);
        continue;
      }
      int count = 1;
      for (int i = 1; i < shape.length; i++) {
        count *= (int) shape[i];
      }
      float[] factors = new float[count];
      for (int i = 0; i < count; i++) {
        factors[i] = 0.3f * (float) random.nextGaussian() / (float) Math.sqrt(count);
      }
      h = graph.node("Reshape", h, graph.integers(-1, count));
      String weight = graph.weight(input.name() + ".w", NdArray.of(factors, count, 1));
      sum = graph.node("Add", sum, graph.node("MatMul", h, weight)); // [B, 1]
    }
    for (var output : new TreeMap<>(head.outputs(HORIZON + SKIP, WIDTH)).entrySet()) {
      long[] lengths = new long[output.getValue().size() + 1];
      long[] ones = new long[lengths.length];
      lengths[0] = 1;
      ones[0] = -1;
      int count = 1;
      for (int i = 1; i < lengths.length; i++) {
        lengths[i] = output.getValue().get(i - 1);
        ones[i] = 1;
        count *= (int) lengths[i];
      }
      float[] values = new float[count];
      for (int i = 0; i < count; i++) {
        values[i] = (float) random.nextDouble(-1, 1);
      }
      String weight = graph.weight(output.getKey() + ".bias", NdArray.of(values, lengths));
      String h = graph.node("Reshape", sum, graph.integers(ones));
      h = before.isEmpty() ? h : graph.node("Add", h, before);
      h = graph.node("Mul", graph.node("Add", h, graph.scalar(1)), weight);
      h = chunk.isEmpty() ? h : graph.node("Add", h, graph.node("Mul", chunk, graph.scalar(0.5f)));
      lengths[0] = batch;
      graph.output(h, "out_" + output.getKey(), DType.F32, lengths);
    }
    Map<String, NdArray> weights = new LinkedHashMap<>(graph.weights());
    weights.put("state.mean", NdArray.of(new float[] {0.5f, -1}, 2));
    weights.put("state.sd", NdArray.of(new float[] {2, 3}, 2));
    weights.put("action.mean", NdArray.of(new float[] {0.1f, -0.2f}, 2));
    weights.put("action.sd", NdArray.of(new float[] {0.25f, 1.5f}, 2));
    return PolicyBundle.of(spec, Map.of("act", graph.model()), weights, Map.of());
  }

  /** Makes of each value a sum of the tokens before it alone, [B, K', D', 1]. */
  private static String before(GraphBuilder graph, String tokens) {
    int values = (HORIZON + SKIP) * WIDTH;
    float[] earlier = new float[values * values];
    for (int i = 0; i < values; i++) {
      for (int j = i + 1; j < values; j++) {
        earlier[i * values + j] = 0.02f;
      }
    }
    String weight = graph.weight("before.w", NdArray.of(earlier, values, values));
    String sums = graph.node("MatMul", tokens, weight);
    return graph.node("Reshape", sums, graph.integers(-1, HORIZON + SKIP, WIDTH, 1));
  }
}
