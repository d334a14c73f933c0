package dev.reverie.trainer.model;

import static org.bytedeco.pytorch.global.torch.ScalarType.Float;
import static org.bytedeco.pytorch.global.torch.ScalarType.Long;

import dev.reverie.policy.HeadSpec;
import dev.reverie.policy.InputSpec;
import dev.reverie.trainer.nn.Compute;
import dev.reverie.trainer.nn.Metrics;
import dev.reverie.trainer.nn.Share;
import dev.reverie.trainer.nn.Torch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * One token after the other, each given those before it, as OpenVLA has it. What was drawn are the
 * bins of the whole chunk [B, K, D], of which all count, since later ones were drawn given earlier
 * ones; the graph runs once for their probabilities (teacher forcing), and once a value to draw: on
 * all tokens, or with a cache on the newest one.
 */
record AutoregressiveHead(HeadSpec.Autoregressive spec, ChunkTensors chunk) implements Head {
  private static final String LOGITS = "logits";

  @Override
  public PolicySample draw(
      Graph graph, Tensor first, long executed, double temperature, Share share) {
    long values = chunk.layout().values();
    Tensor bins = Compute.onDevice(Torch.zeros(Long, first.size(0), values));
    List<Tensor> logs = new ArrayList<>();
    Map<String, Tensor> carried = Map.of();
    for (long i = 0; i < values; i++) {
      Tensor logits; // [B, bins]
      if (spec.hasCache()) {
        Tensor newest = i == 0 ? begin(first.size(0)) : tokens(bins.narrow(1, i - 1, 1));
        carried = new HashMap<>(graph.run(Map.of(InputSpec.ActionTokens.class, newest), carried));
        logits = Objects.requireNonNull(carried.remove(LOGITS)).select(1, 0);
      } else {
        logits = logits(graph, bins).select(1, i);
      }
      PolicySample one =
          TokenHead.draw(logits.unsqueeze(1).unsqueeze(1), temperature, share); // [B, 1, 1]
      Tensor at = Compute.onDevice(Torch.range(i, 1));
      bins = bins.index_copy(1, at, one.drawn().view(-1, 1));
      logs.add(one.logProbabilities().view(-1));
    }
    Tensor log = chunk.part(shaped(Torch.stack(1, logs.toArray(Tensor[]::new))));
    Tensor all = shaped(bins); // [B, K', D']
    Tensor centres = TokenHead.centres(chunk.part(all), spec.bins());
    return new PolicySample(
        all,
        PolicySample.executed(Torch.clamp(chunk.actions(centres), -1, 1), first, executed),
        log);
  }

  @Override
  public Likelihood likelihood(Graph graph, Tensor drawn, Tensor first, double temperature) {
    Tensor log = TokenHead.logProbabilities(forced(graph, drawn), temperature); // [B, K', D', bins]
    Tensor acted = chunk.part(log);
    return new Likelihood(
        TokenHead.of(acted, chunk.part(drawn)),
        Optional.of(
            () ->
                acted.exp().mul(acted).sum(new long[] {3}, false, Torch.sameType()).neg().mean()));
  }

  /** The nearest bins; after the last recorded action it stands still. */
  @Override
  public Tensor drawn(Tensor actions) {
    long missing = chunk.layout().horizon() - actions.size(1);
    Tensor last = actions.narrow(1, actions.size(1) - 1, 1).expand(-1, missing, -1);
    return TokenHead.tokens(chunk.whole(Torch.cat(1, actions, last)), spec.bins());
  }

  /** All actions are drawn, one after the other, whichever are carried out. */
  @Override
  public Tensor drawn(Tensor chunks, Tensor first, long executed) {
    return drawn(chunks);
  }

  /** Cross-entropy of the demonstrated actions' tokens, each given those before it. */
  @Override
  public Tensor cloning(
      Graph graph, Tensor wanted, Distance distance, Share share, Metrics metrics) {
    Tensor tokens = drawn(wanted);
    Tensor logits = chunk.part(forced(graph, tokens)); // [B, K, D, bins]
    Tensor own = chunk.part(tokens);
    Tensor right = logits.argmax(new LongOptional(-1), false).eq(own);
    metrics.add("accuracy", right.to(Float).mean());
    Tensor log = TokenHead.of(TokenHead.logProbabilities(logits, 1), own);
    return log.mean(new long[] {2}, false, Torch.sameType()).neg();
  }

  private Tensor forced(Graph graph, Tensor bins) {
    long[] shape = Torch.shape(bins);
    return logits(graph, bins.flatten(1, 2)).view(shape[0], shape[1], shape[2], spec.bins());
  }

  /** Logits of all values, [B, K' * D', bins], given bins [B, K' * D']. */
  private Tensor logits(Graph graph, Tensor bins) {
    Tensor tokens = tokens(bins);
    if (spec.hasCache()) { // each value has the token before it
      Tensor before = Torch.cat(1, begin(bins.size(0)), tokens.narrow(1, 0, tokens.size(1) - 1));
      return graph.run(Map.of(InputSpec.ActionTokens.class, before), LOGITS);
    }
    return graph.run(Map.of(InputSpec.ActionTokens.class, tokens), LOGITS).flatten(1, 2);
  }

  private Tensor tokens(Tensor bins) {
    return bins.mul(new Scalar((long) spec.tokenStep())).add(new Scalar(spec.firstToken()));
  }

  /** Returns what goes in before the first value's token, [B, 1]. */
  private Tensor begin(long batch) {
    return Compute.onDevice(Torch.zeros(Long, batch, 1)).add(new Scalar(spec.cache().beginToken()));
  }

  private Tensor shaped(Tensor values) {
    return values.view(values.size(0), chunk.layout().rows(), chunk.layout().width());
  }
}
