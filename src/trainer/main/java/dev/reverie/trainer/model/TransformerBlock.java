package dev.reverie.trainer.model;

import dev.reverie.trainer.nn.Parameters;
import dev.reverie.trainer.nn.Torch;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * A block of the {@link Transformer}: attention, cross-attention where it is wanted, and an MLP.
 * Frames modulate it by adaptive layer norm that begins at zero (DiT, arXiv 2212.09748), in
 * PixArt's form (arXiv 2310.00426): one layer for all blocks, and an offset of each.
 *
 * <p>Shapes: B samples, F frames, P tokens a frame, d the width; x [B, F, P, d].
 */
final class TransformerBlock {
  private static final double EPSILON = 1e-6;

  private final long width;
  private final Tensor offsets; // [6, d]
  private final Attention attention;
  private final Optional<Attention> cross;
  private final Parameters.Linear wide;
  private final Parameters.Linear narrow;

  TransformerBlock(
      Parameters parameters, String name, long width, long heads, boolean crossAttention) {
    this.width = width;
    offsets = parameters.parameter(name + ".table", Torch.zeros(torch.ScalarType.Float, 6, width));
    attention = new Attention(parameters, name + ".attn", width, heads, false);
    cross =
        crossAttention
            ? Optional.of(new Attention(parameters, name + ".cross", width, heads, true))
            : Optional.empty();
    wide = parameters.linear(name + ".fc1", width, 4 * width);
    narrow = parameters.linear(name + ".fc2", 4 * width, width);
  }

  /**
   * Shift, scale and gate of the attention, then of the MLP.
   *
   * @param six [B, F, 6, d], or F = 1 for all frames alike
   */
  record Modulation(Tensor six) {
    Tensor applied(Tensor x, int first) {
      return normed(x).mul(Torch.plus(part(first + 1), 1)).add(part(first));
    }

    Tensor gated(Tensor x, Tensor by, int first) {
      return torch.addcmul(x, part(first + 2), by);
    }

    private Tensor part(int i) {
      return six.select(2, i).unsqueeze(2);
    }
  }

  /**
   * The modulation of this block.
   *
   * @param shared [B, F, 6 d]
   */
  Modulation modulation(Tensor shared) {
    return new Modulation(shared.unflatten(-1, 6, width).add(offsets));
  }

  /** Every token attends to those of its frame. */
  Tensor overSpace(Tensor x, Modulation by) {
    Tensor h = by.applied(x, 0).flatten(0, 1); // [B F, P, d]
    Attention.Keys frame = attention.keys(h, Attention.Turn.NONE);
    Tensor seen = attention.of(h, frame, new TensorOptional(), Attention.Turn.NONE);
    return by.gated(x, seen.view_as(x), 0);
  }

  /** The tokens as the attention over time takes them, [B P, F, d]. */
  Tensor places(Tensor x, Modulation by) {
    return by.applied(x, 0).transpose(1, 2).flatten(0, 1);
  }

  /**
   * Returns what the tokens of some frames have for those at their place in later frames.
   *
   * @param places [B P, F, d]
   */
  Attention.Keys keys(Tensor places, Attention.Turn turn) {
    return attention.keys(places, turn);
  }

  /**
   * Every token attends to those at its place in its own frame and in those before.
   *
   * @param places the tokens as the attention takes them [B P, F, d]
   * @param among keys of the frames before these and of these
   * @param mask 0 where a frame attends, else -infinity [F, frames of those]
   */
  Tensor overTime(
      Tensor x,
      Modulation by,
      Tensor places,
      Attention.Keys among,
      Tensor mask,
      Attention.Turn turn) {
    Tensor seen = attention.of(places, among, new TensorOptional(mask), turn);
    Tensor back = seen.view(x.size(0), x.size(2), x.size(1), width).transpose(1, 2);
    return by.gated(x, back, 0);
  }

  /**
   * Every token attends to the actions up to its frame, where there is cross-attention.
   *
   * @param told the actions as tokens [B, A, d]
   * @param mask 0 where a frame attends, else -infinity [F, A]
   */
  Tensor overActions(Tensor x, Tensor told, Tensor mask) {
    return cross
        .map(
            attends -> {
              Tensor each = Torch.repeatEach(mask, x.size(2)); // [F P, A]
              Tensor seen =
                  attends.of(
                      normed(x).flatten(1, 2),
                      attends.keys(told, Attention.Turn.NONE),
                      new TensorOptional(each),
                      Attention.Turn.NONE);
              return x.add(seen.view_as(x));
            })
        .orElse(x);
  }

  /** The MLP. */
  Tensor overChannels(Tensor x, Modulation by) {
    Tensor h = torch.gelu(wide.apply(by.applied(x, 3)), "tanh");
    return by.gated(x, narrow.apply(h), 3);
  }

  /** Layer norm without weights. */
  static Tensor normed(Tensor x) {
    return torch.layer_norm(
        x, new long[] {x.size(-1)}, new TensorOptional(), new TensorOptional(), EPSILON, false);
  }
}
