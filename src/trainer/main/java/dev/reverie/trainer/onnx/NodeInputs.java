package dev.reverie.trainer.onnx;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.jspecify.annotations.Nullable;

/** The values of a node's inputs; optional ones may be absent. */
final class NodeInputs {
  private final @Nullable Tensor[] values;

  NodeInputs(@Nullable Tensor[] values) {
    this.values = values;
  }

  int count() {
    return values.length;
  }

  boolean has(int index) {
    return index < values.length && values[index] != null;
  }

  Tensor get(int index) {
    Tensor value = index < values.length ? values[index] : null;
    if (value == null) {
      throw new OnnxException("input " + index + " is missing");
    }
    return value;
  }

  TensorOptional optional(int index) {
    return has(index) ? new TensorOptional(get(index)) : new TensorOptional();
  }

  long[] longs(int index) {
    return Tensors.longs(get(index));
  }
}
