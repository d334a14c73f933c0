package dev.reverie.trainer.onnx;

import java.util.HashMap;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/** The ONNX operators that the executor knows: https://onnx.ai/onnx/operators/ */
final class Operators {
  private static final Map<String, Op.Factory> FACTORIES = new HashMap<>();

  static {
    ElementwiseOps.register(FACTORIES);
    ShapeOps.register(FACTORIES);
    IndexOps.register(FACTORIES);
    ReductionOps.register(FACTORIES);
    NetworkOps.register(FACTORIES);
    PictureOps.register(FACTORIES);
  }

  private Operators() {}

  static Op make(Node node) {
    Op.Factory factory = FACTORIES.get(node.type());
    if (factory == null) {
      throw new OnnxException(
          "%s: the trainer lacks the operator '%s'; it has %s"
              .formatted(node, node.type(), names()));
    }
    return factory.make(node);
  }

  /** The names of all operators that can be run. */
  static SortedSet<String> names() {
    SortedSet<String> names = new TreeSet<>(FACTORIES.keySet());
    names.add("Identity"); // the program gives the value a second name
    return names;
  }
}
