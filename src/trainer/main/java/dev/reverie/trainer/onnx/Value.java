package dev.reverie.trainer.onnx;

import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/**
 * The value that a name of a graph stands for while the graph runs.
 *
 * @param tensors of a sequence any number, else one
 * @param isSequence whether it is a sequence of tensors, which only operators on sequences take
 */
record Value(List<Tensor> tensors, boolean isSequence) {
  static Value of(Tensor tensor) {
    return new Value(List.of(tensor), false);
  }

  static Value sequence(List<Tensor> tensors) {
    return new Value(List.copyOf(tensors), true);
  }

  Tensor tensor() {
    if (isSequence) {
      throw new OnnxException(
          "a sequence of %d tensors stands where one tensor has to; take it apart with SequenceAt"
              .formatted(tensors.size()));
    }
    return tensors.getFirst();
  }

  /** The same with each of its tensors changed. */
  Value map(UnaryOperator<Tensor> change) {
    return new Value(tensors.stream().map(change).toList(), isSequence);
  }

  void close() {
    tensors.forEach(Tensor::close);
  }
}
