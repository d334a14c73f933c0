package dev.reverie.trainer.onnx;

import java.util.List;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Operators on weights that are kept in 16 bits. A product with one has 16 bits, so that no wider
 * copy of the weight is there, not even for the gradients; its result has 32. Everything else is
 * given what it takes of such a weight with 32 bits.
 */
final class HalfWeights {
  private static final Set<String> PRODUCTS = Set.of("MatMul", "Gemm", "Conv", "ConvTranspose");

  /** Operators that pick numbers out of a weight: 32 bits are enough after it. */
  private static final Set<String> PICKING = Set.of("Gather");

  /** Operators that give the same weight in another order. */
  private static final Set<String> KEEPING = Set.of("Transpose");

  private HalfWeights() {}

  /** Returns whether what a node makes of such a weight is one again. */
  static boolean keeps(Node node) {
    return KEEPING.contains(node.type());
  }

  /**
   * The work of a node.
   *
   * @param half which of its inputs are such weights
   */
  static Op op(Node node, List<Boolean> half) {
    Op op = Operators.make(node);
    if (!half.contains(true) || keeps(node)) {
      return op;
    }
    if (PRODUCTS.contains(node.type())) {
      return in -> wide(op.run(in.map(HalfWeights::narrow)));
    }
    if (PICKING.contains(node.type())) {
      return in -> wide(op.run(in));
    }
    return in -> op.run(in.map(HalfWeights::wide));
  }

  private static List<Value> wide(List<Value> values) {
    return values.stream().map(value -> value.map(HalfWeights::wide)).toList();
  }

  private static Tensor narrow(Tensor tensor) {
    return tensor.is_floating_point() ? tensor.to(ScalarType.BFloat16) : tensor;
  }

  private static Tensor wide(Tensor tensor) {
    return tensor.scalar_type().intern() == ScalarType.BFloat16
        ? tensor.to(ScalarType.Float)
        : tensor;
  }
}
