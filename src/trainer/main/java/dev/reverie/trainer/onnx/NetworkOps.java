package dev.reverie.trainer.onnx;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** Layers: products, convolutions, pooling, normalisation, attention. */
final class NetworkOps {
  private NetworkOps() {}

  static void register(Map<String, Op.Factory> ops) {
    ops.put("MatMul", node -> Op.one(in -> torch.matmul(in.get(0), in.get(1))));
    ops.put("Gemm", NetworkOps::gemm);
    ops.put("Conv", node -> convolution(node, false));
    ops.put("ConvTranspose", node -> convolution(node, true));
    ops.put("MaxPool", node -> pool(node, true));
    ops.put("AveragePool", node -> pool(node, false));
    ops.put("Einsum", NetworkOps::einsum);
    ops.put("GlobalAveragePool", node -> Op.one(NetworkOps::globalAverage));
    ops.put("GlobalMaxPool", node -> Op.one(NetworkOps::globalMaximum));
    ops.put("LayerNormalization", NetworkOps::layerNormalization);
    ops.put("RMSNormalization", NetworkOps::rmsNormalization);
    ops.put("InstanceNormalization", NetworkOps::instanceNormalization);
    ops.put("GroupNormalization", NetworkOps::groupNormalization);
    ops.put("BatchNormalization", NetworkOps::batchNormalization);
    ops.put("Attention", NetworkOps::attention);
  }

  private static Op gemm(Node node) {
    double alpha = node.number("alpha", 1);
    double beta = node.number("beta", 1);
    boolean transA = node.flag("transA", false);
    boolean transB = node.flag("transB", false);
    return Op.one(
        in -> {
          Tensor a = transA ? in.get(0).t() : in.get(0);
          if (transB && alpha == 1 && (!in.has(2) || (beta == 1 && in.get(2).dim() == 1))) {
            return torch.linear(a, in.get(1), in.optional(2));
          }
          Tensor b = transB ? in.get(1).t() : in.get(1);
          return in.has(2)
              ? torch.addmm(in.get(2), a, b, new Scalar(beta), new Scalar(alpha))
              : torch.matmul(a, b).mul(new Scalar(alpha));
        });
  }

  private static Op convolution(Node node, boolean transposed) {
    requireExplicitPadding(node);
    node.require(node.integers("output_shape") == null, "output_shape");
    long groups = node.integer("group", 1);
    return Op.one(
        in -> {
          int spatial = (int) in.get(0).dim() - 2;
          long[] pads = node.integers("pads", new long[2 * spatial]);
          Tensor input = in.get(0);
          boolean uneven = !symmetric(pads);
          if (uneven && !transposed) {
            input = padded(input, pads, 0);
          }
          Tensor result =
              torch.convolution(
                  input,
                  in.get(1),
                  in.optional(2),
                  node.integers("strides", ones(spatial)),
                  uneven ? new long[spatial] : Arrays.copyOf(pads, spatial),
                  node.integers("dilations", ones(spatial)),
                  transposed,
                  node.integers("output_padding", new long[spatial]),
                  groups);
          return uneven && transposed ? cut(result, pads) : result;
        });
  }

  /** Without what the padding of a transposed convolution takes away. */
  private static Tensor cut(Tensor result, long[] pads) {
    int spatial = pads.length / 2;
    Tensor rest = result;
    for (int i = 0; i < spatial; i++) {
      rest = rest.narrow(i + 2, pads[i], rest.size(i + 2) - pads[i] - pads[i + spatial]);
    }
    return rest;
  }

  private static Op einsum(Node node) {
    String equation = node.text("equation", "");
    return Op.one(
        in -> {
          TensorVector operands = new TensorVector();
          for (int i = 0; i < in.count(); i++) {
            operands.push_back(in.get(i));
          }
          return torch.einsum(equation, operands);
        });
  }

  private static Op pool(Node node, boolean max) {
    requireExplicitPadding(node);
    long[] kernel = node.integers("kernel_shape", new long[0]);
    int spatial = kernel.length;
    node.require(spatial >= 1 && spatial <= 3, spatial + "-dimensional pooling");
    boolean ceil = node.flag("ceil_mode", false);
    boolean countPadding = node.flag("count_include_pad", false);
    long[] pads = node.integers("pads", new long[2 * spatial]);
    long[] dilations = node.integers("dilations", ones(spatial));
    node.require(max || Arrays.equals(dilations, ones(spatial)), "dilated average pooling");
    node.require(max || symmetric(pads), "asymmetric padding");
    long[] strides = node.integers("strides", ones(spatial));
    return Op.one(
        in -> {
          boolean pad = !symmetric(pads);
          Tensor input = pad ? padded(in.get(0), pads, Double.NEGATIVE_INFINITY) : in.get(0);
          long[] padding = pad ? new long[spatial] : Arrays.copyOf(pads, spatial);
          if (spatial == 3) {
            return max
                ? torch.max_pool3d(input, kernel, strides, padding, dilations, ceil)
                : torch.avg_pool3d(
                    input, kernel, strides, padding, ceil, countPadding, new LongOptional());
          }
          Tensor plane = spatial == 1 ? input.unsqueeze(-1) : input; // a row is a narrow picture
          long[] k = wide(kernel, 1);
          long[] s = wide(strides, 1);
          long[] p = wide(padding, 0);
          Tensor pooled =
              max
                  ? torch.max_pool2d(plane, k, s, p, wide(dilations, 1), ceil)
                  : torch.avg_pool2d(plane, k, s, p, ceil, countPadding, new LongOptional());
          return spatial == 1 ? pooled.squeeze(-1) : pooled;
        });
  }

