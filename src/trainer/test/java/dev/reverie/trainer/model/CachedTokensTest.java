package dev.reverie.trainer.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.policy.ActionSpace;
import dev.reverie.policy.BundleException;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.DType;
import dev.reverie.policy.GraphBuilder;
import dev.reverie.policy.GraphSpec;
import dev.reverie.policy.HeadSpec;
import dev.reverie.policy.InputSpec;
import dev.reverie.policy.Language;
import dev.reverie.policy.NdArray;
import dev.reverie.policy.Normalisation;
import dev.reverie.policy.Observation;
import dev.reverie.policy.OnnxOptions;
import dev.reverie.policy.OnnxPolicy;
import dev.reverie.policy.ParameterSpec;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.policy.Sample;
import dev.reverie.rollout.CameraImage;
import dev.reverie.testing.Refusal;
import dev.reverie.trainer.nn.LibtorchTest;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.onnx.Parity;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * One attention over an observation and the tokens drawn so far, with a cache of keys and values in
 * two graphs, and in one that runs on all tokens each time: the same policy.
 */
class CachedTokensTest extends LibtorchTest {
  private static final int HORIZON = 3;
  private static final int VALUES = 2 * HORIZON;
  private static final int BINS = 5;
  private static final int FIRST = 7;
  private static final int BEGIN = 3;
  private static final int WIDTH = 8; // d
  private static final int SEEN = 2; // P: keys of the observation
  private static final HeadSpec.Autoregressive CACHED =
      new HeadSpec.Autoregressive(
          BINS,
          FIRST,
          1,
          new HeadSpec.Cache(BEGIN, new TreeMap<>(Map.of("keys", "keys_out", "vals", "vals_out"))));

  private static BundleSpec spec(HeadSpec head, Map<String, String> files) {
    return new BundleSpec(
        2,
        List.of(new BundleSpec.Camera("front", 8, 8)),
        List.of("a", "b"),
        new ActionSpace.JointDeltas(List.of("a", "b"), List.of(0.5, 2.0)),
        new BundleSpec.Chunk(HORIZON, 0.1),
        new GraphSpec(
            new TreeMap<>(files),
            List.of(
                new InputSpec.Camera(
                    "pixels",
                    List.of("front"),
                    DType.U8,
                    InputSpec.Layout.NHWC,
                    InputSpec.Range.BYTES,
                    Normalisation.NONE,
                    InputSpec.History.PRESENT),
                new InputSpec.Joints(
                    "state", DType.F32, 0, Normalisation.NONE, InputSpec.History.PRESENT),
                new InputSpec.ActionTokens("tokens", DType.I64)),
            new TreeMap<>(Map.of("logits", "logits_out")),
            GraphSpec.Actions.PLAIN),
        head,
        Language.none(),
        new ParameterSpec(List.of("*"), List.of(), ParameterSpec.Adapters.NONE),
        BundleSpec.Execution.WHOLE,
        BundleSpec.Limits.NONE,
        BundleSpec.Probe.DEFAULT,
        BundleSpec.Lineage.NONE,
        new TreeMap<>());
  }

