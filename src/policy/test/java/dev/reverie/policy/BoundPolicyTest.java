package dev.reverie.policy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.rollout.CameraImage;
import dev.reverie.testing.Refusal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Policies of format 2: what their graphs are given, and what is made of what they give. */
class BoundPolicyTest {
  static List<HeadSpec> heads() {
    List<HeadSpec> all = new ArrayList<>(HeadSpecTest.heads());
    all.add(HeadSpec.tokens(5));
    all.add(new HeadSpec.Autoregressive(5, 100, -1));
    return all;
  }

  private static double constant(PolicyBundle bundle, String word, int row, int value) {
    float[] all = Objects.requireNonNull(bundle.weights().get(word + ".value")).toFloats();
    return all[row * BoundPolicy.WIDTH + value];
  }

  /** The action of a value of the graph: quantiles -0.5 to 0.5 and -1 to 2, rad; then the range. */
  private static double action(double value, int d) {
    return d == 0 ? value * 0.5 / 1 : (0.5 + value * 1.5) / 2;
  }

  @ParameterizedTest
  @MethodSource("heads")
  void aBundleOfEachHeadIsReadAsItWasWritten(HeadSpec head, @TempDir Path folder) {
    PolicyBundle bundle = BoundPolicy.bundle(head);
    bundle.save(folder.resolve("bundle"));
    PolicyBundle read = PolicyBundle.load(folder.resolve("bundle"));
    assertEquals(bundle.spec(), read.spec());
    assertEquals(bundle.id(), read.id());
    assertEquals(bundle.weights(), read.weights());
    assertEquals(List.of(0, 2), read.ages());
    assertTrue(Files.isRegularFile(folder.resolve("bundle/tokenizer.json")));
  }

  @ParameterizedTest
  @MethodSource("heads")
  void aGraphOfOneObservationActsAsOneOfMany(HeadSpec head) {
    BundleSpec spec = BoundPolicy.spec(head);
    try (OnnxPolicy any = OnnxPolicy.open(BoundPolicy.bundle(spec, -1), OnnxOptions.cpu(1));
        OnnxPolicy one = OnnxPolicy.open(BoundPolicy.bundle(spec, 1), OnnxOptions.cpu(1))) {
      Observation seen = BoundPolicy.observation();
      Sample first = any.draw(seen, 1, new SplittableRandom(3));
      Sample same = one.draw(seen, 1, new SplittableRandom(3));
      assertArrayEquals(first.actions(), same.actions());
      assertArrayEquals(first.tokens(), same.tokens());
      assertEquals(6, first.actions().length);
      for (float action : first.actions()) {
        assertTrue(action >= -1 && action <= 1);
      }
    }
  }

  @Test
  void picturesJointsWordsAndWhatWasSeenBeforeReachTheGraphAsTheSpecSays() {
    PolicyBundle bundle = BoundPolicy.bundle(new HeadSpec.Regression(List.of(0.1, 0.1)));
    try (OnnxPolicy policy = OnnxPolicy.open(bundle, OnnxOptions.cpu(1))) {
      PolicyOutput output = policy.infer(BoundPolicy.observation());
      for (int i = 0; i < 6; i++) {
        double value =
            BoundPolicy.number() + constant(bundle, "actions", BoundPolicy.SKIP + i / 2, i % 2);
        assertEquals(action(value, i % 2), output.normal(i, 1).mean(), 1e-4);
        assertEquals(0.1, output.normal(i, 1).sd(), 1e-6);
      }
    }
  }

  @Test
  void theFirstObservationStandsForThoseBeforeIt() {
    PolicyBundle bundle = BoundPolicy.bundle(new HeadSpec.Gaussian());
    try (OnnxPolicy policy = OnnxPolicy.open(bundle, OnnxOptions.cpu(1))) {
      Observation now = BoundPolicy.seen(3);
      Observation first = BoundPolicy.seen(2);
      float[] alone = policy.infer(now).greedy();
      float[] repeated = policy.infer(now.after(new TreeMap<>(Map.of(2, now)))).greedy();
      assertArrayEquals(repeated, alone);
      float[] second = policy.infer(now.after(new TreeMap<>(Map.of(1, first)))).greedy();
      assertArrayEquals(policy.infer(now.after(new TreeMap<>(Map.of(2, first)))).greedy(), second);
      assertFalse(Arrays.equals(alone, second));
    }
  }

