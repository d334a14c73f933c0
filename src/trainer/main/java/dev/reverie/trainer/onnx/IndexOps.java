package dev.reverie.trainer.onnx;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Operators that pick elements out of tensors. Negative indices count from the end. */
final class IndexOps {
  private IndexOps() {}

  static void register(Map<String, Op.Factory> ops) {
    ops.put("Gather", node -> gather(node.integer("axis", 0)));
    ops.put("GatherElements", node -> gatherElements(node.integer("axis", 0)));
    ops.put("GatherND", IndexOps::gatherNd);
    ops.put("OneHot", node -> oneHot(node.integer("axis", -1)));
    ops.put("NonZero", node -> Op.one(in -> in.get(0).nonzero().t()));
    ops.put("Compress", IndexOps::compress);
    ops.put("TopK", IndexOps::topK);
    ops.put("ScatterElements", IndexOps::scatterElements);
    ops.put("ScatterND", IndexOps::scatterNd);
    ops.put("Slice", node -> Op.one(IndexOps::slice));
    ops.put("Trilu", IndexOps::trilu);
  }

  private static Op gather(long axis) {
    return Op.one(
        in -> {
          Tensor data = in.get(0);
          long length = data.size(axis);
          if (in.get(1).dim() == 0) {
            return data.select(axis, in.get(1).item_long());
          }
          Tensor indices = fromFront(in.get(1), length);
          if (axis == 0 && data.dim() == 2 && data.is_floating_point()) {
            return torch.embedding(data, indices);
          }
          long[] shape = Tensors.shape(data);
          int at = (int) ShapeOps.axis(axis, shape.length);
          long[] result =
              LongStream.concat(
                      LongStream.concat(
                          Arrays.stream(shape, 0, at), Arrays.stream(Tensors.shape(indices))),
                      Arrays.stream(shape, at + 1, shape.length))
                  .toArray();
          return data.index_select(at, indices.reshape(-1)).reshape(result);
        });
  }

  private static Op gatherElements(long axis) {
    return Op.one(in -> in.get(0).gather(axis, fromFront(in.get(1), in.get(0).size(axis))));
  }

  private static Op gatherNd(Node node) {
    int batch = (int) node.integer("batch_dims", 0);
    return Op.one(
        in -> {
          Tensor data = in.get(0);
          long[] index = Tensors.shape(in.get(1)); // [batch.., .., depth]
          int depth = (int) index[index.length - 1];
          long[] shape = Tensors.shape(data);
          long[] result =
              LongStream.concat(
                      Arrays.stream(index, 0, index.length - 1),
                      Arrays.stream(shape, batch + depth, shape.length))
                  .toArray();
          long batches = Arrays.stream(shape, 0, batch).reduce(1, (a, b) -> a * b);
          long[] each = Arrays.copyOfRange(shape, batch, shape.length);
          long rows = Arrays.stream(each, 0, depth).reduce(1, (a, b) -> a * b);
          Tensor own = linear(in.get(1), each).reshape(batches, -1);
          Tensor first = Tensors.upTo(data, batches).mul(new Scalar(rows)).unsqueeze(1);
          Tensor at = own.add(first).reshape(-1);
          return rows(data, batch + depth).index_select(0, at).reshape(result);
        });
  }

  /** The inputs indices, depth, and the values [off, on]. */
  private static Op oneHot(long axis) {
    return Op.one(
        in -> {
          long depth = in.get(1).to(ScalarType.Long).reshape(-1).select(0, 0).item_long();
          int rank = (int) in.get(0).dim() + 1;
          int at = (int) ShapeOps.axis(axis, rank);
          long[] shape = new long[rank];
          Arrays.fill(shape, 1);
          shape[at] = depth;
          Tensor each = torch.arange(new Scalar(depth)).reshape(shape);
          Tensor hot = fromFront(in.get(0), depth).unsqueeze(at).eq(each);
          return torch.where(hot, in.get(2).select(0, 1), in.get(2).select(0, 0));
        });
  }

  private static Op compress(Node node) {
    boolean flat = !node.has("axis");
    long axis = node.integer("axis", 0);
    return Op.one(
        in -> {
          Tensor input = flat ? in.get(0).reshape(-1) : in.get(0);
          return input.index_select(axis, in.get(1).nonzero().reshape(-1));
        });
  }

  /** The k largest or smallest, and where they are; of equal ones those that come first. */
  private static Op topK(Node node) {
    long axis = node.integer("axis", -1);
    boolean largest = node.flag("largest", true);
    return Op.several(
        in -> {
          long k = in.longs(1)[0];
          if (k > in.get(0).size(axis)) {
            throw new OnnxException(
                "k is %d of an axis of %d; export the policy again"
                    .formatted(k, in.get(0).size(axis)));
          }
          var sorted = torch.sort(in.get(0), new BoolOptional(true), axis, largest);
          return List.of(sorted.get0().narrow(axis, 0, k), sorted.get1().narrow(axis, 0, k));
        });
  }

