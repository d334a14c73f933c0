package dev.reverie.trainer.onnx;

import dev.reverie.policy.NdArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;

/** Operators on sequences of tensors, as PyTorch exports chunk, split and unbind. */
final class SequenceOps {
  private SequenceOps() {}

  static void register(Map<String, Op.Factory> ops) {
    ops.put("SequenceEmpty", node -> Op.sequence(in -> List.of()));
    ops.put("SequenceConstruct", node -> Op.sequence(SequenceOps::construct));
    ops.put("SequenceAt", node -> Op.one(in -> new Tensor(at(in.sequence(0), place(in, 1)))));
    ops.put("SequenceLength", node -> Op.one(SequenceOps::length));
    ops.put("SequenceInsert", node -> Op.sequence(SequenceOps::insert));
    ops.put("SequenceErase", node -> Op.sequence(SequenceOps::erase));
    ops.put("SplitToSequence", SequenceOps::split);
    ops.put("ConcatFromSequence", SequenceOps::concat);
  }

  private static List<Tensor> construct(NodeInputs in) {
    return handles(IntStream.range(0, in.count()).mapToObj(in::get).toList());
  }

  private static Tensor length(NodeInputs in) {
    return Tensors.of(NdArray.of(new long[] {in.sequence(0).size()}));
  }

  private static List<Tensor> insert(NodeInputs in) {
    List<Tensor> sequence = new ArrayList<>(in.sequence(0));
    long place = in.has(2) ? place(in, 2) : sequence.size();
    if (place < 0 || place > sequence.size()) {
      throw outside(place, sequence.size());
    }
    sequence.add((int) place, in.get(1));
    return handles(sequence);
  }

  private static List<Tensor> erase(NodeInputs in) {
    List<Tensor> sequence = new ArrayList<>(in.sequence(0));
    long place = in.has(1) ? place(in, 1) : sequence.size() - 1L;
    if (place < 0 || place >= sequence.size()) {
      throw outside(place, sequence.size());
    }
    sequence.remove((int) place);
    return handles(sequence);
  }

  /** The second input is the length of all pieces, or a list of lengths; without it all have 1. */
  private static Op split(Node node) {
    long axis = node.integer("axis", 0);
    boolean keep = node.flag("keepdims", true);
    return Op.sequence(
        in -> {
          Tensor input = in.get(0);
          long all = input.size(axis);
          long each = in.has(1) && in.get(1).dim() == 0 ? in.get(1).item_long() : 1;
          long[] lengths =
              in.has(1) && in.get(1).dim() > 0
                  ? in.longs(1)
                  : LongStream.range(0, Math.ceilDiv(all, Math.max(1, each)))
                      .map(i -> Math.min(each, all - i * each))
                      .toArray();
          if (each < 1 || Arrays.stream(lengths).sum() != all) {
            throw new OnnxException(
                "pieces of the lengths %s do not make up the %d of axis %d; export the policy again"
                    .formatted(each < 1 ? each : Arrays.toString(lengths), all, axis));
          }
          List<Tensor> pieces = new ArrayList<>();
          long begin = 0;
          for (long length : lengths) {
            Tensor piece = input.narrow(axis, begin, length);
            pieces.add(in.has(1) || keep ? piece : piece.squeeze(axis));
            begin += length;
          }
          return pieces;
        });
  }

  private static Op concat(Node node) {
    long axis = node.integer("axis", 0);
    boolean stacks = node.flag("new_axis", false);
    return Op.one(
        in -> {
          List<Tensor> parts = in.sequence(0);
          return Tensors.cat(
              stacks ? parts.stream().map(part -> part.unsqueeze(axis)).toList() : parts, axis);
        });
  }

  /** A place in the sequence that is the first input, counted from the front. */
  private static long place(NodeInputs in, int input) {
    return ShapeOps.axis(in.get(input).item_long(), in.sequence(0).size());
  }

  private static Tensor at(List<Tensor> sequence, long place) {
    if (place < 0 || place >= sequence.size()) {
      throw outside(place, sequence.size());
    }
    return sequence.get((int) place);
  }

  private static OnnxException outside(long place, int length) {
    return new OnnxException(
        "place %d is outside of a sequence of %d tensors; export the policy again"
            .formatted(place, length));
  }

  /** Handles of their own, since each value frees its own. */
  private static List<Tensor> handles(List<Tensor> tensors) {
    return tensors.stream().map(Tensor::new).toList();
  }
}
