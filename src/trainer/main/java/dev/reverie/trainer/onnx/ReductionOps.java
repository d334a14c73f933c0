package dev.reverie.trainer.onnx;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Operators that reduce along axes. */
final class ReductionOps {
  private ReductionOps() {}

  @FunctionalInterface
  private interface Reduction {
    Tensor apply(Tensor input, long[] axes, boolean keep);
  }

  static void register(Map<String, Op.Factory> ops) {
    reduction(ops, "ReduceSum", (x, axes, keep) -> x.sum(axes, keep, type(x)));
    reduction(ops, "ReduceMean", (x, axes, keep) -> x.mean(axes, keep, type(x)));
    reduction(ops, "ReduceMax", (x, axes, keep) -> extreme(x, axes, keep, true));
    reduction(ops, "ReduceMin", (x, axes, keep) -> extreme(x, axes, keep, false));
    reduction(ops, "ReduceSumSquare", (x, axes, keep) -> x.mul(x).sum(axes, keep, type(x)));
    reduction(ops, "ReduceL2", (x, axes, keep) -> x.mul(x).sum(axes, keep, type(x)).sqrt());
    reduction(ops, "ReduceL1", (x, axes, keep) -> x.abs().sum(axes, keep, type(x)));
    reduction(ops, "ReduceLogSum", (x, axes, keep) -> x.sum(axes, keep, type(x)).log());
    reduction(ops, "ReduceLogSumExp", torch::logsumexp);
    reduction(ops, "ReduceProd", ReductionOps::product);
    ops.put("Softmax", node -> softmax(node.integer("axis", -1)));
    ops.put("LogSoftmax", node -> logSoftmax(node.integer("axis", -1)));
    ops.put("Hardmax", node -> hardmax(node.integer("axis", -1)));
    ops.put("CumSum", node -> cumulative(node, false));
    ops.put("CumProd", node -> cumulative(node, true));
    ops.put("ArgMax", node -> arg(node, true));
    ops.put("ArgMin", node -> arg(node, false));
  }

  private static void reduction(Map<String, Op.Factory> ops, String type, Reduction reduction) {
    ops.put(
        type,
        node -> {
          boolean keep = node.flag("keepdims", true);
          boolean nothingWithoutAxes = node.flag("noop_with_empty_axes", false);
          long[] attribute = node.integers("axes", new long[0]); // an input since opset 18
          return Op.one(
              in -> {
                long[] axes = in.has(1) ? in.longs(1) : attribute;
                if (axes.length == 0 && nothingWithoutAxes) {
                  return new Tensor(in.get(0));
                }
                long rank = in.get(0).dim();
                return reduction.apply(
                    in.get(0), axes.length > 0 ? axes : LongStream.range(0, rank).toArray(), keep);
              });
        });
  }

  /**
   * Returns the extremes; of nothing, the largest is the least there is, and the smallest the
   * greatest.
   */
  private static Tensor extreme(Tensor input, long[] axes, boolean keep, boolean max) {
    boolean empty = Arrays.stream(axes).anyMatch(axis -> input.size(axis) == 0);
    if (!empty) {
      return max ? input.amax(axes, keep) : input.amin(axes, keep);
    }
    Tensor shaped = input.to(ScalarType.Float).sum(axes, keep, new ScalarTypeOptional());
    Scalar worst =
        switch (Tensors.dtype(input.scalar_type())) {
          case F64, F32, F16, BF16 ->
              new Scalar(max ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY);
          case I64 -> new Scalar(max ? Long.MIN_VALUE : Long.MAX_VALUE);
          case I32 -> new Scalar(max ? (long) Integer.MIN_VALUE : (long) Integer.MAX_VALUE);
          case I16 -> new Scalar(max ? (long) Short.MIN_VALUE : (long) Short.MAX_VALUE);
          case I8 -> new Scalar(max ? (long) Byte.MIN_VALUE : (long) Byte.MAX_VALUE);
          case U8 -> new Scalar(max ? 0L : 255L);
          case BOOL -> new Scalar(max ? 0L : 1L);
        };
    return torch.zeros_like(shaped).to(input.scalar_type()).fill_(worst);
  }

  private static Tensor product(Tensor input, long[] axes, boolean keep) {
    Tensor result = new Tensor(input);
    for (long axis : axes) {
      result = result.prod(axis, true, type(input));
    }
    long[] sorted = Arrays.stream(ShapeOps.axes(axes, input.dim())).sorted().toArray();
    for (int i = sorted.length - 1; i >= 0 && !keep; i--) {
      result = result.squeeze(sorted[i]);
    }
    return result;
  }

  private static ScalarTypeOptional type(Tensor tensor) {
    return new ScalarTypeOptional(tensor.scalar_type());
  }

  private static Op softmax(long axis) {
    return Op.one(in -> torch.softmax(in.get(0), axis));
  }

  private static Op logSoftmax(long axis) {
    return Op.one(in -> torch.log_softmax(in.get(0), axis));
  }

  /** One at the first of the largest, else zero. */
  private static Op hardmax(long axis) {
    return Op.one(
        in -> {
          Tensor first = in.get(0).argmax(new LongOptional(axis), true);
          Tensor one = torch.ones_like(first).to(in.get(0).scalar_type());
          return torch.scatter(torch.zeros_like(in.get(0)), axis, first, one);
        });
  }

  private static Op cumulative(Node node, boolean product) {
    boolean reverse = node.flag("reverse", false);
    boolean exclusive = node.flag("exclusive", false);
    return Op.one(
        in -> {
          long axis = in.get(1).item_long();
          Tensor input = reverse ? in.get(0).flip(axis) : in.get(0);
          if (exclusive) { // each is moved on by one, after a neutral element
            long length = input.size(axis);
            Tensor first = torch.zeros_like(input.narrow(axis, 0, Math.min(1, length)));
            first = product ? torch.ones_like(first) : first;
            input =
                Tensors.cat(List.of(first, input.narrow(axis, 0, Math.max(0, length - 1))), axis);
          }
          Tensor result =
              product ? input.cumprod(axis, type(input)) : input.cumsum(axis, type(input));
          return reverse ? result.flip(axis) : result;
        });
  }

  private static Op arg(Node node, boolean max) {
    long axis = node.integer("axis", 0);
    boolean keep = node.flag("keepdims", true);
    boolean last = node.flag("select_last_index", false);
    return Op.one(
        in -> {
          Tensor values = last ? in.get(0).flip(axis) : in.get(0);
          var along = new LongOptional(axis);
          Tensor first = max ? values.argmax(along, keep) : values.argmin(along, keep);
          Scalar end = new Scalar(values.size(axis) - 1);
          return last ? first.neg().add(end) : first;
        });
  }
}
