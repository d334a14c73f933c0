package dev.reverie.policy;

import dev.reverie.rollout.CameraImage;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * Compares a graph with what the exporter's own program gave, {@code probe.safetensors}. Of N
 * observations, T instants each, the present one last: {@code picture.<camera>} uint8 [N, T, H, W,
 * 3], of any size, rectified where the spec asks for it; {@code joints} [N, T, J], rad; {@code
 * input.<name>} as the graph takes it for inputs that are drawn; {@code output.<name>} as the graph
 * gives it. Metadata {@code instruction.<n>} is the n-th instruction, from 0 on. There may be
 * {@code actions} [N, K, D] beside them, in metres and radians: the whole chunk, as it comes to be
 * from {@code noise}, standard normal numbers in the order in which they are drawn, or without
 * noise.
 */
final class ProbeCheck {
  private static final String ACTIONS = "actions";
  private static final String NOISE = "noise";

  private final BundleSpec spec;
  private final List<InputSpec> inputs;
  private final List<Integer> ages; // the oldest first
  private final Safetensors file;
  private final int count;

  /**
   * Prepares the comparison.
   *
   * @throws BundleException naming what the file lacks
   */
  ProbeCheck(PolicyBundle bundle, Safetensors file) {
    spec = bundle.spec();
    inputs = bundle.inputs();
    ages = bundle.ages().reversed();
    this.file = file;
    count = Math.toIntExact(array("joints").shape()[0]);
    if (count == 0) {
      throw new BundleException(
          "%s holds no observation; write some, or leave it out".formatted(PolicyBundle.PROBE));
    }
  }

  /** Draws a chunk for what the inputs are bound to. */
  interface Drawing {
    Sample draw(double temperature, RandomGenerator random);
  }

  /**
   * Compares the graph's outputs with the exporter's, and chunks where there are some.
   *
   * @param bound inputs that the graph runs on
   * @param run gives the outputs by the head's word for them
   * @throws BundleException naming the output that differs
   */
  void compare(BoundInputs bound, Supplier<Map<String, NdArray>> run, Drawing drawing) {
    for (int n = 0; n < count; n++) {
      bound.seeRectified(observation(n));
      for (InputSpec input : inputs) {
        switch (input) {
          case InputSpec.Noise _, InputSpec.Chunk _, InputSpec.Time _, InputSpec.ActionTokens _ -> {
            NdArray target = Objects.requireNonNull(bound.arrays().get(input.name()));
            double[] values = row("input." + input.name(), n, target.elements());
            for (int i = 0; i < values.length; i++) {
              target.set(i, values[i]);
            }
          }
          default -> {}
        }
      }
      Map<String, NdArray> outputs = run.get();
      for (Map.Entry<String, NdArray> output : outputs.entrySet()) {
        String name = spec.graph().output(output.getKey());
        double[] expected = row("output." + name, n, output.getValue().elements());
        compare("output '" + name + "'", n, expected, output.getValue().toDoubles());
      }
      if (file.arrays().containsKey(ACTIONS)) {
        compareChunk(n, drawing);
      }
    }
  }

  private void compareChunk(int n, Drawing drawing) {
    boolean drawn = file.arrays().containsKey(NOISE);
    double[] noise = drawn ? row(NOISE, n, array(NOISE).elements() / count) : new double[0];
    float[] actions = drawing.draw(drawn ? 1 : 0, new Given(noise)).actions();
    double[] expected = row(ACTIONS, n, actions.length);
    double[] actual = new double[actions.length];
    ActionUnits units = ActionUnits.of(spec.actionSpace());
    for (int i = 0; i < actual.length; i++) {
      int d = i % units.scale().length;
      expected[i] = NormalSampler.bounded((expected[i] - units.middle()[d]) / units.scale()[d]);
      actual[i] = actions[i];
    }
    compare("the chunk of '" + ACTIONS + "'", n, expected, actual);
  }

  /** Numbers that were drawn before. */
  private static final class Given implements RandomGenerator {
    private final double[] numbers;
    private int next;

