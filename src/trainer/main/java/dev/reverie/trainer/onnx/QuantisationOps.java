package dev.reverie.trainer.onnx;

import dev.reverie.policy.DType;
import java.util.Map;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Numbers as small integers and back: (integer - zero point) * scale. */
final class QuantisationOps {
  private QuantisationOps() {}

  static void register(Map<String, Op.Factory> ops) {
    ops.put("QuantizeLinear", QuantisationOps::quantize);
    ops.put("DequantizeLinear", QuantisationOps::dequantize);
  }

  private static Op quantize(Node node) {
    long axis = node.integer("axis", 1);
    long block = node.integer("block_size", 0);
    return Op.one(
        in -> {
          Tensor x = in.get(0);
          if (x.requires_grad() && GradMode.is_enabled()) {
            throw new OnnxException(
                "rounding lets no gradient through; train the policy before it is quantised");
          }
          DType type =
              in.has(2)
                  ? Tensors.dtype(in.get(2).scalar_type())
                  : node.integer("output_dtype", 0) == 0 ? DType.U8 : node.type("output_dtype");
          node.require(type == DType.U8 || type == DType.I8 || type == DType.I16, "type " + type);
          Tensor scaled =
              x.to(ScalarType.Float).div(spread(in.get(1), x, axis, block).to(ScalarType.Float));
          Tensor rounded = scaled.round();
          if (in.has(2)) {
            rounded = rounded.add(spread(in.get(2), x, axis, block).to(ScalarType.Float));
          }
          double least = type == DType.U8 ? 0 : type == DType.I8 ? Byte.MIN_VALUE : Short.MIN_VALUE;
          double most =
              type == DType.U8 ? 255 : type == DType.I8 ? Byte.MAX_VALUE : Short.MAX_VALUE;
          return rounded
              .clamp(new ScalarOptional(new Scalar(least)), new ScalarOptional(new Scalar(most)))
              .to(Tensors.scalarType(type));
        });
  }

  private static Op dequantize(Node node) {
    long axis = node.integer("axis", 1);
    long block = node.integer("block_size", 0);
    return Op.one(
        in -> {
          Tensor scale = spread(in.get(1), in.get(0), axis, block);
          Tensor x = in.get(0).to(ScalarType.Float);
          if (in.has(2)) {
            x = x.sub(spread(in.get(2), in.get(0), axis, block).to(ScalarType.Float));
          }
          ScalarType type =
              node.integer("output_dtype", 0) == 0
                  ? scale.scalar_type()
                  : Tensors.scalarType(node.type("output_dtype"));
          return x.mul(scale).to(type);
        });
  }

  /** A scale or zero point of all, of each place of an axis, or of blocks of such places. */
  private static Tensor spread(Tensor of, Tensor x, long axis, long block) {
    if (of.numel() == 1 && of.dim() <= 1) {
      return of.reshape(new long[0]);
    }
    long at = ShapeOps.axis(axis, x.dim());
    if (block > 0) {
      return of.repeat_interleave(block, new LongOptional(at), new LongOptional())
          .narrow(at, 0, x.size(at));
    }
    long[] shape = Tensors.ones((int) x.dim());
    shape[(int) at] = -1;
    return of.reshape(shape);
  }
}
