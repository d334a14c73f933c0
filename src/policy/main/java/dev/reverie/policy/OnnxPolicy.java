package dev.reverie.policy;

import ai.onnxruntime.OnnxTensor;
import dev.reverie.rollout.CameraCalibration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;

/**
 * A policy ready to act: observation in, actions out, on buffers made once. Safe for several
 * threads, one inference at a time; closing waits for the inference under way.
 */
public final class OnnxPolicy implements AutoCloseable {
  private static final String LOGITS = PolicyOutput.LOGITS;
  private static final int WARM_UPS = 3; // the first run plans memory, the next ones fill caches

  private final PolicyBundle bundle;
  private final PolicySession session;
  private final BoundInputs bound;
  private final Map<String, OnnxTensor> inputs = new HashMap<>();
  private final Map<String, OnnxTensor> outputs = new HashMap<>();
  private final Map<String, NdArray> results = new LinkedHashMap<>(); // by the head's word
  private boolean closed;
  private String passedOver = "";
  private final Object ending = new Object();
  private boolean ended; // guarded by ending: its session cannot be told anything any more

  private OnnxPolicy(
      PolicyBundle bundle, PolicySession session, Map<String, CameraCalibration> calibrations) {
    BundleSpec spec = bundle.spec();
    this.bundle = bundle;
    this.session = session;
    bound = new BoundInputs(bundle, calibrations);
    bound.arrays().forEach((name, array) -> inputs.put(name, session.tensor(array)));
    ChunkLayout layout = bundle.layout();
    spec.head()
        .outputs(layout.rows(), layout.width())
        .forEach(
            (word, shape) -> {
              String name = spec.graph().output(word);
              long[] lengths = LongStream.concat(LongStream.of(1), longs(shape)).toArray();
              NdArray array = NdArray.zeros(session.outputType(name), lengths);
              results.put(word, array);
              outputs.put(name, session.tensor(array));
            });
  }

  /** A warmed-up policy for cameras whose pictures need no rectification. */
  public static OnnxPolicy open(PolicyBundle bundle, OnnxOptions options) {
    return open(bundle, options, Map.of());
  }

  /**
   * A warmed-up policy. Takes tens of milliseconds and more for large policies: call it outside the
   * control loop.
   *
   * @param calibrations by camera name, of the cameras that the spec wants rectified
   * @throws ProviderException where no provider of the options can be used, or another than the CPU
   *     gives other numbers
   */
  public static OnnxPolicy open(
      PolicyBundle bundle, OnnxOptions options, Map<String, CameraCalibration> calibrations) {
    List<String> why = new ArrayList<>();
    for (ExecutionProvider provider : options.providers()) {
      try {
        OnnxPolicy policy = open(bundle, options.threads(), provider, calibrations);
        policy.passedOver = String.join("; ", why);
        return policy;
      } catch (ProviderException e) {
        why.add(String.valueOf(e.getMessage()));
      }
    }
    throw new ProviderException(String.join("; ", why));
  }

  private static OnnxPolicy open(
      PolicyBundle bundle,
      int threads,
      ExecutionProvider provider,
      Map<String, CameraCalibration> calibrations) {
    PolicySession session = PolicySession.open(bundle, threads, provider);
    try {
      OnnxPolicy policy = new OnnxPolicy(bundle, session, calibrations);
      for (int i = 0; i < WARM_UPS; i++) {
        policy.run();
      }
      if (provider != ExecutionProvider.CPU) {
        try (PolicySession cpu = PolicySession.open(bundle, threads, ExecutionProvider.CPU)) {
          policy.requireSame(cpu);
        }
      }
      policy.probe();
      return policy;
    } catch (IllegalStateException e) {
      session.close();
      throw provider == ExecutionProvider.CPU
          ? e
          : new ProviderException(provider + ": " + e.getMessage(), e);
    } catch (RuntimeException e) {
      session.close();
      throw e;
    }
  }

  /**
   * Compares one inference, of random inputs, with that of another session of the same graph.
   *
   * @throws ProviderException where they differ by more than the bundle's {@code probe.tolerance}
   *     of an output's largest value
   */
  void requireSame(PolicySession other) {
    var random = new SplittableRandom(0);
    for (InputSpec input : bundle.inputs()) {
      NdArray values = RandomInputs.of(spec(), input, 1, random);
      Objects.requireNonNull(bound.arrays().get(input.name())).data().copyFrom(values.data());
    }
    run();
    Map<String, double[]> own = new HashMap<>();
    results.forEach((word, array) -> own.put(word, array.toDoubles()));
    try (PolicySession.Seen seen = other.see(inputs)) {
      seen.run(outputs);
    }
    double tolerance = spec().probe().tolerance();
    results.forEach(
        (word, array) -> {
          double difference =
              ProbeCheck.difference(array.toDoubles(), Objects.requireNonNull(own.get(word)));
          if (!(difference <= tolerance)) {
            throw new ProviderException(
                "%s: output '%s' differs from what the %s gives by %.2g of its largest value, more than probe.tolerance %s"
                    .formatted(
                        provider(),
                        spec().graph().output(word),
                        other.provider(),
                        difference,
                        tolerance));
          }
        });
  }

