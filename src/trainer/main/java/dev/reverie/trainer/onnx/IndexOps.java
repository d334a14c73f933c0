package dev.reverie.trainer.onnx;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.LongStream;
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
    ops.put("ScatterElements", IndexOps::scatterElements);
    ops.put("ScatterND", IndexOps::scatterNd);
    ops.put("SequenceAt", IndexOps::piece);
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
    node.require(node.integer("batch_dims", 0) == 0, "batch_dims");
    return Op.one(
        in -> {
          Tensor data = in.get(0);
          long[] index = Tensors.shape(in.get(1)); // [..., depth]
          int depth = (int) index[index.length - 1];
          long[] shape = Tensors.shape(data);
          long[] result =
              LongStream.concat(
                      Arrays.stream(index, 0, index.length - 1),
                      Arrays.stream(shape, depth, shape.length))
                  .toArray();
          return rows(data, depth).index_select(0, linear(in.get(1), shape)).reshape(result);
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

  private static Op scatterElements(Node node) {
    long axis = node.integer("axis", 0);
    String reduction = node.text("reduction", "none");
    node.require(
        reduction.equals("none") || reduction.equals("add"), "reduction '" + reduction + "'");
    return Op.one(
        in -> {
          Tensor at = fromFront(in.get(1), in.get(0).size(axis));
          return reduction.equals("add")
              ? torch.scatter_add(in.get(0), axis, at, in.get(2))
              : torch.scatter(in.get(0), axis, at, in.get(2));
        });
  }

  private static Op scatterNd(Node node) {
    String reduction = node.text("reduction", "none");
    node.require(reduction.equals("none"), "reduction '" + reduction + "'");
    return Op.one(
        in -> {
          long[] shape = Tensors.shape(in.get(0));
          int depth = (int) in.get(1).size(-1);
          Tensor rows = rows(in.get(0), depth);
          Tensor updates = in.get(2).reshape(concat(-1, shape, depth));
          return torch.index_copy(rows, 0, linear(in.get(1), shape), updates).reshape(shape);
        });
  }

  /** The data with its first {@code depth} axes made one. */
  private static Tensor rows(Tensor data, int depth) {
    return data.reshape(concat(-1, Tensors.shape(data), depth));
  }

  private static long[] concat(long first, long[] shape, int from) {
    return LongStream.concat(LongStream.of(first), Arrays.stream(shape, from, shape.length))
        .toArray();
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

  /** The inputs tensor, lengths of its pieces and place of one, as {@link Fusion} has them. */
  private static Op piece(Node node) {
    node.require(node.inputs().size() == 3, "a sequence that was not split from a tensor");
    long axis = node.integer("axis", 0);
    boolean keep = node.flag("keepdims", true);
    return Op.one(
        in -> {
          Tensor input = in.get(0);
          long all = input.size(axis);
          boolean each = in.has(1) && in.get(1).dim() > 0;
          long[] lengths = in.has(1) ? in.longs(1) : new long[] {1};
          long count = each ? lengths.length : Math.ceilDiv(all, lengths[0]);
          long place = ShapeOps.axis(in.get(2).item_long(), count);
          long begin = each ? Arrays.stream(lengths).limit(place).sum() : place * lengths[0];
          long length = each ? lengths[(int) place] : Math.min(lengths[0], all - begin);
          Tensor piece = input.narrow(axis, begin, length);
          return in.has(1) || keep ? piece : piece.squeeze(axis);
        });
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
