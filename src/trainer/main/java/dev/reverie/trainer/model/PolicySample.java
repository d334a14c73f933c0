package dev.reverie.trainer.model;

import static org.bytedeco.pytorch.global.torch.ScalarType.Float;

import dev.reverie.trainer.nn.Torch;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Actions drawn from a policy's logits.
 *
 * @param tokens [B, K, D], int64
 * @param actions the tokens' bin centres in [-1, 1], [B, K, D]
 * @param logProbabilities of the tokens [B, K, D]
 */
public record PolicySample(Tensor tokens, Tensor actions, Tensor logProbabilities) {
  /**
   * Draws an action chunk for each observation of a batch.
   *
   * @param logits [B, K, D, bins]
   * @param temperature that the logits are divided by, above 0
   */
  public static PolicySample draw(Tensor logits, double temperature) {
    Tensor log = logProbabilities(logits, temperature);
    long bins = logits.size(3);
    Tensor tokens =
        torch
            .multinomial(log.exp().view(-1, bins), 1)
            .view(logits.size(0), logits.size(1), logits.size(2));
    return new PolicySample(tokens, centres(tokens, bins), of(log, tokens));
  }

  /**
   * The logits of what is carried out of each chunk.
   *
   * @param logits [B, K, D, bins]
   * @param first place of the first action that is [B], int64
   * @param executed E, how many are
   * @return [B, E, D, bins]
   */
  public static Tensor executed(Tensor logits, Tensor first, long executed) {
    if (executed == logits.size(1)) {
      return logits;
    }
    long[] shape = Torch.shape(logits);
    shape[1] = executed;
    Tensor at = first.unsqueeze(1).add(Torch.range(0, executed).unsqueeze(0)); // [B, E]
    return logits.gather(1, at.unsqueeze(-1).unsqueeze(-1).expand(shape));
  }

  /** Log-probabilities of all tokens, [B, K, D, bins]. */
  public static Tensor logProbabilities(Tensor logits, double temperature) {
    return torch.log_softmax(Torch.times(logits, 1 / temperature), -1);
  }

  /** The drawn tokens' entries of {@code log}, [B, K, D]. */
  public static Tensor of(Tensor log, Tensor tokens) {
    return log.gather(-1, tokens.unsqueeze(-1)).squeeze(-1);
  }

  /** Bin centres: linspace(-1, 1, bins). */
  static Tensor centres(Tensor tokens, long bins) {
    return Torch.plus(Torch.times(tokens.to(Float), 2.0 / (bins - 1)), -1);
  }

  /** The bin that each action lies nearest to, int64. */
  static Tensor tokens(Tensor actions, long bins) {
    Tensor share = Torch.times(Torch.plus(Torch.clamp(actions, -1, 1), 1), (bins - 1) / 2.0);
    return share.round().to(torch.ScalarType.Long);
  }
}
