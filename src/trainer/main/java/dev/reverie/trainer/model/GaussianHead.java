package dev.reverie.trainer.model;

import dev.reverie.policy.HeadSpec;
import dev.reverie.trainer.nn.Metrics;
import dev.reverie.trainer.nn.Share;
import dev.reverie.trainer.nn.Torch;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/** Mean and standard deviation of each value. */
record GaussianHead() implements NormalHead {
  @Override
  public Likelihood likelihood(Graph graph, Tensor drawn, Tensor first, double temperature) {
    NormalActions found = distributions(graph, first, drawn.size(1)).at(temperature);
    return new Likelihood(found.logProbability(drawn), Optional.of(found::entropy));
  }

  @Override
  public NormalActions distributions(Graph graph, Tensor first, long executed) {
    NormalActions all = of(graph);
    return new NormalActions(
        PolicySample.executed(all.mean(), first, executed),
        PolicySample.executed(all.logSd(), first, executed));
  }

  private static NormalActions of(Graph graph) {
    Map<String, Tensor> outputs = graph.run(Map.of());
    return new NormalActions(
        Torch.required(outputs, "mean"),
        Torch.clamp(
            Torch.required(outputs, "log_std"),
            HeadSpec.Gaussian.LEAST_LOG_SD,
            HeadSpec.Gaussian.GREATEST_LOG_SD));
  }

  /** Minus the log-probability of the demonstrated actions. */
  @Override
  public Tensor cloning(
      Graph graph, Tensor wanted, Distance distance, Share share, Metrics metrics) {
    NormalActions found = of(graph);
    metrics.add("error", found.mean().sub(wanted).abs().mean());
    return found.logProbability(drawn(wanted)).mean(new long[] {2}, false, Torch.sameType()).neg();
  }
}
