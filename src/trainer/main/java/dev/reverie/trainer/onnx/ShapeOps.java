package dev.reverie.trainer.onnx;

import dev.reverie.policy.NdArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/** Operators that make, arrange and measure tensors. */
final class ShapeOps {
  private ShapeOps() {}

  static void register(Map<String, Op.Factory> ops) {
    ops.put("Constant", ShapeOps::constant);
    ops.put("ConstantOfShape", ShapeOps::constantOfShape);
    ops.put("Shape", ShapeOps::shape);
    ops.put("Size", node -> Op.one(ShapeOps::size));
    ops.put("Range", node -> Op.one(ShapeOps::range));
    ops.put("EyeLike", ShapeOps::eyeLike);
    ops.put("Reshape", ShapeOps::reshape);
    ops.put("Flatten", node -> flatten(node.integer("axis", 1)));
    ops.put("Transpose", ShapeOps::transpose);
    ops.put("Squeeze", ShapeOps::squeeze);
    ops.put("Unsqueeze", node -> Op.one(in -> unsqueeze(in.get(0), in.longs(1))));
    ops.put("Expand", node -> Op.one(in -> expand(in.get(0), in.longs(1))));
    ops.put("Tile", node -> Op.one(in -> in.get(0).repeat(in.longs(1))));
    ops.put("Concat", node -> concat(node.integer("axis", 0)));
    ops.put("Split", ShapeOps::split);
    ops.put("Pad", ShapeOps::pad);
  }

  /** An axis counted from the front. */
  static long axis(long axis, long rank) {
    return axis < 0 ? axis + rank : axis;
  }

  static long[] axes(long[] axes, long rank) {
    return Arrays.stream(axes).map(axis -> axis(axis, rank)).toArray();
  }

  private static Op constant(Node node) {
    NdArray tensor = node.tensor("value");
    NdArray value;
    if (tensor != null) {
      value = tensor;
    } else if (node.has("value_int")) {
      value = NdArray.of(new long[] {node.integer("value_int", 0)});
    } else if (node.has("value_ints")) {
      long[] values = node.integers("value_ints", new long[0]);
      value = NdArray.of(values, values.length);
    } else if (node.has("value_float")) {
      value = NdArray.of(new float[] {(float) node.number("value_float", 0)});
    } else if (node.has("value_floats")) {
      float[] values = node.floats("value_floats");
      value = NdArray.of(values, values.length);
    } else {
      throw new OnnxException(node + ": only numeric constants are supported");
    }
    return Op.one(in -> Tensors.of(value));
  }

  private static Op constantOfShape(Node node) {
    NdArray given = node.tensor("value");
    NdArray value = given == null ? NdArray.of(new float[] {0}, 1) : given;
    return Op.one(
        in -> {
          Tensor one = Tensors.beside(in.get(0), Tensors.of(value));
          return one.reshape(1).repeat(in.longs(0)).reshape(in.longs(0));
        });
  }

  /** A number, without dimensions. */
  private static Tensor size(NodeInputs in) {
    Tensor counted = in.get(0);
    return Tensors.ofLongs(counted, counted.numel()).squeeze();
  }

  private static Op shape(Node node) {
    long start = node.integer("start", 0);
    long end = node.integer("end", Long.MAX_VALUE);
    return Op.one(
        in -> {
          long[] shape = Tensors.shape(in.get(0));
          int from = Math.clamp(axis(start, shape.length), 0, shape.length);
          int to = Math.clamp(axis(end, shape.length), from, shape.length);
          return Tensors.ofLongs(in.get(0), Arrays.copyOfRange(shape, from, to));
        });
  }

  private static Tensor range(NodeInputs in) {
    TensorOptions type = new TensorOptions(in.get(0).scalar_type());
    return Tensors.beside(
        in.get(0), torch.arange(in.get(0).item(), in.get(1).item(), in.get(2).item(), type));
  }

  /** Ones on a diagonal of a matrix of the input's shape. */
  private static Op eyeLike(Node node) {
    long diagonal = node.integer("k", 0);
    return Op.one(
        in -> {
          Tensor like = in.get(0);
          Tensor row = Tensors.upTo(like, like.size(0)).unsqueeze(1);
          Tensor column = Tensors.upTo(like, like.size(1));
          return column
              .sub(row)
              .eq(new Scalar(diagonal))
              .to(node.has("dtype") ? Tensors.scalarType(node.type("dtype")) : like.scalar_type());
        });
  }

  private static Op reshape(Node node) {
    boolean allowZero = node.flag("allowzero", false);
    return Op.one(
        in -> {
          long[] shape = in.longs(1);
          for (int i = 0; i < shape.length && !allowZero; i++) {
            shape[i] = shape[i] == 0 ? in.get(0).size(i) : shape[i];
          }
          return in.get(0).reshape(shape);
        });
  }

