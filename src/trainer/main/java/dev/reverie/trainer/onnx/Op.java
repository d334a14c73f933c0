package dev.reverie.trainer.onnx;

import java.util.List;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;

/**
 * The work of a node when it runs. Returns new handles, never a handle that it was given, since the
 * executor closes each value after its last use.
 */
@FunctionalInterface
interface Op {
  List<Value> run(NodeInputs in);

  /** An op with one output. */
  static Op one(Function<NodeInputs, Tensor> body) {
    return in -> List.of(Value.of(body.apply(in)));
  }

  /** An op with several outputs. */
  static Op several(Function<NodeInputs, List<Tensor>> body) {
    return in -> body.apply(in).stream().map(Value::of).toList();
  }

  /** An op whose one output is a sequence. */
  static Op sequence(Function<NodeInputs, List<Tensor>> body) {
    return in -> List.of(Value.sequence(body.apply(in)));
  }

  /** Prepares the op of a node from its attributes. */
  @FunctionalInterface
  interface Factory {
    Op make(Node node);
  }
}
