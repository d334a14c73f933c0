package dev.reverie.trainer.onnx;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

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
    reduction(ops, "ReduceMax", Tensor::amax);
    reduction(ops, "ReduceMin", Tensor::amin);
    reduction(ops, "ReduceSumSquare", (x, axes, keep) -> x.mul(x).sum(axes, keep, type(x)));
    reduction(ops, "ReduceL2", (x, axes, keep) -> x.mul(x).sum(axes, keep, type(x)).sqrt());
    reduction(ops, "ReduceL1", (x, axes, keep) -> x.abs().sum(axes, keep, type(x)));
    reduction(ops, "ReduceLogSum", (x, axes, keep) -> x.sum(axes, keep, type(x)).log());
    reduction(ops, "ReduceLogSumExp", torch::logsumexp);
    reduction(ops, "ReduceProd", ReductionOps::product);
    ops.put("Softmax", node -> softmax(node.integer("axis", -1)));
    ops.put("LogSoftmax", node -> logSoftmax(node.integer("axis", -1)));
    ops.put("CumSum", ReductionOps::cumulativeSum);
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

  private static Op cumulativeSum(Node node) {
    boolean reverse = node.flag("reverse", false);
    boolean exclusive = node.flag("exclusive", false);
    return Op.one(
        in -> {
          long axis = in.get(1).item_long();
          Tensor input = reverse ? in.get(0).flip(axis) : in.get(0);
          Tensor sum = input.cumsum(axis, type(input));
          Tensor result = exclusive ? sum.sub(input) : sum;
          return reverse ? result.flip(axis) : result;
        });
  }

  private static Op arg(Node node, boolean max) {
    long axis = node.integer("axis", 0);
    boolean keep = node.flag("keepdims", true);
    node.require(node.integer("select_last_index", 0) == 0, "select_last_index");
    return Op.one(
        in -> {
          Tensor values = max ? in.get(0) : in.get(0).mul(new Scalar(-1.0));
          return values.argmax(new LongOptional(axis), keep);
        });
  }
}