  private static Op scatterElements(Node node) {
    long axis = node.integer("axis", 0);
    String reduction = reduction(node);
    return Op.one(
        in -> {
          Tensor at = fromFront(in.get(1), in.get(0).size(axis));
          return scattered(in.get(0), axis, at, in.get(2), reduction);
        });
  }

  private static Op scatterNd(Node node) {
    String reduction = reduction(node);
    return Op.one(
        in -> {
          long[] shape = Tensors.shape(in.get(0));
          int depth = (int) in.get(1).size(-1);
          long each = Arrays.stream(shape, depth, shape.length).reduce(1, (a, b) -> a * b);
          Tensor rows = in.get(0).reshape(-1, each);
          Tensor updates = in.get(2).reshape(-1, each);
          Tensor at = linear(in.get(1), shape).unsqueeze(1).expand(Tensors.shape(updates));
          return scattered(rows, 0, at, updates, reduction).reshape(shape);
        });
  }

  /** libtorch's name of what is made of values that are written to the same place. */
  private static String reduction(Node node) {
    String named = node.text("reduction", "none");
    return switch (named) {
      case "none" -> "";
      case "add" -> "sum";
      case "mul" -> "prod";
      case "max" -> "amax";
      case "min" -> "amin";
      default -> {
        node.require(false, "reduction '" + named + "'");
        yield "";
      }
    };
  }

  private static Tensor scattered(
      Tensor data, long axis, Tensor at, Tensor updates, String reduction) {
    if (reduction.isEmpty()) {
      return torch.scatter(data, axis, at, updates);
    }
    return reduction.equals("sum")
        ? torch.scatter_add(data, axis, at, updates)
        : torch.scatter_reduce(data, axis, at, updates, reduction, true);
  }

  /** The data with its first {@code depth} axes made one. */
  private static Tensor rows(Tensor data, int depth) {
    long[] shape = Tensors.shape(data);
    return data.reshape(
        LongStream.concat(LongStream.of(-1), Arrays.stream(shape, depth, shape.length)).toArray());
  }

  /** Row numbers of {@link #rows} for index tuples [..., depth]. */
  private static Tensor linear(Tensor indices, long[] shape) {
    long depth = indices.size(-1);
    Tensor flat = indices.to(ScalarType.Long).reshape(-1, depth);
    Tensor row = torch.zeros_like(flat.select(1, 0));
    for (int i = 0; i < depth; i++) {
      row = row.mul(new Scalar(shape[i])).add(fromFront(flat.select(1, i), shape[i]));
    }
    return row;
  }

  private static Tensor fromFront(Tensor indices, long length) {
    Tensor wide = indices.to(ScalarType.Long);
    return torch.where(wide.lt(new Scalar(0L)), wide.add(new Scalar(length)), wide);
  }

  private static Tensor slice(NodeInputs in) {
    long[] starts = in.longs(1);
    long[] ends = in.longs(2);
    long rank = in.get(0).dim();
    long[] axes =
        in.has(3) ? ShapeOps.axes(in.longs(3), rank) : LongStream.range(0, starts.length).toArray();
    Tensor result = new Tensor(in.get(0));
    for (int i = 0; i < starts.length; i++) {
      long step = in.has(4) ? in.longs(4)[i] : 1;
      result = slice(result, axes[i], starts[i], ends[i], step);
    }
    return result;
  }

  private static Tensor slice(Tensor input, long axis, long start, long end, long step) {
    long length = input.size(axis);
    if (step > 0) {
      long from = Math.clamp(start < 0 ? start + length : start, 0, length);
      long to = Math.clamp(end < 0 ? end + length : end, from, length);
      return input.slice(axis, new LongOptional(from), new LongOptional(to), step);
    }
    long from = Math.clamp(start < 0 ? start + length : start, -1, length - 1);
    long to = Math.clamp(end < 0 ? end + length : end, -1, length - 1);
    long[] picked = LongStream.iterate(from, at -> at > to, at -> at + step).toArray();
    return input.index_select(axis, Tensors.ofLongs(input, picked));
  }

  private static Op trilu(Node node) {
    boolean upper = node.flag("upper", true);
    return Op.one(
        in -> {
          long diagonal = in.has(1) ? in.get(1).item_long() : 0;
          return upper ? torch.triu(in.get(0), diagonal) : torch.tril(in.get(0), diagonal);
        });
  }
}