  @Test
  void theDeviationOfAnActionIsOfTheActionNotOfTheGraphsValue() {
    PolicyBundle bundle = BoundPolicy.bundle(new HeadSpec.Gaussian());
    try (OnnxPolicy policy = OnnxPolicy.open(bundle, OnnxOptions.cpu(1))) {
      PolicyOutput output = policy.infer(BoundPolicy.observation());
      for (int i = 0; i < 6; i++) {
        double logSd =
            BoundPolicy.number() + constant(bundle, "log_std", BoundPolicy.SKIP + i / 2, i % 2);
        double factor = i % 2 == 0 ? 0.5 : 0.75;
        assertEquals(Math.exp(logSd) * factor, output.normal(i, 1).sd(), 1e-4);
      }
    }
  }

  @Test
  void anAutoregressiveTokenIsDrawnGivenThoseBeforeIt() {
    var head = new HeadSpec.Autoregressive(5, 100, -1);
    PolicyBundle bundle = BoundPolicy.bundle(head);
    try (OnnxPolicy policy = OnnxPolicy.open(bundle, OnnxOptions.cpu(1))) {
      Sample sample = policy.draw(BoundPolicy.observation(), 1, new SplittableRandom(8));
      assertEquals(6, sample.tokens().length);
      assertEquals(6, sample.logProbabilities().length);
      for (int i = 0; i < 6; i++) {
        assertTrue(sample.logProbabilities()[i] < 0);
        double centre = TokenSampler.centre(sample.tokens()[i], 5);
        assertEquals(Math.clamp(action(centre, i % 2), -1.0, 1.0), sample.actions()[i], 1e-6);
      }
    }
  }

  @Test
  void noiseIsDrawnOfTheChunksGeneratorAndNoneAtTemperature0() {
    HeadSpec head = new HeadSpec.Regression(List.of(0.1, 0.1));
    List<InputSpec> inputs = new ArrayList<>(BoundPolicy.inputs(head));
    inputs.add(new InputSpec.Noise("eps", DType.F16));
    BundleSpec spec = BoundPolicy.spec(head, inputs, BoundPolicy.language());
    try (OnnxPolicy policy = OnnxPolicy.open(BoundPolicy.bundle(spec, -1), OnnxOptions.cpu(1))) {
      Observation seen = BoundPolicy.observation();
      Sample first = policy.draw(seen, 1, new SplittableRandom(3));
      assertArrayEquals(first.actions(), policy.draw(seen, 1, new SplittableRandom(3)).actions());
      assertFalse(
          Arrays.equals(first.actions(), policy.draw(seen, 1, new SplittableRandom(4)).actions()));
      Sample greedy = policy.draw(seen, 0, new SplittableRandom(3));
      assertArrayEquals(greedy.actions(), policy.draw(seen, 0, () -> 0).actions());
    }
  }

  @Test
  void actionsThatAreDecidedReachTheGraphAsItHasActions() {
    HeadSpec head = new HeadSpec.Regression(List.of(0.1, 0.1));
    List<InputSpec> inputs = new ArrayList<>(BoundPolicy.inputs(head));
    inputs.add(new InputSpec.ActionPrefix("prefix", DType.F32));
    inputs.add(new InputSpec.ActionPrefixLength("decided", DType.I64));
    BundleSpec spec = BoundPolicy.spec(head, inputs, BoundPolicy.language());
    try (OnnxPolicy policy = OnnxPolicy.open(BoundPolicy.bundle(spec, -1), OnnxOptions.cpu(1))) {
      Observation seen = BoundPolicy.observation();
      double none = policy.infer(seen).normal(0, 1).mean();
      double some = policy.infer(seen.deciding(new float[] {0.5f, 0.5f})).normal(0, 1).mean();
      double value = 0.5 / 0.5 + (0.5 * 2 - 0.5) / 1.5; // as quantiles of each joint
      assertEquals(0.01 * (value + 1) * 0.5, some - none, 1e-5);
    }
  }

