package dev.reverie.policy;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * The way from values of the world to those that a network knows, by two tensors of the weights
 * file that are never trained.
 *
 * @param tensors names of the mean and the standard deviation, or of what becomes -1 and what
 *     becomes 1; none for {@code NONE} and {@code UNITS}
 */
public record Normalisation(Kind kind, List<String> tensors) {
  /** Nothing is done. */
  public static final Normalisation NONE = new Normalisation(Kind.NONE, List.of());

  /** Added to a standard deviation, and in place of a range of 0, as LeRobot has it. */
  static final double EPSILON = 1e-8;

  /** Ways to normalise, with LeRobot's names in snake case. */
  public enum Kind {
    /** Keeps the values; of actions: they are in [-1, 1] as the action space has them. */
    @JsonProperty("none")
    NONE,
    /**
     * Takes radians and metres, of actions alone: they are in the action space's units, metres and
     * radians.
     */
    @JsonProperty("units")
    UNITS,
    /** (x - mean) / (deviation + 1e-8). */
    @JsonProperty("mean_sd")
    MEAN_SD,
    /** 2 (x - least) / (greatest - least) - 1. */
    @JsonProperty("min_max")
    MIN_MAX,
    /** The same by a low and a high quantile; what lies beyond them comes beyond -1 and 1. */
    @JsonProperty("quantile")
    QUANTILE
  }

  /** Checks that it names as many tensors as it takes. */
  public Normalisation {
    tensors = List.copyOf(tensors);
    int takes = kind == Kind.NONE || kind == Kind.UNITS ? 0 : 2;
    if (tensors.size() != takes) {
      throw new IllegalArgumentException(
          "normalise %s names the tensors %s; give %d"
              .formatted(EnumWords.of(kind), tensors, takes));
    }
  }

  /**
   * Its numbers: normalised = (x - offset[i]) / scale[i].
   *
   * @param offset one a value
   * @param scale one a value, not 0
   */
  record Numbers(double[] offset, double[] scale) {
    static Numbers identity(int size) {
      double[] ones = new double[size];
      Arrays.fill(ones, 1);
      return new Numbers(new double[size], ones);
    }

    double normalised(double value, int i) {
      return (value - offset[i]) / scale[i];
    }
  }

  /**
   * Reads its numbers.
   *
   * @param what is normalised, for the reasons
   * @param size how many values there are
   * @param weights of the bundle
   * @throws BundleException where a tensor is missing or of another size
   */
  Numbers numbers(String what, int size, Map<String, NdArray> weights) {
    if (tensors.isEmpty()) {
      return Numbers.identity(size);
    }
    double[] first = values(what, tensors.get(0), size, weights);
    double[] second = values(what, tensors.get(1), size, weights);
    double[] offset = new double[size];
    double[] scale = new double[size];
    for (int i = 0; i < size; i++) {
      if (kind == Kind.MEAN_SD) {
        offset[i] = first[i];
        scale[i] = second[i] + EPSILON;
      } else {
        double range = second[i] - first[i];
        scale[i] = (range == 0 ? EPSILON : range) / 2;
        offset[i] = first[i] + scale[i];
      }
      if (!(scale[i] > 0)) {
        throw new BundleException(
            "%s: value %d is normalised by '%s' %s and '%s' %s; give a deviation from 0 on, or a range that rises"
                .formatted(what, i, tensors.get(0), first[i], tensors.get(1), second[i]));
      }
    }
    return new Numbers(offset, scale);
  }

  private static double[] values(String what, String name, int size, Map<String, NdArray> weights) {
    NdArray array = weights.get(name);
    if (array == null) {
      throw new BundleException(
          "%s is normalised by '%s', which %s lacks; write it there, or name another"
              .formatted(what, name, PolicyBundle.WEIGHTS));
    }
    if (array.elements() != size) {
      throw new BundleException(
          "%s is normalised by '%s' of shape %s; it takes %d values"
              .formatted(what, name, array, size));
    }
    double[] values = array.toDoubles();
    for (double value : values) {
      if (!Double.isFinite(value)) {
        throw new BundleException(
            "%s is normalised by '%s', which holds %s; write finite numbers"
                .formatted(what, name, value));
      }
    }
    return values;
  }
}
