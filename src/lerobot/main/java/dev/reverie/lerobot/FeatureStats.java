package dev.reverie.lerobot;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.DoubleStream;

/**
 * Statistics of a feature over frames, one number a dimension; a camera's dimensions are its
 * channels, 0 to 1. Over an episode they are exact. Over a dataset quantiles are the episodes'
 * weighted means, as LeRobot aggregates them.
 *
 * @param count frames
 * @param std population standard deviation
 * @param quantiles [quantile][dimension]
 */
record FeatureStats(
    long count, double[] min, double[] max, double[] mean, double[] std, double[][] quantiles) {
  private static final double[] QUANTILES = {0.01, 0.10, 0.50, 0.90, 0.99};
  private static final List<String> QUANTILE_NAMES = List.of("q01", "q10", "q50", "q90", "q99");

  /**
   * Takes the statistics of vectors.
   *
   * @param values [frames][dimension], at least one frame
   */
  static FeatureStats of(List<double[]> values) {
    int dimensions = values.getFirst().length;
    FeatureStats stats = empty(values.size(), dimensions);
    for (int d = 0; d < dimensions; d++) {
      int dimension = d;
      double[] sorted = values.stream().mapToDouble(value -> value[dimension]).sorted().toArray();
      double mean = DoubleStream.of(sorted).sum() / sorted.length;
      double squares = DoubleStream.of(sorted).map(v -> (v - mean) * (v - mean)).sum();
      stats.min[d] = sorted[0];
      stats.max[d] = sorted[sorted.length - 1];
      stats.mean[d] = mean;
      stats.std[d] = Math.sqrt(squares / sorted.length);
      for (int q = 0; q < QUANTILES.length; q++) {
        double at = QUANTILES[q] * (sorted.length - 1);
        double low = sorted[(int) at];
        double high = sorted[Math.min((int) at + 1, sorted.length - 1)];
        stats.quantiles[q][d] = low + (at - (int) at) * (high - low);
      }
    }
    return stats;
  }

  /**
   * Takes the statistics of pictures from how often each value is there.
   *
   * @param pixels [channel][value 0 to 255] how many pixels have it
   */
  static FeatureStats ofPixels(long frames, long[][] pixels) {
    FeatureStats stats = empty(frames, pixels.length);
    for (int c = 0; c < pixels.length; c++) {
      long total = Arrays.stream(pixels[c]).sum();
      double sum = 0;
      double squares = 0;
      for (int v = 0; v < 256; v++) {
        sum += pixels[c][v] * (v / 255.0);
        squares += pixels[c][v] * (v / 255.0) * (v / 255.0);
      }
      stats.min[c] = rank(pixels[c], 0) / 255.0;
      stats.max[c] = rank(pixels[c], total - 1) / 255.0;
      stats.mean[c] = sum / total;
      stats.std[c] = Math.sqrt(Math.max(0, squares / total - stats.mean[c] * stats.mean[c]));
      for (int q = 0; q < QUANTILES.length; q++) {
        stats.quantiles[q][c] = rank(pixels[c], (long) (QUANTILES[q] * (total - 1))) / 255.0;
      }
    }
    return stats;
  }

  /** The value of the pixel of this rank, 0 being the darkest. */
  private static int rank(long[] histogram, long rank) {
    long below = 0;
    for (int v = 0; v < 256; v++) {
      below += histogram[v];
      if (below > rank) {
        return v;
      }
    }
    return 255;
  }

  private static FeatureStats empty(long count, int dimensions) {
    return new FeatureStats(
        count,
        new double[dimensions],
        new double[dimensions],
        new double[dimensions],
        new double[dimensions],
        new double[QUANTILES.length][dimensions]);
  }

  /** The statistics of the frames of both. */
  FeatureStats and(FeatureStats other) {
    FeatureStats both = empty(count + other.count, mean.length);
    double share = (double) count / both.count;
    for (int d = 0; d < mean.length; d++) {
      both.min[d] = Math.min(min[d], other.min[d]);
      both.max[d] = Math.max(max[d], other.max[d]);
      both.mean[d] = share * mean[d] + (1 - share) * other.mean[d];
      double mine = std[d] * std[d] + square(mean[d] - both.mean[d]);
      double others = other.std[d] * other.std[d] + square(other.mean[d] - both.mean[d]);
      both.std[d] = Math.sqrt(share * mine + (1 - share) * others);
      for (int q = 0; q < QUANTILES.length; q++) {
        both.quantiles[q][d] = share * quantiles[q][d] + (1 - share) * other.quantiles[q][d];
      }
    }
    return both;
  }

  private static double square(double value) {
    return value * value;
  }

  /**
   * Writes them in LeRobot's words: lists, those of cameras with the shape [channels, 1, 1].
   *
   * @param camera whether the feature is one
   */
  SequencedMap<String, Object> json(boolean camera) {
    SequencedMap<String, Object> json = new LinkedHashMap<>();
    json.put("min", list(min, camera));
    json.put("max", list(max, camera));
    json.put("mean", list(mean, camera));
    json.put("std", list(std, camera));
    json.put("count", List.of(count));
    for (int q = 0; q < QUANTILES.length; q++) {
      json.put(QUANTILE_NAMES.get(q), list(quantiles[q], camera));
    }
    return json;
  }

  private static List<?> list(double[] values, boolean camera) {
    List<Double> list = DoubleStream.of(values).boxed().toList();
    return camera ? list.stream().map(value -> List.of(List.of(value))).toList() : list;
  }

  /** The columns that {@link #json} fills. */
  static SequencedMap<String, ParquetType> types(boolean camera) {
    ParquetType numbers = new ParquetType.ListOf(ParquetType.Leaf.DOUBLE);
    ParquetType type = camera ? new ParquetType.ListOf(new ParquetType.ListOf(numbers)) : numbers;
    SequencedMap<String, ParquetType> types = new LinkedHashMap<>();
    for (String name : List.of("min", "max", "mean", "std")) {
      types.put(name, type);
    }
    types.put("count", new ParquetType.ListOf(ParquetType.Leaf.INT64));
    QUANTILE_NAMES.forEach(name -> types.put(name, type));
    return types;
  }
}