  @Test
  void twoFilesAreOneGraphThatLooksAtTheObservationOnce() {
    var flow = new FlowSpec(4, FlowSpec.Sampler.ODE, 0.7);
    BundleSpec whole = BoundPolicy.spec(flow);
    GraphSpec one = whole.graph();
    BundleSpec spec =
        new BundleSpec(
            2,
            whole.cameras(),
            whole.jointNames(),
            whole.actionSpace(),
            whole.chunk(),
            new GraphSpec(
                new TreeMap<>(Map.of("encode", "encode.onnx", "step", "step.onnx")),
                List.of(one.inputs().get(1), one.inputs().get(4), one.inputs().get(5), camera()),
                one.outputs(),
                one.actions()),
            flow,
            Language.none(),
            new ParameterSpec(List.of("*.w"), List.of(), ParameterSpec.Adapters.NONE),
            whole.execution(),
            whole.limits(),
            whole.probe(),
            whole.lineage(),
            new TreeMap<>());
    var encode = new GraphBuilder("encode");
    String state = encode.input("observation.state", DType.F32, -1, 2, 5);
    encode.input("pixels", DType.U8, -1, 4, 6, 3);
    String w = encode.weight("state.w", NdArray.of(new float[] {2}, 1));
    String sum = encode.node("ReduceSum", Map.of("keepdims", 0L), state, encode.integers(1, 2));
    encode.output(encode.node("Mul", sum, w), "features", DType.F32, -1);
    var step = new GraphBuilder("step");
    String features = step.input("features", DType.F32, -1);
    String chunk = step.input("noisy", DType.F32, -1, 4, 4);
    step.input("timestep", DType.F32, -1);
    String shared = step.weight("state.w", NdArray.of(new float[] {2}, 1));
    String h = step.node("Reshape", step.node("Mul", features, shared), step.integers(-1, 1, 1));
    step.output(step.node("Add", h, chunk), "out_velocity", DType.F32, -1, 4, 4);
    Map<String, NdArray> weights = new LinkedHashMap<>(BoundPolicy.statistics());
    weights.keySet().removeIf(name -> name.startsWith("colour"));
    weights.put("state.w", NdArray.of(new float[] {2}, 1));
    PolicyBundle bundle =
        PolicyBundle.of(
            spec, Map.of("encode", encode.model(), "step", step.model()), weights, Map.of());
    try (OnnxPolicy policy = OnnxPolicy.open(bundle, OnnxOptions.cpu(1))) {
      double looked = 0;
      for (int n : new int[] {1, 3}) {
        looked += (0.1 * n - 0.5) / 2 + (-0.2 * n + 0.5) / 4;
      }
      double x = 0;
      for (int i = 0; i < 4; i++) {
        x -= (4 * looked + x) / 4; // Euler's steps of the velocity 4 looked + x
      }
      float[] actions = policy.draw(BoundPolicy.observation(), 0, () -> 0).actions();
      assertEquals(Math.clamp(action(x, 0), -1.0, 1.0), actions[0], 1e-5);
      assertEquals(Math.clamp(action(x, 1), -1.0, 1.0), actions[1], 1e-5);
    }
    Refusal.of(
        BundleException.class,
        () ->
            PolicyBundle.of(
                spec, Map.of("encode", encode.model(), "step", encode.model()), weights, Map.of()),
        "step takes",
        "one name");
  }

  private static InputSpec camera() {
    return InputSpec.Camera.raw("pixels", "front");
  }

  @Test
  void whatNormalisesIsNeverTrainedAndStaysAsItIs() {
    PolicyBundle bundle = BoundPolicy.bundle(new HeadSpec.Gaussian());
    assertEquals(BoundPolicy.statistics().keySet(), bundle.frozen());
    Map<String, NdArray> weights = new LinkedHashMap<>(bundle.weights());
    weights.replaceAll((_, array) -> NdArray.zeros(array.type(), array.shape()));
    PolicyBundle other = bundle.withWeights(weights);
    BoundPolicy.statistics()
        .forEach((name, array) -> assertEquals(array, other.weights().get(name), name));
    assertEquals(0, constant(other, "mean", 1, 1));
  }

