package dev.reverie.trainer.onnx;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Operators that bring values to mean 0 or length 1. */
final class NormalisationOps {
  private static final double EPSILON = 1e-5;

  private NormalisationOps() {}

  static void register(Map<String, Op.Factory> ops) {
    ops.put("LayerNormalization", NormalisationOps::layer);
    ops.put("RMSNormalization", NormalisationOps::rms);
    ops.put("InstanceNormalization", NormalisationOps::instance);
    ops.put("GroupNormalization", NormalisationOps::group);
    ops.put("BatchNormalization", NormalisationOps::batch);
    ops.put("LpNormalization", NormalisationOps::power);
    ops.put("MeanVarianceNormalization", NormalisationOps::meanVariance);
  }

  private static Op layer(Node node) {
    long axis = node.integer("axis", -1);
    double epsilon = node.number("epsilon", EPSILON);
    return Op.several(
        in -> {
          long[] shape = Tensors.shape(in.get(0));
          int from = (int) ShapeOps.axis(axis, shape.length);
          long[] normalised = Arrays.copyOfRange(shape, from, shape.length);
          var results =
              torch.native_layer_norm(
                  in.get(0),
                  normalised,
                  shaped(in, 1, normalised),
                  shaped(in, 2, normalised),
                  epsilon);
          return List.of(
              new Tensor(results.get0()), // the output, the mean, 1 / the deviation
              new Tensor(results.get1()),
              new Tensor(results.get2()));
        });
  }

  /** A scale or bias, which ONNX broadcasts, and libtorch does not. */
  private static TensorOptional shaped(NodeInputs in, int input, long[] normalised) {
    return in.has(input) && !Arrays.equals(Tensors.shape(in.get(input)), normalised)
        ? new TensorOptional(in.get(input).expand(normalised))
        : in.optional(input);
  }

  private static Op rms(Node node) {
    long axis = node.integer("axis", -1);
    double epsilon = node.number("epsilon", EPSILON);
    return Op.one(
        in ->
            inSingle(
                    in.get(0),
                    x -> {
                      long first = ShapeOps.axis(axis, x.dim());
                      long[] axes = LongStream.range(first, x.dim()).toArray();
                      Tensor power = x.mul(x).mean(axes, true, new ScalarTypeOptional());
                      return x.mul(power.add(new Scalar(epsilon)).rsqrt());
                    })
                .mul(in.get(1)));
  }

  /** Computes with 32 bits what comes with 16, as ONNX's stash_type asks for by default. */
  private static Tensor inSingle(Tensor input, UnaryOperator<Tensor> function) {
    boolean half = input.element_size() == 2;
    Tensor result = function.apply(half ? input.to(ScalarType.Float) : input);
    return half ? result.to(input.scalar_type()) : result;
  }

  private static Op instance(Node node) {
    double epsilon = node.number("epsilon", EPSILON);
    return Op.one(
        in ->
            torch.group_norm(
                in.get(0), in.get(0).size(1), in.optional(1), in.optional(2), epsilon, false));
  }

  private static Op group(Node node) {
    long groups = node.integer("num_groups", 1);
    double epsilon = node.number("epsilon", EPSILON);
    return Op.one(
        in -> {
          long channels = in.get(0).size(1);
          if (in.get(1).numel() == channels) {
            return torch.group_norm(
                in.get(0), groups, in.optional(1), in.optional(2), epsilon, false);
          }
          // Up to opset 20 scale and bias are of groups, not of channels.
          UnaryOperator<Tensor> each =
              ofGroups -> ofGroups.unsqueeze(1).expand(groups, channels / groups).reshape(-1);
          return torch.group_norm(
              in.get(0),
              groups,
              new TensorOptional(each.apply(in.get(1))),
              new TensorOptional(each.apply(in.get(2))),
              epsilon,
              false);
        });
  }

  private static Op batch(Node node) {
    node.require(
        !node.flag("training_mode", false), "training_mode (call policy.eval() before the export)");
    double epsilon = node.number("epsilon", EPSILON);
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

  private static Op power(Node node) {
    long axis = node.integer("axis", -1);
    long p = node.integer("p", 2);
    node.require(p == 1 || p == 2, "p " + p);
    return Op.one(
        in -> {
          Tensor x = in.get(0);
          long[] axes = {axis};
          var type = new ScalarTypeOptional(x.scalar_type());
          Tensor length =
              p == 1 ? x.abs().sum(axes, true, type) : x.mul(x).sum(axes, true, type).sqrt();
          return x.div(length.masked_fill(length.eq(new Scalar(0.0)), new Scalar(1.0)));
        });
  }

  private static Op meanVariance(Node node) {
    long[] axes = node.integers("axes", new long[] {0, 2, 3});
    return Op.one(
        in -> {
          Tensor x = in.get(0);
          var type = new ScalarTypeOptional(x.scalar_type());
          Tensor off = x.sub(x.mean(axes, true, type));
          Tensor deviation = off.mul(off).mean(axes, true, type).sqrt();
          return off.div(deviation.add(new Scalar(1e-9)));
        });
  }
}