    Given(double[] numbers) {
      this.numbers = numbers;
    }

    @Override
    public double nextGaussian() {
      if (next == numbers.length) {
        throw new BundleException(
            "%s has '%s' of %d numbers for an observation, and the policy draws more; write those of each step"
                .formatted(PolicyBundle.PROBE, NOISE, numbers.length));
      }
      return numbers[next++];
    }

    @Override
    public long nextLong() {
      throw new IllegalStateException("a chunk is drawn from Gaussian numbers alone");
    }
  }

  private void compare(String what, int n, double[] expected, double[] actual) {
    double difference = difference(expected, actual);
    if (!(difference <= spec.probe().tolerance())) {
      throw new BundleException(
          "%s differs from what the exporter wrote into %s by %.2g of its largest value at observation %d, more than probe.tolerance %s; the bindings are not those of the exporter, or the graph is another"
              .formatted(what, PolicyBundle.PROBE, difference, n, spec.probe().tolerance()));
    }
  }

  /** Largest difference of two outputs, as a part of the largest value of the one expected. */
  static double difference(double[] expected, double[] actual) {
    double largest = 1e-6;
    double difference = 0;
    for (int i = 0; i < expected.length; i++) {
      largest = Math.max(largest, Math.abs(expected[i]));
      difference = Math.max(difference, Math.abs(expected[i] - actual[i]));
    }
    return difference / largest;
  }

  private Observation observation(int n) {
    NavigableMap<Integer, Observation> seen = new TreeMap<>();
    String instruction =
        file.metadata().getOrDefault("instruction." + n, spec.language().example());
    int joints = spec.jointNames().size();
    double[] positions = row("joints", n, (long) ages.size() * joints);
    for (int t = 0; t < ages.size(); t++) {
      Map<String, CameraImage> images = new HashMap<>();
      for (BundleSpec.Camera camera : spec.cameras()) {
        images.put(camera.name(), picture("picture." + camera.name(), n, t));
      }
      double[] measured = Arrays.copyOfRange(positions, t * joints, (t + 1) * joints);
      seen.put(ages.get(t), new Observation(images, measured, instruction));
    }
    Observation now = Objects.requireNonNull(seen.remove(0));
    return now.after(seen);
  }

  private CameraImage picture(String name, int n, int t) {
    NdArray array = array(name);
    long[] shape = array.shape();
    if (array.type() != DType.U8
        || shape.length != 5
        || shape[0] != count
        || shape[1] != ages.size()
        || shape[2] * shape[3] == 0
        || shape[4] != 3) {
      throw new BundleException(
          "%s has '%s' of %s; give U8[%d, %d, height, width, 3]"
              .formatted(PolicyBundle.PROBE, name, array, count, ages.size()));
    }
    long bytes = shape[2] * shape[3] * 3;
    MemorySegment pixels = array.data().asSlice((n * shape[1] + t) * bytes, bytes);
    return new CameraImage((int) shape[3], (int) shape[2], pixels.toArray(ValueLayout.JAVA_BYTE));
  }

  /** Values of the n-th observation. */
  private double[] row(String name, int n, long length) {
    NdArray array = array(name);
    if (array.elements() != count * length) {
      throw new BundleException(
          "%s has '%s' of %s; give %d values for each of the %d observations"
              .formatted(PolicyBundle.PROBE, name, array, length, count));
    }
    if (!array.allFinite()) {
      throw new BundleException(
          "%s has '%s' with NaN or infinite values; write finite numbers"
              .formatted(PolicyBundle.PROBE, name));
    }
    double[] all = array.toDoubles();
    return Arrays.copyOfRange(all, (int) (n * length), (int) ((n + 1) * length));
  }

  private NdArray array(String name) {
    NdArray array = file.arrays().get(name);
    if (array == null || array.shape().length == 0) {
      throw new BundleException(
          "%s has no array '%s'; it has %s; docs/format-bundle.md says what it holds"
              .formatted(PolicyBundle.PROBE, name, file.arrays().keySet()));
    }
    return array;
  }
}