  @Test
  void aProbeIsComparedWhereThePolicyIsOpened() {
    HeadSpec head = new FlowSpec(4, FlowSpec.Sampler.ODE, 0.7);
    PolicyBundle plain = BoundPolicy.bundle(head);
    float[] x = new float[2 * 16];
    SplittableRandom random = new SplittableRandom(2);
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextGaussian();
    }
    float[] velocity = new float[2 * 16];
    for (int i = 0; i < velocity.length; i++) {
      float time = i < 16 ? 1 : 0.5f;
      velocity[i] =
          (float)
              (BoundPolicy.number()
                  + 0.01 * time
                  + 0.5 * x[i]
                  + constant(plain, "velocity", i % 16 / 4, i % 4));
    }
    opened(head, probe(x, velocity)).close();
    velocity[20] += 0.1f;
    Refusal.of(
        BundleException.class,
        () -> opened(head, probe(x, velocity)),
        "output 'out_velocity'",
        "observation 1",
        "probe.tolerance 0.001");
    Refusal.of(
        BundleException.class,
        () -> opened(head, Map.of("joints", NdArray.zeros(DType.F32, 2, 2, 2))),
        "no array 'picture.front'");
    Map<String, NdArray> blind = probe(x, velocity);
    blind.put("picture.front", NdArray.zeros(DType.U8, 0, 2, 4, 6, 3));
    Refusal.of(
        BundleException.class,
        () -> opened(head, blind),
        "'picture.front' of U8[0, 2, 4, 6, 3]; give U8[2, 2, height, width, 3]");
  }

  @Test
  void aChunkOfTheProbeIsComparedInMetresAndRadians() {
    HeadSpec head = new FlowSpec(4, FlowSpec.Sampler.ODE, 0.7);
    Map<String, NdArray> probe = probe(new float[32], new float[32]);
    float[] noise = new float[32];
    SplittableRandom random = new SplittableRandom(3);
    for (int i = 0; i < noise.length; i++) {
      noise[i] = (float) random.nextGaussian();
    }
    probe.put("noise", NdArray.of(noise, 2, 16));
    PolicyBundle plain = BoundPolicy.bundle(head);
    ChunkLayout layout = plain.layout();
    ActionUnits units = ActionUnits.of(plain.spec().actionSpace());
    float[] actions = new float[2 * layout.horizon() * layout.dimensions()];
    float[] velocity = new float[32];
    for (int i = 0; i < noise.length; i++) {
      double own = BoundPolicy.number() + constant(plain, "velocity", i % 16 / 4, i % 4);
      velocity[i] = (float) (own + 0.01 * (i < 16 ? 1 : 0.5));
      double x = noise[i];
      for (double t = 1; t > 0; t -= 0.25) { // Euler's steps
        x -= 0.25 * (own + 0.01 * t + 0.5 * x);
      }
      int k = i % 16 / 4 - layout.skip();
      int d = i % 4;
      if (k >= 0 && d < layout.dimensions()) {
        actions[(i / 16 * layout.horizon() + k) * layout.dimensions() + d] =
            (float) (units.middle()[d] + units.scale()[d] * layout.action(x, d));
      }
    }
    probe.put("input.noisy", NdArray.zeros(DType.F32, 2, 4, 4));
    probe.put("output.out_velocity", NdArray.of(velocity, 2, 4, 4));
    probe.put("actions", NdArray.of(actions, 2, layout.horizon(), layout.dimensions()));
    opened(head, probe).close();

    float[] broken = noise.clone();
    broken[0] = Float.NaN; // of a row before the first action, so that no action tells of it
    probe.put("noise", NdArray.of(broken, 2, 16));
    Refusal.of(
        BundleException.class, () -> opened(head, probe), "'noise' with NaN or infinite values");
    probe.put("noise", NdArray.of(new float[30], 2, 15));
    Refusal.of(BundleException.class, () -> opened(head, probe), "15 numbers", "draws more");
    probe.put("noise", NdArray.zeros(DType.F32, 2, 16));
    Refusal.of(
        BundleException.class,
        () -> opened(head, probe),
        "the chunk of 'actions'",
        "observation 0");
  }

  private static OnnxPolicy opened(HeadSpec head, Map<String, NdArray> probe) {
    BundleSpec spec = BoundPolicy.spec(head);
    GraphBuilder graph = BoundPolicy.graph(spec, -1, 0.2f);
    Map<String, NdArray> weights = new LinkedHashMap<>(graph.weights());
    weights.putAll(BoundPolicy.statistics());
    byte[] file =
        Safetensors.of(probe, Map.of("instruction.0", "Open it", "instruction.1", "Open it"))
            .bytes();
    PolicyBundle bundle =
        PolicyBundle.of(
            spec,
            Map.of("act", graph.model()),
            weights,
            Map.of(
                "tokenizer.json",
                BoundPolicy.resource("tokenizer.json"),
                "probe.safetensors",
                file));
    assertTrue(bundle.withWeights(bundle.weights()).probe().isEmpty());
    return OnnxPolicy.open(bundle, OnnxOptions.cpu(1));
  }

  private static Map<String, NdArray> probe(float[] x, float[] velocity) {
    byte[] pictures = new byte[2 * 2 * 72];
    float[] joints = new float[2 * 2 * 2];
    for (int i = 0; i < 4; i++) { // two observations, each with what was seen before
      Observation seen = BoundPolicy.seen(i % 2 == 0 ? 1 : 3);
      byte[] rgb = Objects.requireNonNull(seen.images().get("front")).rgb();
      System.arraycopy(rgb, 0, pictures, i * 72, 72);
      joints[2 * i] = (float) seen.jointPositions()[0];
      joints[2 * i + 1] = (float) seen.jointPositions()[1];
    }
    Map<String, NdArray> probe = new LinkedHashMap<>();
    probe.put("picture.front", NdArray.of(pictures, 2, 2, 4, 6, 3));
    probe.put("joints", NdArray.of(joints, 2, 2, 2));
    probe.put("input.noisy", NdArray.of(x, 2, 4, 4));
    probe.put("input.timestep", NdArray.of(new float[] {1, 0.5f}, 2));
    probe.put("output.out_velocity", NdArray.of(velocity, 2, 4, 4));
    return probe;
  }

  @Test
  void aBundleOfFormat1GivesWhatItsGraphGivesBitByBit() {
    PolicyBundle base =
        PolicyBundle.load(Path.of(System.getProperty("reverie.root"), "models/base"));
    byte[] rgb = new byte[48 * 48 * 3];
    new SplittableRandom(5).nextBytes(rgb);
    double[] joints = {0.3, -1.25, 0.777};
    String instruction = "insert the peg into the red slot";
    try (OnnxPolicy policy = OnnxPolicy.open(base, OnnxOptions.cpu(1));
        OnnxSession session = OnnxSession.open(base, OnnxOptions.cpu(1))) {
      Map<String, NdArray> inputs =
          Map.of(
              "image.camera", NdArray.of(rgb, 1, 48, 48, 3),
              "instruction_tokens",
                  NdArray.of(new Tokenizer(base.spec().language()).encode(instruction), 1, 7),
              "joint_positions", NdArray.of(new float[] {0.3f, -1.25f, 0.777f}, 1, 3));
      var image = new CameraImage(48, 48, rgb);
      var seen = new Observation(Map.of("camera", image), joints, instruction);
      float[] expected = Objects.requireNonNull(session.run(inputs).get("logits")).toFloats();
      assertArrayEquals(expected, policy.infer(seen).logits());
      Sample sample = policy.draw(seen, 1, new SplittableRandom(9));
      for (int i = 0; i < sample.tokens().length; i++) {
        assertEquals(TokenSampler.centre(sample.tokens()[i], 21), sample.actions()[i]);
      }
    }
  }
}
