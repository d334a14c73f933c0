package dev.reverie.trainer.nn;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Trades time for memory (activation checkpointing, Chen et al., arXiv 1604.06174): of a block of a
 * network only what goes in and comes out is kept, and the rest is computed again when the
 * gradients come back to it.
 *
 * <p>Blocks cut the graph of the gradients into pieces. {@link #backward} goes through them from
 * the last to the first, each in a scope of its own. Where no gradients are wanted nothing but what
 * a block gives outlives it in any case. Used by one thread at a time.
 */
public final class Recompute {
  private static final List<Piece> PIECES = new ArrayList<>();
  private static final IdentityHashMap<Tensor, Tensor> CUT = new IdentityHashMap<>();

  private Recompute() {}

  /**
   * A block with what went in and came out, without what led there.
   *
   * @param cuts where what went in came out of other operations
   */
  private record Piece(
      UnaryOperator<List<Tensor>> block,
      List<Tensor> in,
      List<Tensor> out,
      List<Cut> cuts,
      boolean reduced) {}

  /**
   * A place where the graph was cut.
   *
   * @param tensor that was computed
   * @param leaf the same numbers, which gather gradients for it
   */
  private record Cut(Tensor tensor, Tensor leaf) {}

  /**
   * Computes a block. Where it is set so ({@link Compute#recompute}), what it keeps for its
   * gradients is computed again later; without gradients all but what it gives is freed at once.
   *
   * @param inputs all that the block reads and that has gradients, but for parameters
   * @return what the block gives, in new tensors
   */
  public static List<Tensor> of(UnaryOperator<List<Tensor>> block, Tensor... inputs) {
    List<Tensor> in = List.of(inputs);
    if (!GradMode.is_enabled()) {
      return alone(block, in);
    }
    if (!Compute.isRecomputing()) {
      return block.apply(in);
    }
    List<Cut> cuts = new ArrayList<>();
    List<Tensor> leaves = in.stream().map(tensor -> leaf(tensor, cuts)).toList();
    List<Tensor> out = alone(block, leaves);
    out.forEach(tensor -> tensor.set_requires_grad(true));
    PIECES.add(new Piece(block, leaves, out, cuts, Compute.isReducing()));
    return out;
  }

  /** Computes a block without gradients; only what it gives outlives it. */
  private static List<Tensor> alone(UnaryOperator<List<Tensor>> block, List<Tensor> in) {
    List<Tensor> out = new ArrayList<>();
    try (var _ = new PointerScope();
        var _ = new NoGradGuard()) {
      block.apply(in).forEach(tensor -> out.add(Torch.keep(tensor)));
    }
    PointerScope outer = PointerScope.getInnerScope();
    if (outer != null) {
      for (Tensor tensor : out) {
        outer.attach(tensor);
        tensor.releaseReference(); // the outer scope holds it now
      }
    }
    return List.copyOf(out);
  }

  /** Lets go of what nobody reads any more, unless gradients may come back to it. */
  public static void letGo(Tensor read) {
    if (!GradMode.is_enabled()) {
      read.close();
    }
  }

  private static Tensor leaf(Tensor tensor, List<Cut> cuts) {
    if (!tensor.requires_grad() || tensor.is_leaf()) {
      return tensor;
    }
    return CUT.computeIfAbsent(
        tensor,
        computed -> {
          Tensor leaf = computed.detach().set_requires_grad(true);
          cuts.add(new Cut(computed, leaf));
          return leaf;
        });
  }

  /** Adds the gradients of a loss to those of the parameters, through all blocks before it. */
  public static void backward(Tensor loss) {
    if (PIECES.isEmpty()) {
      loss.backward();
      return;
    }
    try {
      // The graph beside the blocks is gone through from every cut.
      loss.backward(new Tensor(), new BoolOptional(true), false, new TensorArrayRefOptional());
      PIECES.reversed().forEach(Recompute::back);
    } finally {
      forget();
    }
  }

  /** Drops the blocks of a loss whose gradients nobody has asked for. */
  public static void forget() {
    PIECES.clear();
    CUT.clear();
  }

  private static void back(Piece piece) {
    try (var _ = new PointerScope()) {
      List<Tensor> again =
          piece.reduced
              ? Compute.inPrecision(() -> piece.block.apply(piece.in))
              : piece.block.apply(piece.in);
      TensorVector ends = new TensorVector();
      TensorVector gradients = new TensorVector();
      for (int i = 0; i < again.size(); i++) {
        Tensor gradient = piece.out.get(i).grad();
        if (gradient.defined()) { // somebody has used it
          ends.push_back(again.get(i));
          gradients.push_back(gradient);
        }
      }
      if (!ends.empty()) {
        torch.backward(ends, gradients, new BoolOptional(false), false, new TensorVector());
      }
      piece.out.forEach(tensor -> tensor.mutable_grad().reset());
    }
    try (var _ = new PointerScope()) {
      TensorVector ends = new TensorVector();
      TensorVector gradients = new TensorVector();
      for (Cut cut : piece.cuts) {
        Tensor gradient = cut.leaf.grad();
        if (gradient.defined()) {
          ends.push_back(cut.tensor);
          gradients.push_back(gradient);
        }
      }
      if (!ends.empty()) {
        torch.backward(ends, gradients, new BoolOptional(true), false, new TensorVector());
      }
    }
  }
}
