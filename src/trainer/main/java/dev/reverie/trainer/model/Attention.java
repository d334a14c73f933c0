package dev.reverie.trainer.model;

import dev.reverie.trainer.nn.Parameters;
import dev.reverie.trainer.nn.Torch;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * Attention with several heads, whose queries and keys have norm 1 times a learned scale as in
 * STDiT3.
 *
 * <p>Shapes: N rows of L tokens of the width d; H heads of the width d / H.
 */
final class Attention {
  private static final double EPSILON = 1e-6;

  private final long heads;
  private final Parameters.Linear toQuery;
  private final Parameters.Linear toKeyValue;
  private final Tensor queryScale;
  private final Tensor keyScale;
  private final Parameters.Linear out;

  /** Creates an untrained one that gives nothing yet where it begins at zero. */
  Attention(Parameters parameters, String name, long width, long heads, boolean zero) {
    this.heads = heads;
    toQuery = parameters.linear(name + ".q", width, width);
    toKeyValue = parameters.linear(name + ".kv", width, 2 * width);
    queryScale = parameters.parameter(name + ".q_norm", torch.ones(width / heads));
    keyScale = parameters.parameter(name + ".k_norm", torch.ones(width / heads));
    out = parameters.linear(name + ".proj", width, width);
    if (zero) {
      Torch.noGrad(
          () -> {
            out.weight().zero_();
            out.bias().zero_();
          });
    }
  }

  /**
   * The keys that are attended to.
   *
   * @param keys [N, H, L, d / H]
   * @param values of the same shape
   */
  record Keys(Tensor keys, Tensor values) {
    /** This, then more. */
    Keys then(Keys more) {
      return new Keys(Torch.cat(2, keys, more.keys), Torch.cat(2, values, more.values));
    }
  }

  /** Returns what tokens [N, L, d] have to be attended to. */
  Keys keys(Tensor tokens, Turn turn) {
    Tensor both = toKeyValue.apply(tokens).unflatten(-1, 2, heads, -1); // [N, L, 2, H, d / H]
    Tensor keys = normed(both.select(2, 0).transpose(1, 2), keyScale);
    return new Keys(turn.of(keys), both.select(2, 1).transpose(1, 2));
  }

  /**
   * Lets tokens attend.
   *
   * @param tokens [N, L, d]
   * @param mask what is added to the match of each token with each of those [L, of those]
   * @return [N, L, d]
   */
  Tensor of(Tensor tokens, Keys among, TensorOptional mask, Turn turn) {
    Tensor queries = toQuery.apply(tokens).unflatten(-1, heads, -1).transpose(1, 2);
    Tensor seen =
        torch.scaled_dot_product_attention(
            turn.of(normed(queries, queryScale)),
            among.keys(),
            among.values(),
            mask,
            0,
            false,
            new DoubleOptional(),
            false);
    return out.apply(seen.transpose(1, 2).flatten(2, 3));
  }

  private static Tensor normed(Tensor x, Tensor scale) {
    return torch.rms_norm(
        x, new long[] {x.size(-1)}, new TensorOptional(scale), new DoubleOptional(EPSILON));
  }

  /** The turn of queries and keys by which a match tells how far they are apart. */
  @FunctionalInterface
  interface Turn {
    /** Leaves them. */
    Turn NONE = x -> x;

    Tensor of(Tensor x);

    /**
     * Rotary position embedding (RoFormer, arXiv 2104.09864), the two halves of a head being the
     * pairs.
     *
     * @param angles of each token [L, d / H / 2], rad
     */
    static Turn by(Tensor angles) {
      Tensor cos = angles.cos();
      Tensor sin = angles.sin();
      long half = angles.size(1);
      return x -> {
        Tensor a = x.narrow(-1, 0, half);
        Tensor b = x.narrow(-1, half, half);
        return Torch.cat(-1, a.mul(cos).sub(b.mul(sin)), b.mul(cos).add(a.mul(sin)));
      };
    }
  }
}