  private static NdArray normal(String name, long... shape) {
    SplittableRandom random = new SplittableRandom(name.hashCode());
    int count = 1;
    for (long length : shape) {
      count *= (int) length;
    }
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = 0.7f * (float) random.nextGaussian();
    }
    return NdArray.of(values, shape);
  }

  private static String weight(GraphBuilder graph, String name, long... shape) {
    return graph.weight(name, normal(name, shape));
  }

  /** Keys or values of the observation, [B, P, d]. */
  private static String prefix(GraphBuilder graph, String name, long batch) {
    String pixels = graph.node("Cast", Map.of("to", (long) DType.F32.onnxCode()), "pixels");
    String mean = graph.node("ReduceMean", pixels, graph.integers(1, 2, 3)); // [B, 1, 1, 1]
    String light = graph.node("Reshape", mean, graph.integers(-1, 1));
    String seen = graph.node("Add", "state", graph.node("Div", light, graph.scalar(255)));
    String h = graph.node("MatMul", seen, weight(graph, name + ".seen", 2, SEEN * WIDTH));
    return graph.node("Reshape", h, graph.integers(batch, SEEN, WIDTH));
  }

  /** Returns what is true of all tokens alike, [B, 1, d]. */
  private static String context(GraphBuilder graph, String keys) {
    return graph.node("ReduceMean", keys, graph.integers(1));
  }

  /**
   * Logits [B, n, bins] of what comes after each of n tokens; puts keys and values with theirs
   * beside it.
   *
   * @param past keys and values [B, p, d]
   */
  private static List<String> attended(
      GraphBuilder graph, String tokens, List<String> past, String context) {
    String one = graph.integers(1);
    String before = graph.node("Gather", graph.node("Shape", past.getFirst()), one); // p
    String count = graph.node("Gather", graph.node("Shape", tokens), one); // n
    String start = graph.node("Sub", before, graph.integers(SEEN));
    String places =
        graph.node(
            "Range",
            graph.node("Squeeze", start),
            graph.node("Squeeze", graph.node("Add", start, count)),
            graph.node("Squeeze", one));
    String h = graph.node("Gather", weight(graph, "embedding", FIRST + BINS, WIDTH), tokens);
    h = graph.node("Add", h, graph.node("Gather", weight(graph, "places", VALUES, WIDTH), places));
    h = graph.node("Add", h, context); // [B, n, d]
    List<String> all = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      String own = graph.node("MatMul", h, weight(graph, i == 0 ? "k" : "v", WIDTH, WIDTH));
      all.add(graph.node("Concat", Map.of("axis", 1L), past.get(i), own)); // [B, p + n, d]
    }
    String query = graph.node("MatMul", h, weight(graph, "q", WIDTH, WIDTH));
    String turned = graph.node("Transpose", Map.of("perm", new long[] {0, 2, 1}), all.getFirst());
    String scores = graph.node("MatMul", query, turned); // [B, n, p + n]
    String shape =
        graph.node("Concat", Map.of("axis", 0L), count, graph.node("Add", before, count));
    String ones = graph.node("Expand", graph.scalar(1), shape);
    String there =
        graph.node("Trilu", Map.of("upper", 0L), ones, graph.node("Squeeze", before)); // causal
    String hidden = graph.node("Less", there, graph.scalar(0.5f));
    scores = graph.node("Where", hidden, graph.scalar(-1e9f), scores);
    String h2 = graph.node("MatMul", graph.node("Softmax", scores), all.getLast());
    List<String> given = new ArrayList<>();
    given.add(graph.node("MatMul", h2, weight(graph, "out", WIDTH, BINS)));
    given.addAll(all);
    return given;
  }

  private static void observed(GraphBuilder graph, long batch) {
    graph.input("pixels", DType.U8, batch, 8, 8, 3);
    graph.input("state", DType.F32, batch, 2);
  }

  private static PolicyBundle cached(HeadSpec head, long batch) {
    var encode = new GraphBuilder("encode");
    observed(encode, batch);
    String keys = prefix(encode, "keys", batch);
    encode.output(keys, "keys", DType.F32, batch, SEEN, WIDTH);
    encode.output(prefix(encode, "vals", batch), "vals", DType.F32, batch, SEEN, WIDTH);
    // It reads what it gives, which is another in the graph's later runs.
    encode.output(context(encode, "keys"), "context", DType.F32, batch, 1, WIDTH);
    var step = new GraphBuilder("step");
    step.input("tokens", DType.I64, batch, -1);
    step.input("keys", DType.F32, batch, -1, WIDTH);
    step.input("vals", DType.F32, batch, -1, WIDTH);
    step.input("context", DType.F32, batch, 1, WIDTH);
    List<String> given = attended(step, "tokens", List.of("keys", "vals"), "context");
    step.output(given.get(0), "logits_out", DType.F32, batch, -1, BINS);
    step.output(given.get(1), "keys_out", DType.F32, batch, -1, WIDTH);
    step.output(given.get(2), "vals_out", DType.F32, batch, -1, WIDTH);
    Map<String, NdArray> weights = new HashMap<>(encode.weights());
    weights.putAll(step.weights());
    return PolicyBundle.of(
        spec(head, Map.of("encode", "encode.onnx", "step", "step.onnx")),
        Map.of("encode", encode.model(), "step", step.model()),
        weights,
        Map.of());
  }

  /** The same in one graph, which takes each value's own token and puts the first one before. */
  private static PolicyBundle whole() {
    var graph = new GraphBuilder("act");
    observed(graph, 1);
    graph.input("tokens", DType.I64, 1, VALUES);
    String begin = graph.constant(NdArray.of(new long[] {BEGIN}, 1, 1));
    String others =
        graph.node(
            "Slice", "tokens", graph.integers(0), graph.integers(VALUES - 1), graph.integers(1));
    String before = graph.node("Concat", Map.of("axis", 1L), begin, others);
    String keys = prefix(graph, "keys", 1);
    String values = prefix(graph, "vals", 1);
    String logits = attended(graph, before, List.of(keys, values), context(graph, keys)).getFirst();
    graph.output(
        graph.node("Reshape", logits, graph.integers(1, HORIZON, 2, BINS)),
        "logits_out",
        DType.F32,
        1,
        HORIZON,
        2,
        BINS);
    return PolicyBundle.of(
        spec(new HeadSpec.Autoregressive(BINS, FIRST, 1), Map.of("act", "act.onnx")),
        graph.model(),
        graph.weights());
  }

  private static byte[] picture(int n) {
    byte[] rgb = new byte[8 * 8 * 3];
    new SplittableRandom(n).nextBytes(rgb);
    return rgb;
  }

  private static Observation seen(int n) {
    return new Observation(
        Map.of("front", new CameraImage(8, 8, picture(n))), new double[] {0.3 * n, -0.4}, "");
  }

  /** Two observations as the trainer has them. */
  private static Head.Graph graph(TrainablePolicy policy) {
    Tensor pixels =
        Torch.cat(0, Torch.of(picture(1), 1, 8, 8, 3), Torch.of(picture(2), 1, 8, 8, 3));
    return policy.seeing(
        pixels.permute(0, 3, 1, 2),
        Torch.of(new long[] {0, 0}, 2, 1),
        Torch.of(new float[] {0.3f, -0.4f, 0.6f, -0.4f}, 2, 2));
  }

  private static float[] likelihood(TrainablePolicy policy, Tensor drawn) {
    Tensor first = Torch.of(new long[2], 2);
    return Torch.floats(policy.head().likelihood(graph(policy), drawn, first, 1).values());
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 1})
  void withACacheThePolicyIsTheOneThatRunsOnAllTokensEachTime(long batch, @TempDir Path folder) {
    cached(CACHED, batch).save(folder.resolve("bundle"));
    PolicyBundle bundle = PolicyBundle.load(folder.resolve("bundle"));
    assertEquals(CACHED, bundle.spec().head());
    assertTrue(Parity.check(bundle) < 1e-5);
    long[] bins = new long[2 * VALUES];
    float[] logs = new float[2 * VALUES];
    try (OnnxPolicy with = OnnxPolicy.open(bundle, OnnxOptions.cpu(1));
        OnnxPolicy without = OnnxPolicy.open(whole(), OnnxOptions.cpu(1))) {
      for (int n = 1; n <= 2; n++) {
        Sample one = with.draw(seen(n), 1, new SplittableRandom(n));
        Sample other = without.draw(seen(n), 1, new SplittableRandom(n));
        assertArrayEquals(other.tokens(), one.tokens());
        assertArrayEquals(other.logProbabilities(), one.logProbabilities(), 1e-5f);
        assertArrayEquals(without.infer(seen(n)).logits(), with.infer(seen(n)).logits(), 1e-5f);
        for (int i = 0; i < VALUES; i++) {
          bins[(n - 1) * VALUES + i] = one.tokens()[i];
          logs[(n - 1) * VALUES + i] = one.logProbabilities()[i];
        }
      }
    }
    try (TrainablePolicy trainer = new TrainablePolicy(bundle);
        TrainablePolicy whole = new TrainablePolicy(whole());
        NoGradGuard _ = new NoGradGuard()) {
      Tensor drawn = Torch.of(bins, 2, HORIZON, 2);
      assertArrayEquals(logs, likelihood(trainer, drawn), 1e-5f);
      assertArrayEquals(likelihood(whole, drawn), likelihood(trainer, drawn), 1e-5f);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 1})
  void theTrainerDrawsWithTheCacheWhatItFindsAsLikelyWithoutIt(long batch) {
    try (TrainablePolicy trainer = new TrainablePolicy(cached(CACHED, batch))) {
      assertTrue(trainer.tryOut().isEmpty());
      try (NoGradGuard _ = new NoGradGuard()) {
        PolicySample drawn =
            trainer.head().draw(graph(trainer), Torch.of(new long[2], 2), HORIZON, 1);
        assertArrayEquals(
            likelihood(trainer, drawn.drawn()), Torch.floats(drawn.logProbabilities()), 1e-5f);
      }
      assertTrue(trainer.drawing().pass().flops() > 0);
    }
  }

  @Test
  void aCacheThatNoGraphKeepsIsRefusedWithItsName() {
    Refusal.of(
        IllegalArgumentException.class,
        () -> spec(CACHED, Map.of("act", "act.onnx")),
        "head.cache, and graph.files has [act]",
        "give two files");
    Refusal.of(
        BundleException.class,
        () -> cached(keeping(Map.of("other", "keys_out")), 1),
        "head.cache.values has 'other'",
        "from encode to step is [context, keys, vals]");
    Refusal.of(
        BundleException.class,
        () -> cached(keeping(Map.of("keys", "kept", "vals", "vals_out")), 1),
        "head.cache.values has 'kept' for 'keys', which step does not give",
        "keys_out");
    Refusal.of(
        IllegalArgumentException.class,
        () -> new HeadSpec.Cache(-1, new TreeMap<>()),
        "begin_token -1");
  }

  private static HeadSpec keeping(Map<String, String> values) {
    var cache = new HeadSpec.Cache(BEGIN, new TreeMap<>(values));
    return new HeadSpec.Autoregressive(BINS, FIRST, 1, cache);
  }
}
