package dev.reverie.trainer.onnx;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;

/** Operators that change how many places a picture has. */
final class PictureOps {
  private PictureOps() {}

  static void register(Map<String, Op.Factory> ops) {
    ops.put("Resize", PictureOps::resize);
    ops.put("DepthToSpace", PictureOps::depthToSpace);
    ops.put("SpaceToDepth", PictureOps::spaceToDepth);
  }

  /** Where a place of the result lies in the input, along one axis; the input's places are 0, 1. */
  @FunctionalInterface
  private interface Places {
    /**
     * Finds it.
     *
     * @param x place of the result
     * @param length of the input
     * @param scale length of the result to that of the input
     */
    double of(long x, long length, double scale);
  }

  /** Weights of the places about one that lies between two of them. */
  @FunctionalInterface
  private interface Weights {
    /**
     * Weighs them.
     *
     * @param ratio from the place on the left to that on the right, 0 to below 1
     * @return of as many places on the left as on the right
     */
    double[] of(double ratio);
  }

  private static Op resize(Node node) {
    node.require(!node.flag("antialias", false), "antialias");
    String policy = node.text("keep_aspect_ratio_policy", "stretch");
    node.require(policy.equals("stretch"), "keep_aspect_ratio_policy " + policy);
    Places places = places(node, node.text("coordinate_transformation_mode", "half_pixel"));
    Weights weights = weights(node, node.text("mode", "nearest"));
    boolean inside = node.flag("exclude_outside", false);
    long[] given = node.integers("axes");
    return Op.one(
        in -> {
          Tensor result = new Tensor(in.get(0));
          long rank = result.dim();
          long[] axes =
              given == null ? LongStream.range(0, rank).toArray() : ShapeOps.axes(given, rank);
          boolean sized = in.has(3) && in.get(3).numel() > 0;
          long[] sizes = sized ? in.longs(3) : new long[0];
          float[] scales = sized ? new float[0] : Tensors.array(in.get(2)).toFloats();
          for (int i = 0; i < axes.length; i++) {
            long length = in.get(0).size(axes[i]);
            double scale = sized ? (double) sizes[i] / length : scales[i];
            long wanted = sized ? sizes[i] : (long) Math.floor(length * scale);
            if (scale != 1) {
              result = resampled(result, axes[i], wanted, scale, places, weights, inside);
            }
          }
          return result;
        });
  }

  private static Places places(Node node, String mode) {
    return switch (mode) {
      case "half_pixel" -> PictureOps::halfPixel;
      case "pytorch_half_pixel" ->
          (x, length, scale) -> length * scale == 1 ? -0.5 : halfPixel(x, length, scale);
      case "half_pixel_symmetric" ->
          (x, length, scale) -> {
            double result = length * scale;
            return length / 2.0 * (1 - Math.floor(result) / result) + halfPixel(x, length, scale);
          };
      case "asymmetric" -> (x, length, scale) -> x / scale;
      case "align_corners" ->
          (x, length, scale) ->
              length * scale == 1 ? 0 : x * (length - 1.0) / (length * scale - 1.0);
      default -> {
        node.require(false, "coordinate_transformation_mode " + mode);
        yield PictureOps::halfPixel;
      }
    };
  }

  private static double halfPixel(long x, long length, double scale) {
    return (x + 0.5) / scale - 0.5;
  }

  private static Weights weights(Node node, String mode) {
    double a = node.number("cubic_coeff_a", -0.75);
    return switch (mode) {
      case "nearest" -> nearest(node, node.text("nearest_mode", "round_prefer_floor"));
      case "linear" -> ratio -> new double[] {1 - ratio, ratio};
      case "cubic" ->
          ratio ->
              new double[] {
                far(1 + ratio, a), near(ratio, a), near(1 - ratio, a), far(2 - ratio, a)
              };
      default -> {
        node.require(false, "mode " + mode);
        yield ratio -> new double[] {1, 0};
      }
    };
  }

  private static Weights nearest(Node node, String mode) {
    return switch (mode) {
      case "round_prefer_floor" -> ratio -> chosen(ratio > 0.5);
      case "round_prefer_ceil" -> ratio -> chosen(ratio >= 0.5);
      case "floor" -> ratio -> chosen(false);
      case "ceil" -> ratio -> chosen(ratio > 0);
      default -> {
        node.require(false, "nearest_mode " + mode);
        yield ratio -> chosen(false);
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

  private static Tensor resampled(
      Tensor x,
      long axis,
      long wanted,
      double scale,
      Places places,
      Weights weights,
      boolean inside) {
    long length = x.size(axis);
    int taps = weights.of(0).length;
    long[][] from = new long[taps][(int) wanted];
    float[][] by = new float[taps][(int) wanted];
    for (int i = 0; i < wanted; i++) {
      double at = places.of(i, length, scale);
      long left = (long) Math.floor(at);
      double[] weight = weights.of(at - left);
      double sum = 0;
      for (int t = 0; t < taps; t++) {
        long place = left + 1 - taps / 2 + t;
        from[t][i] = Math.clamp(place, 0, length - 1);
        weight[t] = inside && place != from[t][i] ? 0 : weight[t];
        sum += weight[t];
      }
      for (int t = 0; t < taps; t++) {
        by[t][i] = (float) (inside ? weight[t] / sum : weight[t]);
      }
    }
    return combined(x, axis, from, by);
  }

  /** Sums of the input's places along an axis. */
  private static Tensor combined(Tensor x, long axis, long[][] from, float[][] by) {
    if (by.length == 2 && isChoice(by)) {
      long[] chosen = from[0].clone();
      Arrays.setAll(chosen, i -> by[0][i] == 1 ? from[0][i] : from[1][i]);
      return x.index_select(axis, Tensors.ofLongs(x, chosen));
    }
    long[] shape = new long[(int) x.dim()];
    Arrays.fill(shape, 1);
    shape[(int) axis] = by[0].length;
    Tensor sum = x;
    for (int t = 0; t < by.length; t++) {
      Tensor part = x.index_select(axis, Tensors.ofLongs(x, from[t]));
      part = part.mul(Tensors.ofFloats(by[t], shape).to(x.scalar_type()));
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

  private static Op depthToSpace(Node node) {
    long s = node.integer("blocksize", 1);
    boolean channelsFirst = node.text("mode", "DCR").equals("CRD");
    return Op.one(
        in -> {
          long[] n = Tensors.shape(in.get(0)); // [B, C, H, W]
          long c = n[1] / (s * s);
          Tensor blocks =
              channelsFirst
                  ? in.get(0).reshape(n[0], c, s, s, n[2], n[3]).permute(0, 1, 4, 2, 5, 3)
                  : in.get(0).reshape(n[0], s, s, c, n[2], n[3]).permute(0, 3, 4, 1, 5, 2);
          return blocks.reshape(n[0], c, n[2] * s, n[3] * s);
        });
  }

  private static Op spaceToDepth(Node node) {
    long s = node.integer("blocksize", 1);
    boolean channelsFirst = node.text("mode", "DCR").equals("CRD"); // since opset 28
    return Op.one(
        in -> {
          long[] n = Tensors.shape(in.get(0));
          Tensor blocks = in.get(0).reshape(n[0], n[1], n[2] / s, s, n[3] / s, s);
          return (channelsFirst
                  ? blocks.permute(0, 1, 3, 5, 2, 4)
                  : blocks.permute(0, 3, 5, 1, 2, 4))
              .reshape(n[0], n[1] * s * s, n[2] / s, n[3] / s);
        });
  }
}
