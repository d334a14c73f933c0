package dev.reverie.trainer.model;

import static org.bytedeco.pytorch.global.torch.ScalarType.Float;

import dev.reverie.trainer.nn.Metrics;
import dev.reverie.trainer.nn.Share;
import dev.reverie.trainer.nn.Torch;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Logits over bins: each value of a chunk is a token, drawn by itself, as WMPO's policy has it. */
record TokenHead(long bins, ChunkTensors chunk) implements Head {
  private static final String LOGITS = "logits";

  @Override
  public PolicySample draw(
      Graph graph, Tensor first, long executed, double temperature, Share share) {
    Tensor logits = graph.run(Map.of(), LOGITS);
    PolicySample drawn = draw(PolicySample.executed(logits, first, executed), temperature, share);
    return new PolicySample(drawn.drawn(), acted(drawn.actions()), drawn.logProbabilities());
  }

  /** Actions in [-1, 1] of bins' centres. */
  private Tensor acted(Tensor centres) {
    return chunk.layout().isScaled() ? Torch.clamp(chunk.actions(centres), -1, 1) : centres;
  }

  /**
   * Draws a token for each value.
   *
   * @param logits [B, E, D, bins]
   */
  static PolicySample draw(Tensor logits, double temperature, Share share) {
    Tensor log = logProbabilities(logits, temperature);
    // As torch.multinomial draws one of each row: the first of exponential waiting times.
    Tensor waits = share.exponential(Torch.shape(log));
    Tensor tokens = log.exp().div(waits).argmax(new LongOptional(-1), false);
    return new PolicySample(tokens, centres(tokens, logits.size(3)), of(log, tokens));
  }

  @Override
  public Likelihood likelihood(Graph graph, Tensor drawn, Tensor first, double temperature) {
    Tensor logits = PolicySample.executed(graph.run(Map.of(), LOGITS), first, drawn.size(1));
    Tensor log = logProbabilities(logits, temperature);
    return new Likelihood(
        of(log, drawn),
        Optional.of(
            () -> log.exp().mul(log).sum(new long[] {3}, false, Torch.sameType()).neg().mean()));
  }

  /** The nearest tokens. */
  @Override
  public Tensor drawn(Tensor actions) {
    return tokens(chunk.values(actions), bins);
  }

  /** Cross-entropy of the demonstrated actions' tokens. */
  @Override
  public Tensor cloning(
      Graph graph, Tensor wanted, Distance distance, Share share, Metrics metrics) {
    Tensor logits = graph.run(Map.of(), LOGITS); // [B, K, D, bins]
    Tensor tokens = drawn(wanted);
    Tensor log = of(logProbabilities(logits, 1), tokens);
    metrics.add("accuracy", logits.argmax(new LongOptional(-1), false).eq(tokens).to(Float).mean());
    return log.mean(new long[] {2}, false, Torch.sameType()).neg();
  }

  /** Log-probabilities of all tokens, [B, E, D, bins]. */
  public static Tensor logProbabilities(Tensor logits, double temperature) {
    return torch.log_softmax(Torch.times(logits, 1 / temperature), -1);
  }

  /** The drawn tokens' entries of {@code log}, [B, E, D]. */
  static Tensor of(Tensor log, Tensor tokens) {
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
