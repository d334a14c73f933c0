package dev.reverie.trainer.onnx;

import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

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

  /** Whether what a node makes of such a weight is one again. */
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
      return in -> wide(op.run(changed(in, HalfWeights::narrow)));
    }
    if (PICKING.contains(node.type())) {
      return in -> wide(op.run(in));
    }
    return in -> op.run(changed(in, HalfWeights::wide));
  }

  private static NodeInputs changed(NodeInputs in, UnaryOperator<Tensor> to) {
    @Nullable Tensor[] changed = new @Nullable Tensor[in.count()];
    for (int i = 0; i < changed.length; i++) {
      changed[i] = in.has(i) ? to.apply(in.get(i)) : null;
    }
    return new NodeInputs(changed);
  }

  private static List<Tensor> wide(List<Tensor> tensors) {
    return tensors.stream().map(HalfWeights::wide).toList();
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