  private static Op flatten(long axis) {
    return Op.one(
        in -> {
          long[] shape = Tensors.shape(in.get(0));
          long split = axis(axis, shape.length);
          long rows = Arrays.stream(shape).limit(split).reduce(1, (a, b) -> a * b);
          long columns = Arrays.stream(shape).skip(split).reduce(1, (a, b) -> a * b);
          return in.get(0).reshape(rows, columns);
        });
  }

  private static Op transpose(Node node) {
    long[] given = node.integers("perm");
    return Op.one(
        in -> {
          long rank = in.get(0).dim();
          long[] order =
              given != null ? given : LongStream.range(0, rank).map(i -> rank - 1 - i).toArray();
          return in.get(0).permute(order);
        });
  }

  private static Op squeeze(Node node) {
    return Op.one(
        in -> {
          if (!in.has(1)) {
            return in.get(0).squeeze();
          }
          return in.get(0).squeeze(in.longs(1));
        });
  }

  private static Tensor unsqueeze(Tensor input, long[] axes) {
    Tensor result = input;
    long[] sorted = Arrays.stream(axes(axes, input.dim() + axes.length)).sorted().toArray();
    for (long axis : sorted) {
      result = result.unsqueeze(axis);
    }
    return sorted.length == 0 ? new Tensor(input) : result;
  }

  /** Both shapes are broadcast, so the result may keep a length where the target has 1. */
  private static Tensor expand(Tensor input, long[] target) {
    long[] shape = Tensors.shape(input);
    int rank = Math.max(shape.length, target.length);
    long[] result = new long[rank];
    for (int i = 1; i <= rank; i++) {
      long have = i <= shape.length ? shape[shape.length - i] : 1;
      long want = i <= target.length ? target[target.length - i] : 1;
      result[rank - i] = have == 1 ? want : have;
    }
    return input.expand(result);
  }

  private static Op concat(long axis) {
    return Op.one(
        in -> Tensors.cat(IntStream.range(0, in.count()).mapToObj(in::get).toList(), axis));
  }

  private static Op split(Node node) {
    long axis = node.integer("axis", 0);
    long parts = node.integer("num_outputs", node.outputs().size());
    return Op.several(
        in -> {
          Tensor input = in.get(0);
          long[] lengths = in.has(1) ? in.longs(1) : evenly(input.size(axis), parts);
          List<Tensor> results = new ArrayList<>();
          long start = 0;
          for (long length : lengths) {
            results.add(input.narrow(axis, start, length));
            start += length;
          }
          return results;
        });
  }

  private static long[] evenly(long length, long parts) {
    long each = Math.ceilDiv(length, parts);
    return LongStream.range(0, parts).map(i -> Math.clamp(length - i * each, 0, each)).toArray();
  }

  private static Op pad(Node node) {
    String mode = node.text("mode", "constant");
    node.require(
        Set.of("constant", "reflect", "edge", "wrap").contains(mode),
        "padding mode '" + mode + "'");
    return Op.one(
        in -> {
          int rank = (int) in.get(0).dim();
          long[] pads = in.longs(1);
          long[] axes = in.has(3) ? axes(in.longs(3), rank) : LongStream.range(0, rank).toArray();
          if (!mode.equals("constant")) {
            return mirrored(in.get(0), axes, pads, mode);
          }
          double value = in.has(2) ? in.get(2).item_double() : 0;
          return pad(in.get(0), axes, pads, value);
        });
  }

  /** Pads with what the input has elsewhere. */
  private static Tensor mirrored(Tensor input, long[] axes, long[] pads, String mode) {
    Tensor result = new Tensor(input);
    for (int i = 0; i < axes.length; i++) {
      long length = input.size(axes[i]);
      long[] from =
          LongStream.range(-pads[i], length + pads[i + axes.length])
              .map(at -> place(at, length, mode))
              .toArray();
      result = result.index_select(axes[i], Tensors.ofLongs(result, from));
    }
    return result;
  }

  private static long place(long at, long length, String mode) {
    if (mode.equals("edge")) {
      return Math.clamp(at, 0, length - 1);
    }
    if (mode.equals("wrap")) {
      return Math.floorMod(at, length);
    }
    long there = Math.floorMod(at, Math.max(1, 2 * length - 2));
    return there < length ? there : 2 * length - 2 - there;
  }

  /**
   * Pads a tensor with a value along some axes.
   *
   * @param pads begin of each axis, then end of each axis, as ONNX orders them
   */
  static Tensor pad(Tensor input, long[] axes, long[] pads, double value) {
    int rank = (int) input.dim();
    long[] reversed = new long[2 * rank]; // libtorch begins with the last axis: begin, end
    for (int i = 0; i < axes.length; i++) {
      int at = 2 * (rank - 1 - (int) axes[i]);
      reversed[at] = pads[i];
      reversed[at + 1] = pads[i + axes.length];
    }
    return torch.constant_pad_nd(input, reversed, new Scalar(value));
  }
}
