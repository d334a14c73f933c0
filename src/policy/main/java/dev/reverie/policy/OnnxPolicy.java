package dev.reverie.policy;

import ai.onnxruntime.OnnxTensor;
import dev.reverie.rollout.CameraCalibration;
import dev.reverie.rollout.CameraImage;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;

/**
 * A policy ready to act: observation in, actions out, on buffers made once. Safe for several
 * threads, one inference at a time; closing waits for the inference under way.
 */
public final class OnnxPolicy implements AutoCloseable {
  private static final int WARM_UPS = 3; // the first run plans memory, the next ones fill caches
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final PolicyBundle bundle;
  private final PolicySession session;
  private final Tokenizer tokenizer;
  private final Map<String, Preprocess> preprocess = new LinkedHashMap<>();
  private final Map<String, NdArray> arrays = new HashMap<>();
  private final Map<String, OnnxTensor> inputs = new HashMap<>();
  private final Map<String, OnnxTensor> outputs = new HashMap<>();
  private final Map<String, NdArray> results = new LinkedHashMap<>();
  private boolean closed;

  private OnnxPolicy(
      PolicyBundle bundle, PolicySession session, Map<String, CameraCalibration> calibrations) {
    BundleSpec spec = bundle.spec();
    this.bundle = bundle;
    this.session = session;
    tokenizer = new Tokenizer(spec.vocabulary());
    for (BundleSpec.Camera camera : spec.cameras()) {
      Optional<CameraCalibration> lens = Optional.ofNullable(calibrations.get(camera.name()));
      preprocess.put(camera.name(), new Preprocess(camera, lens));
      input(
          "image." + camera.name(), NdArray.zeros(DType.U8, 1, camera.height(), camera.width(), 3));
    }
    if (bundle.inputs().contains(PolicyBundle.INSTRUCTION)) {
      input(PolicyBundle.INSTRUCTION, NdArray.zeros(DType.I64, 1, spec.vocabulary().length()));
    }
    if (bundle.inputs().contains(PolicyBundle.JOINTS)) {
      input(PolicyBundle.JOINTS, NdArray.zeros(DType.F32, 1, spec.jointNames().size()));
    }
    int horizon = spec.chunk().horizon();
    int dimensions = spec.actionSpace().dimensions();
    if (spec.head() instanceof DenoisingSpec) {
      input(DenoisingSpec.CHUNK, NdArray.zeros(DType.F32, 1, horizon, dimensions));
      input(DenoisingSpec.TIME, NdArray.zeros(DType.F32, 1));
    }
    spec.head()
        .outputs(horizon, dimensions)
        .forEach(
            (name, shape) -> {
              long[] lengths = LongStream.concat(LongStream.of(1), longs(shape)).toArray();
              NdArray array = NdArray.zeros(DType.F32, lengths);
              results.put(name, array);
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
   */
  public static OnnxPolicy open(
      PolicyBundle bundle, OnnxOptions options, Map<String, CameraCalibration> calibrations) {
    PolicySession session = PolicySession.open(bundle, options);
    try {
      OnnxPolicy policy = new OnnxPolicy(bundle, session, calibrations);
      for (int i = 0; i < WARM_UPS; i++) {
        policy.run();
      }
      return policy;
    } catch (RuntimeException e) {
      session.close();
      throw e;
    }
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
    return switch (spec().head()) {
      case HeadSpec.Tokens _ -> TokenSampler.sample(once(), temperature, random);
      case HeadSpec.Regression _, HeadSpec.Gaussian _ ->
          NormalSampler.sample(once(), temperature, random);
      case DenoisingSpec head -> denoise(head, temperature, random);
    };
  }

  /**
   * Runs the policy without drawing anything.
   *
   * @throws IllegalArgumentException naming what the observation lacks
   */
  public synchronized PolicyOutput infer(Observation observation) {
    see(observation);
    return spec().head() instanceof DenoisingSpec head
        ? output(Map.of(PolicyOutput.ACTIONS, denoise(head, 0, () -> 0).actions()))
        : once();
  }

  private void see(Observation observation) {
    if (closed) {
      throw new IllegalStateException("this policy is closed; use the one that replaced it");
    }
    preprocess.forEach((name, step) -> step.apply(image(observation, name), data("image." + name)));
    long[] tokens = tokenizer.encode(observation.instruction());
    if (arrays.containsKey(PolicyBundle.INSTRUCTION)) {
      MemorySegment.copy(tokens, 0, data(PolicyBundle.INSTRUCTION), LONG, 0, tokens.length);
    }
    if (arrays.containsKey(PolicyBundle.JOINTS)) {
      fillJoints(observation.jointPositions());
    }
  }

  private void run() {
    try (PolicySession.Seen seen = session.see(inputs)) {
      seen.run(outputs);
    }
  }

  private PolicyOutput once() {
    run();
    Map<String, float[]> values = new HashMap<>();
    results.forEach((name, array) -> values.put(name, array.toFloats()));
    return output(values);
  }

  private PolicyOutput output(Map<String, float[]> values) {
    return new PolicyOutput(
        spec().head(), values, spec().chunk().horizon(), spec().actionSpace().dimensions());
  }

  private Sample denoise(DenoisingSpec head, double temperature, RandomGenerator random) {
    int values = spec().chunk().horizon() * spec().actionSpace().dimensions();
    try (PolicySession.Seen seen = session.see(inputs)) {
      return DenoisingSampler.sample(
          head,
          values,
          (chunk, time) -> {
            MemorySegment.copy(chunk, 0, data(DenoisingSpec.CHUNK), FLOAT, 0, values);
            data(DenoisingSpec.TIME).set(FLOAT, 0, time);
            seen.run(outputs);
            return Objects.requireNonNull(results.get(head.output())).toFloats();
          },
          temperature,
          random);
    }
  }

  /** Id of the bundle. */
  public String id() {
    return bundle.id();
  }

  /** The spec of the bundle. */
  public BundleSpec spec() {
    return bundle.spec();
  }

  /** The calibrations that cameras had in training, by name; empty where nobody wrote them. */
  public Map<String, List<CameraCalibration>> calibrations() {
    return bundle.calibrations();
  }

  /** The device that it runs on: {@code "CPU"} or {@code "CUDA"}. */
  public String provider() {
    return session.provider();
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      session.close();
      inputs.values().forEach(OnnxTensor::close);
      outputs.values().forEach(OnnxTensor::close);
    }
  }

  private void input(String name, NdArray array) {
    arrays.put(name, array);
    inputs.put(name, session.tensor(array));
  }

  private MemorySegment data(String input) {
    NdArray array = arrays.get(input);
    if (array == null) {
      throw new IllegalStateException("the policy has no input '%s'".formatted(input));
    }
    return array.data();
  }

  private static LongStream longs(List<Long> values) {
    return values.stream().mapToLong(Long::longValue);
  }

  private static CameraImage image(Observation observation, String camera) {
    CameraImage image = observation.images().get(camera);
    if (image == null) {
      throw new IllegalArgumentException(
          "the observation has the cameras %s; the policy needs '%s'"
              .formatted(observation.images().keySet(), camera));
    }
    return image;
  }

  private void fillJoints(double[] positions) {
    if (positions.length != bundle.spec().jointNames().size()) {
      throw new IllegalArgumentException(
          "the observation has %d joint positions; the policy needs %s"
              .formatted(positions.length, bundle.spec().jointNames()));
    }
    MemorySegment target = data(PolicyBundle.JOINTS);
    for (int i = 0; i < positions.length; i++) {
      if (!Double.isFinite(positions[i])) {
        throw new IllegalArgumentException(
            "joint positions %s; joint '%s' is not finite"
                .formatted(Arrays.toString(positions), bundle.spec().jointNames().get(i)));
      }
      target.setAtIndex(FLOAT, i, (float) positions[i]);
    }
  }
}