  /** The same of two axes. */
  private static long[] wide(long[] lengths, long second) {
    return lengths.length == 1 ? new long[] {lengths[0], second} : lengths;
  }

  private static Tensor globalAverage(NodeInputs in) {
    long[] spatial = LongStream.range(2, in.get(0).dim()).toArray();
    return in.get(0).mean(spatial, true, new ScalarTypeOptional(in.get(0).scalar_type()));
  }

  private static Tensor globalMaximum(NodeInputs in) {
    return in.get(0).amax(LongStream.range(2, in.get(0).dim()).toArray(), true);
  }

  private static Op layerNormalization(Node node) {
    long axis = node.integer("axis", -1);
    double epsilon = node.number("epsilon", 1e-5);
    return in -> {
      long[] shape = Tensors.shape(in.get(0));
      int from = (int) ShapeOps.axis(axis, shape.length);
      long[] normalised = Arrays.copyOfRange(shape, from, shape.length);
      var results =
          torch.native_layer_norm(in.get(0), normalised, in.optional(1), in.optional(2), epsilon);
      return List.of(
          new Tensor(results.get0()), // the output, the mean, 1 / the deviation
          new Tensor(results.get1()),
          new Tensor(results.get2()));
    };
  }

  private static Op rmsNormalization(Node node) {
    long axis = node.integer("axis", -1);
    double epsilon = node.number("epsilon", 1e-5);
    return Op.one(
        in -> {
          Tensor x = in.get(0);
          long[] axes = LongStream.range(ShapeOps.axis(axis, x.dim()), x.dim()).toArray();
          Tensor power = x.mul(x).mean(axes, true, new ScalarTypeOptional());
          return x.mul(power.add(new Scalar(epsilon)).rsqrt()).mul(in.get(1));
        });
  }

  private static Op instanceNormalization(Node node) {
    double epsilon = node.number("epsilon", 1e-5);
    return Op.one(
        in ->
            torch.group_norm(
                in.get(0), in.get(0).size(1), in.optional(1), in.optional(2), epsilon, false));
  }

  private static Op groupNormalization(Node node) {
    long groups = node.integer("num_groups", 1);
    double epsilon = node.number("epsilon", 1e-5);
    return Op.one(
        in -> torch.group_norm(in.get(0), groups, in.optional(1), in.optional(2), epsilon, false));
  }

  private static Op batchNormalization(Node node) {
    node.require(!node.flag("training_mode", false), "training_mode");
    double epsilon = node.number("epsilon", 1e-5);
    return Op.one(
        in ->
            torch.batch_norm(
                in.get(0),
                in.optional(1),
                in.optional(2),
                in.optional(3),
                in.optional(4),
                false,
                0,
                epsilon,
                false));
  }

  /** The inputs Q, K, V as [B, H, S, E] or [B, S, H * E], and a mask. */
  private static Op attention(Node node) {
    node.require(node.outputCount() == 1, "a key-value cache");
    node.require(node.number("softcap", 0) == 0, "softcap");
    node.require(
        node.integer("left_window_size", -1) < 0 && node.integer("right_window_size", -1) < 0,
        "a window");
    boolean causal = node.flag("is_causal", false);
    long queryHeads = node.integer("q_num_heads", 0);
    long keyHeads = node.integer("kv_num_heads", queryHeads);
    double scale = node.number("scale", 0);
    return Op.one(
        in -> {
          node.require(!in.has(4) && !in.has(5) && !in.has(6), "a key-value cache");
          boolean flat = in.get(0).dim() == 3;
          Tensor query = flat ? heads(in.get(0), queryHeads) : in.get(0);
          Tensor key = flat ? heads(in.get(1), keyHeads) : in.get(1);
          Tensor value = flat ? heads(in.get(2), keyHeads) : in.get(2);
          node.require(!causal || !in.has(3), "a mask beside is_causal");
          Tensor result =
              torch.scaled_dot_product_attention(
                  query,
                  key,
                  value,
                  in.optional(3),
                  0,
                  causal,
                  scale == 0 ? new DoubleOptional() : new DoubleOptional(scale),
                  query.size(1) != key.size(1));
          return flat ? result.transpose(1, 2).flatten(2, 3) : result;
        });
  }

  private static Tensor heads(Tensor input, long heads) {
    long[] shape = Tensors.shape(input); // [B, S, H * E]
    return input.reshape(shape[0], shape[1], heads, shape[2] / heads).transpose(1, 2);
  }

  private static void requireExplicitPadding(Node node) {
    String padding = node.text("auto_pad", "NOTSET");
    node.require(padding.equals("NOTSET") || padding.equals("VALID"), "auto_pad " + padding);
  }

  private static Tensor padded(Tensor input, long[] pads, double value) {
    return ShapeOps.pad(input, LongStream.range(2, input.dim()).toArray(), pads, value);
  }

  private static boolean symmetric(long[] pads) {
    return Arrays.equals(pads, 0, pads.length / 2, pads, pads.length / 2, pads.length);
  }

  private static long[] ones(int count) {
    long[] ones = new long[count];
    Arrays.fill(ones, 1);
    return ones;
  }
}
