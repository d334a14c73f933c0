package dev.reverie.trainer.onnx;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** Layers with weights: products and convolutions. */
final class NetworkOps {
  private NetworkOps() {}

  static void register(Map<String, Op.Factory> ops) {
    ops.put("MatMul", node -> Op.one(in -> torch.matmul(in.get(0), in.get(1))));
    ops.put("Gemm", NetworkOps::gemm);
    ops.put("Conv", NetworkOps::convolution);
    ops.put("ConvTranspose", NetworkOps::transposed);
    ops.put("Einsum", NetworkOps::einsum);
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

  private static long[] kernel(Tensor weight) {
    long[] shape = Tensors.shape(weight); // [out, in, ..] or, transposed, [in, out, ..]
    return Arrays.copyOfRange(shape, Math.min(2, shape.length), shape.length);
  }

  private static Op convolution(Node node) {
    long groups = node.integer("group", 1);
    return Op.one(
        in -> {
          Padding padding = Padding.of(node, kernel(in.get(1)), in.get(0));
          boolean even = padding.isEven();
          int axes = padding.kernel().length;
          return torch.convolution(
              even ? in.get(0) : padding.around(in.get(0), 0),
              in.get(1),
              in.optional(2),
              padding.strides(),
              even ? padding.before() : new long[axes],
              padding.dilations(),
              false,
              new long[axes],
              groups);
        });
  }

  private static Op transposed(Node node) {
    long groups = node.integer("group", 1);
    return Op.one(
        in -> {
          Padding padding = Padding.of(node, kernel(in.get(1)), in.get(0));
          int axes = padding.kernel().length;
          long[] more = node.integers("output_padding", new long[axes]);
          Padding cut = taken(node, padding, in.get(0), more);
          boolean even = cut.isEven() && Arrays.stream(cut.pads()).allMatch(pad -> pad >= 0);
          Tensor result =
              torch.convolution(
                  in.get(0),
                  in.get(1),
                  even ? in.optional(2) : new TensorOptional(),
                  cut.strides(),
                  even ? cut.before() : new long[axes],
                  cut.dilations(),
                  true,
                  more,
                  groups);
          if (even) {
            return result;
          }
          long[] off = Arrays.stream(cut.pads()).map(pad -> -pad).toArray();
          long[] places = LongStream.range(2, result.dim()).toArray();
          Tensor shaped = ShapeOps.pad(result, places, off, 0);
          long[] channels = Tensors.ones((int) result.dim());
          channels[1] = -1;
          return in.has(2) ? shaped.add(in.get(2).reshape(channels)) : shaped;
        });
  }

  /** Returns what is taken off the result, which attributes say by its shape or by the pads. */
  private static Padding taken(Node node, Padding padding, Tensor input, long[] more) {
    long[] strides = padding.strides();
    int axes = strides.length;
    String auto = node.text("auto_pad", "NOTSET");
    long[] shape = node.integers("output_shape");
    if (shape == null && !auto.startsWith("SAME")) {
      return padding;
    }
    long[] lacking = new long[axes];
    for (int i = 0; i < axes; i++) {
      long length = input.size(i + 2);
      long wanted = shape == null ? length * strides[i] : shape[shape.length - axes + i];
      long whole = strides[i] * (length - 1) + more[i];
      lacking[i] = whole + Padding.window(padding.kernel()[i], padding.dilations()[i]) - wanted;
    }
    return new Padding(
        padding.kernel(),
        strides,
        padding.dilations(),
        Padding.halves(lacking, auto.equals("SAME_UPPER")));
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
}
