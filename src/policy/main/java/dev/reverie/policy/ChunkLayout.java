package dev.reverie.policy;

import java.util.Arrays;
import java.util.Map;

/**
 * The place of the actions in the graph's chunk, [K', D'], and the meaning of its values: an action
 * in [-1, 1] is {@code factor * value + offset}.
 *
 * @param skip rows before the first action
 * @param horizon K: actions of the chunk
 * @param dimensions D: values of an action
 * @param width D': values of a row
 * @param factor of each of the D values, not 0
 * @param offset of each of the D values
 */
public record ChunkLayout(
    int skip, int horizon, int dimensions, int width, double[] factor, double[] offset) {
  /** The layout of actions in [-1, 1] and nothing else. */
  static ChunkLayout plain(int horizon, int dimensions) {
    double[] ones = new double[dimensions];
    Arrays.fill(ones, 1);
    return new ChunkLayout(0, horizon, dimensions, dimensions, ones, new double[dimensions]);
  }

  /** The layout by its sizes alone. */
  static ChunkLayout sized(BundleSpec spec) {
    GraphSpec.Actions actions = spec.graph().actions();
    ChunkLayout plain = plain(spec.chunk().horizon(), spec.actionSpace().dimensions());
    return new ChunkLayout(
        actions.skip(),
        plain.horizon,
        plain.dimensions,
        Math.max(plain.dimensions, actions.padTo()),
        plain.factor,
        plain.offset);
  }

  /**
   * The layout of a policy's chunks.
   *
   * @param weights of the bundle
   * @throws BundleException where a tensor that normalises is missing or of another size
   */
  static ChunkLayout of(BundleSpec spec, Map<String, NdArray> weights) {
    ChunkLayout sized = sized(spec);
    Normalisation normalise = spec.graph().actions().normalise();
    if (normalise.kind() == Normalisation.Kind.NONE) {
      return sized;
    }
    Normalisation.Numbers numbers = normalise.numbers("an action", sized.dimensions, weights);
    ActionUnits units = ActionUnits.of(spec.actionSpace());
    double[] factor = new double[sized.dimensions];
    double[] offset = new double[sized.dimensions];
    for (int d = 0; d < factor.length; d++) { // value -> metres and radians -> [-1, 1]
      factor[d] = numbers.scale()[d] / units.scale()[d];
      offset[d] = (numbers.offset()[d] - units.middle()[d]) / units.scale()[d];
    }
    return new ChunkLayout(
        sized.skip, sized.horizon, sized.dimensions, sized.width, factor, offset);
  }

  /** K': rows of the graph's chunk. */
  public int rows() {
    return skip + horizon;
  }

  /** Number of the chunk's values, K' * D'. */
  public int values() {
    return rows() * width;
  }

  /** Returns whether values are actions as they are. */
  public boolean isScaled() {
    return Arrays.stream(factor).anyMatch(f -> f != 1)
        || Arrays.stream(offset).anyMatch(o -> o != 0);
  }

  /** The action, not bounded, of a value of the d-th of an action's. */
  double action(double value, int d) {
    return isScaled() ? factor[d] * value + offset[d] : value;
  }

  /** The value of an action, as the graph has it. */
  double value(double action, int d) {
    return isScaled() ? (action - offset[d]) / factor[d] : action;
  }

  /**
   * The chunk of tokens of the graph's chunk.
   *
   * @param tokens [K', D']
   * @param logs their log-probabilities, [K', D']
   */
  Sample sample(int bins, int[] tokens, float[] logs) {
    Sample sample =
        new Sample(new int[horizon * dimensions], part(logs, 1), new float[horizon * dimensions]);
    for (int i = 0; i < sample.tokens().length; i++) {
      int d = i % dimensions;
      int token = tokens[(skip + i / dimensions) * width + d];
      sample.tokens()[i] = token;
      sample.actions()[i] = NormalSampler.bounded(action(TokenSampler.centre(token, bins), d));
    }
    return sample;
  }

  /**
   * Returns what belongs to the actions, [K, D, n].
   *
   * @param whole of the graph's chunk, [K', D', n]
   * @param each n
   */
  float[] part(float[] whole, int each) {
    if (skip == 0 && width == dimensions) {
      return whole;
    }
    float[] part = new float[horizon * dimensions * each];
    for (int k = 0; k < horizon; k++) {
      System.arraycopy(
          whole, (skip + k) * width * each, part, k * dimensions * each, dimensions * each);
    }
    return part;
  }
}
