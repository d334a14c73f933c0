package dev.reverie.policy;

import java.util.Arrays;
import java.util.Map;

/**
 * The numbers of an input, where they are not as measured: of a camera for each colour and byte, of
 * joints for each joint.
 */
public final class InputNumbers {
  private static final int COLOURS = 3;
  private static final int BYTES = 256;

  private final InputSpec.Range range;
  private final Normalisation.Numbers numbers;

  private InputNumbers(InputSpec.Range range, Normalisation.Numbers numbers) {
    this.range = range;
    this.numbers = numbers;
  }

  /**
   * Reads what normalises an input.
   *
   * @param weights of the bundle
   * @throws BundleException where a tensor is missing or of another size
   */
  static InputNumbers of(BundleSpec spec, InputSpec input, Map<String, NdArray> weights) {
    String what = "input '" + input.name() + "'";
    return switch (input) {
      case InputSpec.Camera camera ->
          new InputNumbers(camera.range(), camera.normalise().numbers(what, COLOURS, weights));
      case InputSpec.Joints joints ->
          new InputNumbers(
              InputSpec.Range.BYTES,
              joints.normalise().numbers(what, spec.jointNames().size(), weights));
      default -> new InputNumbers(InputSpec.Range.BYTES, Normalisation.Numbers.identity(0));
    };
  }

  /** A measured value as the network knows it. */
  double of(double value, int i) {
    return numbers.normalised(value, i);
  }

  /** Returns what each byte of a colour becomes, by 256 * colour + byte. */
  float[] colours() {
    float[] table = new float[COLOURS * BYTES];
    for (int i = 0; i < table.length; i++) {
      table[i] = (float) numbers.normalised(range.of(i % BYTES), i / BYTES);
    }
    return table;
  }

  /**
   * The same as a line: of colours from 0 to 255, of joints from radians. The i-th value becomes
   * {@code factor[i] * value + offset[i]}.
   *
   * @param factor one a colour or joint
   * @param offset one a colour or joint
   */
  public record Line(double[] factor, double[] offset) {
    /** Returns whether values stay as they are. */
    public boolean isIdentity() {
      return Arrays.stream(factor).allMatch(f -> f == 1)
          && Arrays.stream(offset).allMatch(o -> o == 0);
    }
  }

  /** Returns the line, for tensors. */
  public Line line() {
    int size = numbers.scale().length;
    double[] factor = new double[size];
    double[] offset = new double[size];
    for (int i = 0; i < size; i++) {
      offset[i] = numbers.normalised(range.of(0), i);
      factor[i] = (range.of(1) - range.of(0)) / numbers.scale()[i];
    }
    return new Line(factor, offset);
  }
}
