package dev.reverie.trainer.onnx;

import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.jspecify.annotations.Nullable;

/** The values of a node's inputs; optional ones may be absent. */
final class NodeInputs {
  private final @Nullable Value[] values;

  NodeInputs(@Nullable Value[] values) {
    this.values = values;
  }

  int count() {
    return values.length;
  }

  boolean has(int index) {
    return index < values.length && values[index] != null;
  }

  Tensor get(int index) {
    return value(index).tensor();
  }

  /** The tensors of a sequence. */
  List<Tensor> sequence(int index) {
    Value value = value(index);
    if (!value.isSequence()) {
      throw new OnnxException("input " + index + " is no sequence; make one by SequenceConstruct");
    }
    return value.tensors();
  }

  TensorOptional optional(int index) {
    return has(index) ? new TensorOptional(get(index)) : new TensorOptional();
  }

  long[] longs(int index) {
    return Tensors.longs(get(index));
  }

  /** The same inputs with each tensor changed. */
  NodeInputs map(UnaryOperator<Tensor> change) {
    @Nullable Value[] changed = values.clone();
    for (int i = 0; i < changed.length; i++) {
      Value value = changed[i];
      changed[i] = value == null ? null : value.map(change);
    }
    return new NodeInputs(changed);
  }

  /** Types and shapes, for people. */
  @Override
  public String toString() {
    return Arrays.stream(values).map(NodeInputs::described).toList().toString();
  }

  private static String described(@Nullable Value value) {
    if (value == null) {
      return "-";
    }
    List<String> tensors =
        value.tensors().stream()
            .map(t -> t.scalar_type() + Arrays.toString(Tensors.shape(t)))
            .toList();
    return value.isSequence() ? "sequence " + tensors : tensors.getFirst();
  }

  private Value value(int index) {
    Value value = index < values.length ? values[index] : null;
    if (value == null) {
      throw new OnnxException("input " + index + " is missing; export the policy again");
    }
    return value;
  }
}
