package dev.reverie.trainer.model;

import dev.reverie.trainer.nn.Compute;
import dev.reverie.trainer.nn.Metrics;
import dev.reverie.trainer.nn.Share;
import dev.reverie.trainer.nn.Torch;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * The actions themselves, with noise of a fixed size around them to practise with.
 *
 * @param noise standard deviation of each of an action's D values
 */
record RegressionHead(List<Double> noise) implements NormalHead {
  private static final String ACTIONS = "actions";

  @Override
  public Likelihood likelihood(Graph graph, Tensor drawn, Tensor first, double temperature) {
    NormalActions found = distributions(graph, first, drawn.size(1)).at(temperature);
    return new Likelihood(found.logProbability(drawn), Optional.empty());
  }

  @Override
  public NormalActions distributions(Graph graph, Tensor first, long executed) {
    float[] logs = new float[noise.size()];
    for (int d = 0; d < logs.length; d++) {
      logs[d] = (float) Math.log(noise.get(d));
    }
    Tensor mean = PolicySample.executed(graph.run(Map.of(), ACTIONS), first, executed);
    return new NormalActions(mean, Compute.onDevice(Torch.of(logs, logs.length)));
  }

  @Override
  public Tensor cloning(
      Graph graph, Tensor wanted, Distance distance, Share share, Metrics metrics) {
    Tensor difference = graph.run(Map.of(), ACTIONS).sub(wanted);
    metrics.add("error", difference.abs().mean());
    Tensor error =
        switch (distance) {
          case L1 -> difference.abs();
          case L2 -> difference.square();
        };
    return error.mean(new long[] {2}, false, Torch.sameType());
  }
}