  /**
   * Draws a chunk of actions.
   *
   * @param temperature of what is drawn: 1 as trained; 0 takes the most likely
   * @param random the same generator state gives the same chunk
   * @throws IllegalArgumentException naming what the observation lacks
   */
  public synchronized Sample draw(
      Observation observation, double temperature, RandomGenerator random) {
    if (!(temperature >= 0) || Double.isInfinite(temperature)) {
      throw new IllegalArgumentException(
          "temperature %s; give 0 (greedy) or a positive number".formatted(temperature));
    }
    see(observation);
    return drawn(temperature, random);
  }

  /** Draws a chunk for what its inputs are bound to now. */
  private Sample drawn(double temperature, RandomGenerator random) {
    bound.noise(temperature, random);
    return switch (spec().head()) {
      case HeadSpec.Tokens _ -> TokenSampler.sample(once(), temperature, random);
      case HeadSpec.Autoregressive head -> successive(head, temperature, random);
      case HeadSpec.Regression _, HeadSpec.Gaussian _ ->
          NormalSampler.sample(once(), temperature, random);
      case DenoisingSpec head -> denoise(head, temperature, random);
    };
  }

  /**
   * Ends the inference that is under way, if one is, at its graph's next node: it fails. On any
   * thread; whoever calls it sees to it that no other inference has begun by then.
   */
  public void cancel() {
    synchronized (ending) {
      if (!ended) {
        session.end(true);
      }
    }
  }

  /**
   * Runs the policy without drawing anything.
   *
   * @throws IllegalArgumentException naming what the observation lacks
   */
  public synchronized PolicyOutput infer(Observation observation) {
    see(observation);
    bound.noise(0, () -> 0);
    return switch (spec().head()) {
      case DenoisingSpec head ->
          new PolicyOutput(
              head, Map.of(PolicyOutput.ACTIONS, denoise(head, 0, () -> 0).actions()), layout());
      case HeadSpec.Autoregressive head -> {
        Sample _ = successive(head, 0, () -> 0);
        yield output();
      }
      case HeadSpec.Tokens _, HeadSpec.Regression _, HeadSpec.Gaussian _ -> once();
    };
  }

  private void see(Observation observation) {
    if (closed) {
      throw new IllegalStateException("this policy is closed; use the one that replaced it");
    }
    session.end(false);
    bound.see(observation);
  }

  private void run() {
    try (PolicySession.Seen seen = session.see(inputs)) {
      seen.run(outputs);
    }
  }

  private PolicyOutput once() {
    run();
    return output();
  }

  /**
   * Returns what the graph gave last, of the actions alone, in [-1, 1] where it gives no logits.
   */
  private PolicyOutput output() {
    Map<String, float[]> values = new HashMap<>();
    results.forEach((word, array) -> values.put(word, actions(word, array.asFloats())));
    return new PolicyOutput(spec().head(), values, layout());
  }

  private float[] actions(String word, float[] whole) {
    int each = spec().head() instanceof HeadSpec.Binned binned ? binned.bins() : 1;
    float[] part = layout().part(whole, each);
    if (each > 1 || !layout().isScaled()) {
      return part;
    }
    for (int i = 0; i < part.length; i++) {
      int d = i % layout().dimensions();
      part[i] =
          (float)
              (word.equals(PolicyOutput.LOG_SD)
                  ? part[i] + Math.log(Math.abs(layout().factor()[d]))
                  : layout().action(part[i], d));
    }
    return part;
  }

  private Sample denoise(DenoisingSpec head, double temperature, RandomGenerator random) {
    try (PolicySession.Seen seen = session.see(inputs)) {
      return DenoisingSampler.sample(
          head,
          layout(),
          (chunk, time) -> {
            bound.step(chunk, time);
            seen.run(outputs);
            return Objects.requireNonNull(results.get(head.output())).asFloats();
          },
          temperature,
          random);
    }
  }

