package dev.reverie.trainer.onnx;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** ONNX's Resize: a result of other lengths, each value of it a sum of nearby ones. */
final class Resize {
  private Resize() {}

  /**
   * An axis that changes.
   *
   * @param length of the input
   * @param scale length of the result to that of the input, before it was rounded
   * @param begin of what is cropped, of the input's length
   * @param end of it
   */
  private record Axis(long length, double scale, double begin, double end) {
    double result() {
      return length * scale;
    }
  }

  /**
   * The rule for where a place of the result lies in the input, along one axis; the input's places
   * are 0, 1.
   */
  @FunctionalInterface
  private interface Places {
    double of(long x, Axis axis);
  }

  /** Weights of the places about one that lies between two of them. */
  @FunctionalInterface
  private interface Weights {
    /**
     * Weighs them.
     *
     * @param ratio from the place on the left to that on the right, 0 to below 1
     * @param scale length of the result to that of the input
     * @return of as many places on the left as on the right
     */
    double[] of(double ratio, double scale);
  }

  /**
   * The way in which places are found and weighed.
   *
   * @param inside whether places beyond the input count nothing, rather than as the nearest one
   * @param beyond what a result is that lies outside of the input; NaN: it is like any other
   */
  private record Kind(Places places, Weights weights, boolean inside, double beyond) {}

  static Op op(Node node) {
    String policy = node.text("keep_aspect_ratio_policy", "stretch");
    String coordinates = node.text("coordinate_transformation_mode", "half_pixel");
    boolean crops = coordinates.equals("tf_crop_and_resize");
    Kind kind =
        new Kind(
            places(node, coordinates),
            weights(node, node.text("mode", "nearest"), node.flag("antialias", false)),
            node.flag("exclude_outside", false),
            crops ? node.number("extrapolation_value", 0) : Double.NaN);
    long[] given = node.integers("axes");
    return Op.one(
        in -> {
          Tensor result = new Tensor(in.get(0));
          long rank = result.dim();
          long[] axes =
              given == null ? LongStream.range(0, rank).toArray() : ShapeOps.axes(given, rank);
          boolean sized = in.has(3) && in.get(3).numel() > 0;
          long[] sizes = sized ? in.longs(3) : new long[axes.length];
          double[] scales =
              sized
                  ? scales(node, policy, in.get(0), axes, sizes)
                  : Tensors.doubles(in.get(2)); // of each axis
          double[] roi = crops ? Tensors.doubles(in.get(1)) : new double[0];
          for (int i = 0; i < axes.length; i++) {
            long length = in.get(0).size(axes[i]);
            long wanted = sized ? sizes[i] : (long) Math.floor(length * scales[i]);
            Axis axis =
                new Axis(length, scales[i], crops ? roi[i] : 0, crops ? roi[i + axes.length] : 1);
            if (crops || scales[i] != 1) {
              result = resampled(result, axes[i], wanted, axis, kind);
            }
          }
          return result;
        });
  }

  /** Scales of axes whose lengths are given, which change where the aspect has to stay. */
  private static double[] scales(
      Node node, String policy, Tensor input, long[] axes, long[] sizes) {
    double[] scales = new double[axes.length];
    Arrays.setAll(scales, i -> (double) sizes[i] / input.size(axes[i]));
    if (policy.equals("stretch")) {
      return scales;
    }
    node.require(
        policy.equals("not_larger") || policy.equals("not_smaller"),
        "keep_aspect_ratio_policy " + policy);
    DoubleStream all = Arrays.stream(scales);
    double scale = (policy.equals("not_larger") ? all.min() : all.max()).orElse(1);
    Arrays.fill(scales, scale);
    Arrays.setAll(sizes, i -> (long) (scale * input.size(axes[i]) + 0.5));
    return scales;
  }

  private static Places places(Node node, String mode) {
    return switch (mode) {
      case "half_pixel" -> Resize::halfPixel;
      case "pytorch_half_pixel" -> (x, axis) -> axis.result() == 1 ? -0.5 : halfPixel(x, axis);
      case "half_pixel_symmetric" ->
          (x, axis) ->
              axis.length / 2.0 * (1 - Math.floor(axis.result()) / axis.result())
                  + halfPixel(x, axis);
      case "asymmetric" -> (x, axis) -> x / axis.scale;
      case "align_corners" ->
          (x, axis) -> axis.result() == 1 ? 0 : x * (axis.length - 1.0) / (axis.result() - 1.0);
      case "tf_crop_and_resize" -> Resize::cropped;
      default -> {
        node.require(false, "coordinate_transformation_mode " + mode);
        yield Resize::halfPixel;
      }
    };
  }

  private static double halfPixel(long x, Axis axis) {
    return (x + 0.5) / axis.scale - 0.5;
  }

  private static double cropped(long x, Axis axis) {
    double whole = (axis.end - axis.begin) * (axis.length - 1);
    double from = axis.begin * (axis.length - 1);
    return from + (axis.result() == 1 ? whole / 2 : x * whole / (axis.result() - 1));
  }

