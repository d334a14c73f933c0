package dev.reverie.policy;

import dev.reverie.rollout.CameraCalibration;
import dev.reverie.rollout.CameraImage;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Fills a graph's inputs with what they are bound to, for one observation, on buffers made once.
 */
final class BoundInputs {
  private final BundleSpec spec;
  private final List<InputSpec> inputs;
  private final Tokenizer tokenizer;
  private final ChunkLayout layout;
  private final Map<String, Preprocess> preprocess = new LinkedHashMap<>();
  private final Map<String, Preprocess> rectified = new LinkedHashMap<>(); // beforehand
  private final Map<String, InputNumbers> numbers = new LinkedHashMap<>();
  private final Map<String, NdArray> arrays = new LinkedHashMap<>();

  /**
   * Makes the buffers.
   *
   * @param calibrations by camera name, of the cameras that the spec wants rectified
   */
  BoundInputs(PolicyBundle bundle, Map<String, CameraCalibration> calibrations) {
    spec = bundle.spec();
    inputs = bundle.inputs();
    tokenizer = bundle.tokenizer();
    layout = bundle.layout();
    for (BundleSpec.Camera camera : spec.cameras()) {
      Optional<CameraCalibration> lens = Optional.ofNullable(calibrations.get(camera.name()));
      preprocess.put(camera.name(), new Preprocess(camera, lens));
      rectified.put(camera.name(), new Preprocess(camera.straight()));
    }
    for (InputSpec input : inputs) {
      long[] shape = GraphValues.shape(spec, input).stream().mapToLong(Long::longValue).toArray();
      long[] one = new long[shape.length + 1];
      one[0] = 1;
      System.arraycopy(shape, 0, one, 1, shape.length);
      arrays.put(input.name(), NdArray.zeros(input.dtype(), one));
      numbers.put(input.name(), bundle.numbers(input));
    }
  }

  /** The buffers by the input's name. */
  Map<String, NdArray> arrays() {
    return arrays;
  }

  /**
   * Takes in an observation.
   *
   * @throws IllegalArgumentException naming what it lacks
   */
  void see(Observation observation) {
    see(observation, preprocess);
  }

  /** Takes in an observation whose pictures are rectified already. */
  void seeRectified(Observation observation) {
    see(observation, rectified);
  }

  private void see(Observation observation, Map<String, Preprocess> steps) {
    Tokenizer.Tokens tokens = tokenizer.tokens(observation.instruction());
    for (InputSpec input : inputs) {
      NdArray array = array(input.name());
      switch (input) {
        case InputSpec.Camera camera -> pictures(camera, array, observation, steps);
        case InputSpec.Joints joints -> joints(joints, array, observation);
        case InputSpec.LanguageIds _ -> fill(array, tokens.ids());
        case InputSpec.LanguageMask _ -> fill(array, tokens.mask());
        case InputSpec.ActionPrefix _ -> prefix(array, observation.ahead());
        case InputSpec.ActionPrefixLength _ ->
            array.set(0, Math.floorDiv(observation.ahead().length, layout.dimensions()));
        case InputSpec.Noise _, InputSpec.Chunk _, InputSpec.Time _, InputSpec.ActionTokens _ -> {}
      }
    }
  }

  /** Draws the noise of inputs that are bound to it. */
  void noise(double temperature, RandomGenerator random) {
    double spread = Math.sqrt(temperature);
    for (InputSpec input : inputs) {
      if (input instanceof InputSpec.Noise) {
        NdArray array = array(input.name());
        for (int i = 0; i < layout.values(); i++) {
          array.set(i, spread == 0 ? 0 : spread * random.nextGaussian());
        }
      }
    }
  }

  /** Fills in the chunk before a step, and the step's time. */
  void step(float[] chunk, float time) {
    for (InputSpec input : inputs) {
      switch (input) {
        case InputSpec.Chunk _ -> fill(array(input.name()), chunk);
        case InputSpec.Time _ -> array(input.name()).set(0, time);
        default -> {}
      }
    }
  }

  /** Fills in the tokens of the chunk that are drawn so far. */
  void tokens(long[] drawn) {
    for (InputSpec input : inputs) {
      if (input instanceof InputSpec.ActionTokens) {
        fill(array(input.name()), drawn);
      }
    }
  }

  private void pictures(
      InputSpec.Camera input,
      NdArray array,
      Observation observation,
      Map<String, Preprocess> steps) {
    InputNumbers known = Objects.requireNonNull(numbers.get(input.name()));
    float[] colours = input.dtype() == DType.U8 ? new float[0] : known.colours();
    long each = array.data().byteSize() / input.cameras().size();
    List<Integer> ages = input.history().ages();
    long bytes = each / ages.size();
    int at = 0;
    for (int age : ages) {
      for (String camera : input.cameras()) {
        MemorySegment target = array.data().asSlice(at++ * bytes, bytes);
        CameraImage image = image(observation.before(age), camera);
        picture(input, image, Objects.requireNonNull(steps.get(camera)), colours, target);
      }
    }
  }

  private static void picture(
      InputSpec.Camera input,
      CameraImage image,
      Preprocess step,
      float[] colours,
      MemorySegment target) {
    boolean asItIs = input.dtype() == DType.U8 && input.layout() == InputSpec.Layout.NHWC;
    if (asItIs) {
      step.apply(image, target);
      return;
    }
    byte[] pixels = step.apply(image); // [H, W, 3]
    int area = pixels.length / 3;
    NdArray view = new NdArray(input.dtype(), new long[] {pixels.length}, target);
    for (int i = 0; i < pixels.length; i++) {
      int colour = i % 3;
      int value = Byte.toUnsignedInt(pixels[i]);
      long place = input.layout() == InputSpec.Layout.NHWC ? i : (long) colour * area + i / 3;
      view.set(place, input.dtype() == DType.U8 ? value : colours[256 * colour + value]);
    }
  }

  private void joints(InputSpec.Joints input, NdArray array, Observation observation) {
    InputNumbers known = Objects.requireNonNull(numbers.get(input.name()));
    int width = Math.max(spec.jointNames().size(), input.padTo());
    int row = 0;
    for (int age : input.history().ages()) {
      double[] positions = observation.before(age).jointPositions();
      requireJoints(positions);
      for (int i = 0; i < positions.length; i++) {
        array.set((long) row * width + i, known.of(positions[i], i));
      }
      row++;
    }
  }

  private void prefix(NdArray array, float[] ahead) {
    array.data().fill((byte) 0);
    for (int i = 0; i < ahead.length; i++) {
      int d = i % layout.dimensions();
      long row = layout.skip() + (long) (i / layout.dimensions());
      array.set(row * layout.width() + d, layout.value(ahead[i], d));
    }
  }

  private static void fill(NdArray array, long[] values) {
    for (int i = 0; i < values.length; i++) {
      array.set(i, values[i]);
    }
  }

  private static void fill(NdArray array, float[] values) {
    for (int i = 0; i < values.length; i++) {
      array.set(i, values[i]);
    }
  }

  private NdArray array(String input) {
    return Objects.requireNonNull(arrays.get(input), input);
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

  private void requireJoints(double[] positions) {
    if (positions.length != spec.jointNames().size()) {
      throw new IllegalArgumentException(
          "the observation has %d joint positions; the policy needs %s"
              .formatted(positions.length, spec.jointNames()));
    }
    for (int i = 0; i < positions.length; i++) {
      if (!Double.isFinite(positions[i])) {
        throw new IllegalArgumentException(
            "joint positions %s; joint '%s' is not finite"
                .formatted(Arrays.toString(positions), spec.jointNames().get(i)));
      }
    }
  }
}