  /** Draws token after token; what does not depend on them runs once. */
  private Sample successive(
      HeadSpec.Autoregressive head, double temperature, RandomGenerator random) {
    long[] drawn = new long[layout().values()];
    Arrays.fill(drawn, head.token(0));
    int[] bins = new int[drawn.length];
    float[] logs = new float[drawn.length];
    try (Logits logits = head.hasCache() ? new Cached(head) : new Repeated(head)) {
      for (int i = 0; i < drawn.length; i++) {
        float[] own = logits.of(i, drawn);
        Sample one =
            TokenSampler.sample(new PolicyOutput(own, 1, 1, head.bins()), temperature, random);
        bins[i] = one.tokens()[0];
        logs[i] = one.logProbabilities()[0];
        drawn[i] = head.token(bins[i]);
      }
    }
    return layout().sample(head.bins(), bins, logs);
  }

  /** Logits of value after value of one observation. */
  private interface Logits extends AutoCloseable {
    /**
     * Returns those of the i-th value, [bins].
     *
     * @param drawn tokens of the values, of which those before it count
     */
    float[] of(int i, long[] drawn);

    @Override
    void close();
  }

  /** Runs the graph on all tokens for each value. */
  private final class Repeated implements Logits {
    private final PolicySession.Seen seen = session.see(inputs);
    private final int bins;

    Repeated(HeadSpec.Autoregressive head) {
      bins = head.bins();
    }

    @Override
    public float[] of(int i, long[] drawn) {
      bound.tokens(drawn);
      seen.run(outputs);
      float[] all = Objects.requireNonNull(results.get(LOGITS)).asFloats();
      return Arrays.copyOfRange(all, i * bins, (i + 1) * bins);
    }

    @Override
    public void close() {
      seen.close();
    }
  }

  /** Runs the graph on the newest token alone, with what it kept of the others. */
  private final class Cached implements Logits {
    private final HeadSpec.Autoregressive head;
    private final PolicySession.Seen seen = session.see(inputs);
    private final PolicySession.Steps steps;
    private final NdArray token;
    private final OnnxTensor newest;
    private final String input;

    Cached(HeadSpec.Autoregressive head) {
      this.head = head;
      steps = seen.steps(head.carried());
      InputSpec tokens =
          bundle.inputs().stream()
              .filter(InputSpec.ActionTokens.class::isInstance)
              .findFirst()
              .orElseThrow(); // the spec was checked
      input = tokens.name();
      token = NdArray.zeros(tokens.dtype(), 1, 1);
      newest = session.tensor(token);
    }

    @Override
    public float[] of(int i, long[] drawn) {
      token.set(0, i == 0 ? head.cache().beginToken() : drawn[i - 1]);
      float[] own = steps.next(Map.of(input, newest), spec().graph().output(LOGITS)).asFloats();
      NdArray all = Objects.requireNonNull(results.get(LOGITS));
      for (int j = 0; j < own.length; j++) {
        all.set((long) i * own.length + j, own[j]);
      }
      return own;
    }

    @Override
    public void close() {
      steps.close();
      newest.close();
      seen.close();
    }
  }

  private ChunkLayout layout() {
    return bundle.layout();
  }

  /** Compares what the graph gives with what the exporter's own program gave, where it told. */
  private void probe() {
    bundle
        .probe()
        .ifPresent(
            file ->
                new ProbeCheck(bundle, file)
                    .compare(
                        bound,
                        () -> {
                          run();
                          return results;
                        },
                        this::drawn));
  }

  /** Id of the bundle. */
  public String id() {
    return bundle.id();
  }

  /** The spec of the bundle. */
  public BundleSpec spec() {
    return bundle.spec();
  }

  /** Periods before the present of the observations that it sees, 0 among them, rising. */
  public List<Integer> ages() {
    return bundle.ages();
  }

  /** The calibrations that cameras had in training, by name; empty where nobody wrote them. */
  public Map<String, List<CameraCalibration>> calibrations() {
    return bundle.calibrations();
  }

  /** Returns what of ONNX Runtime runs it. */
  public ExecutionProvider provider() {
    return session.provider();
  }

  /**
   * Returns why what was to run it rather does not; empty where the first provider of the options
   * does.
   */
  public String passedOver() {
    return passedOver;
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      synchronized (ending) {
        ended = true;
      }
      session.close();
      inputs.values().forEach(OnnxTensor::close);
      outputs.values().forEach(OnnxTensor::close);
    }
  }

  private static LongStream longs(List<Long> values) {
    return values.stream().mapToLong(Long::longValue);
  }
}