  private static Weights weights(Node node, String mode, boolean antialias) {
    double a = node.number("cubic_coeff_a", -0.75);
    return switch (mode) {
      case "nearest" -> nearest(node, node.text("nearest_mode", "round_prefer_floor"));
      case "linear" -> spread(1, antialias, x -> Math.max(0, 1 - x));
      case "cubic" -> spread(2, antialias, x -> x < 1 ? near(x, a) : x < 2 ? far(x, a) : 0);
      default -> {
        node.require(false, "mode " + mode);
        yield (ratio, scale) -> new double[] {1, 0};
      }
    };
  }

  /**
   * Weights by distance.
   *
   * @param reach distance from which on there is none
   * @param antialias whether a smaller result takes in more of the input
   */
  private static Weights spread(int reach, boolean antialias, DoubleUnaryOperator byDistance) {
    return (ratio, scale) -> {
      double shrunk = antialias ? Math.min(1, scale) : 1;
      int half = (int) -Math.floor(-reach / shrunk);
      double[] weights = new double[2 * half];
      Arrays.setAll(
          weights, i -> byDistance.applyAsDouble(Math.abs((i + 1 - half - ratio) * shrunk)));
      double sum = antialias ? Arrays.stream(weights).sum() : 1;
      Arrays.setAll(weights, i -> weights[i] / sum);
      return weights;
    };
  }

  private static Weights nearest(Node node, String mode) {
    return switch (mode) {
      case "round_prefer_floor" -> (ratio, scale) -> chosen(ratio > 0.5);
      case "round_prefer_ceil" -> (ratio, scale) -> chosen(ratio >= 0.5);
      case "floor" -> (ratio, scale) -> chosen(false);
      case "ceil" -> (ratio, scale) -> chosen(ratio > 0);
      default -> {
        node.require(false, "nearest_mode " + mode);
        yield (ratio, scale) -> chosen(false);
      }
    };
  }

  private static double[] chosen(boolean right) {
    return right ? new double[] {0, 1} : new double[] {1, 0};
  }

  /** Cubic convolution (Keys, 1981) up to one place away. */
  private static double near(double x, double a) {
    return ((a + 2) * x - (a + 3)) * x * x + 1;
  }

  /** The same from one to two places away. */
  private static double far(double x, double a) {
    return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
  }

  private static Tensor resampled(Tensor x, long axis, long wanted, Axis of, Kind kind) {
    int taps = kind.weights.of(0, of.scale).length;
    long[][] from = new long[taps][(int) wanted];
    float[][] by = new float[taps][(int) wanted];
    float[] outside = new float[(int) wanted];
    for (int i = 0; i < wanted; i++) {
      double at = kind.places.of(i, of);
      outside[i] = !Double.isNaN(kind.beyond) && (at < 0 || at > of.length - 1) ? 1 : 0;
      long left = (long) Math.floor(at);
      double[] weight = kind.weights.of(at - left, of.scale);
      double sum = 0;
      for (int t = 0; t < taps; t++) {
        long place = left + 1 - taps / 2 + t;
        from[t][i] = Math.clamp(place, 0, of.length - 1);
        weight[t] = kind.inside && place != from[t][i] ? 0 : weight[t];
        sum += weight[t];
      }
      for (int t = 0; t < taps; t++) {
        by[t][i] = (float) (kind.inside ? weight[t] / sum : weight[t]);
      }
    }
    Tensor result = combined(x, axis, from, by);
    if (Double.isNaN(kind.beyond)) {
      return result;
    }
    Tensor mask = Tensors.beside(x, Tensors.ofFloats(outside, along(x, axis, wanted)));
    return result.masked_fill(mask.ne(new Scalar(0.0)), new Scalar(kind.beyond));
  }

  private static long[] along(Tensor x, long axis, long length) {
    long[] shape = Tensors.ones((int) x.dim());
    shape[(int) axis] = length;
    return shape;
  }

  /** Sums of the input's places along an axis. */
  private static Tensor combined(Tensor x, long axis, long[][] from, float[][] by) {
    if (by.length == 2 && isChoice(by)) {
      long[] chosen = from[0].clone();
      Arrays.setAll(chosen, i -> by[0][i] == 1 ? from[0][i] : from[1][i]);
      return x.index_select(axis, Tensors.ofLongs(x, chosen));
    }
    long[] shape = along(x, axis, by[0].length);
    Tensor sum = x;
    for (int t = 0; t < by.length; t++) {
      Tensor part = x.index_select(axis, Tensors.ofLongs(x, from[t]));
      part = part.mul(Tensors.beside(x, Tensors.ofFloats(by[t], shape)).to(x.scalar_type()));
      sum = t == 0 ? part : sum.add(part);
    }
    return sum;
  }

  private static boolean isChoice(float[][] by) {
    for (float[] weights : by) {
      for (float weight : weights) {
        if (weight != 0 && weight != 1) {
          return false;
        }
      }
    }
    return true;
  }
}
