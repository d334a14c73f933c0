package dev.reverie.trainer.model;

import dev.reverie.policy.DenoisingSpec;
import dev.reverie.policy.DenoisingStep;
import dev.reverie.policy.InputSpec;
import dev.reverie.trainer.nn.Compute;
import dev.reverie.trainer.nn.Metrics;
import dev.reverie.trainer.nn.Share;
import dev.reverie.trainer.nn.Torch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A chunk made out of noise by steps that draw noise each, so that a step has a probability: of
 * what it came to, given what it began with (Flow-GRPO, arXiv 2505.05470; DDPO, arXiv 2305.13301;
 * DPPO, arXiv 2409.00588). The first noise is nobody's choice and does not count.
 */
abstract sealed class DenoisingHead implements Head permits FlowHead, DiffusionHead {
  private final DenoisingSpec spec;
  private final ChunkTensors chunk;

  /** A head of a policy; its chunks are the graph's, [B, K', D']. */
  DenoisingHead(DenoisingSpec spec, ChunkTensors chunk) {
    this.spec = spec;
    this.chunk = chunk;
  }

  /**
   * Returns what the graph gives of {@code signal * clean + spread * noise} where it is right.
   *
   * @param signal of each observation [B, 1, 1], or of all [1]
   */
  abstract Tensor target(Tensor clean, Tensor noise, Tensor signal, Tensor spread);

  /** Draws times to learn at, one an observation. */
  abstract Times times(Share share);

  /**
   * Times at which a chunk is {@code signal * clean + noise * e}, all [B].
   *
   * @param time input of the graph
   */
  record Times(Tensor time, Tensor signal, Tensor noise) {}

  /** Says what the graph gives in a step. */
  private interface Output {
    Tensor at(DenoisingStep step, Tensor x);
  }

  /**
   * The way from noise to chunks.
   *
   * @param chain what each step came to, from the noise on [B, S + 1, K, D]
   * @param log of the probabilities of the steps' values [B, S, K, D]
   */
  private record Path(Tensor chain, Tensor log) {}

  @Override
  public PolicySample draw(
      Graph graph, Tensor first, long executed, double temperature, Share share) {
    return draw(graph, first, executed, temperature, noise(share));
  }

  /**
   * Draws with given noise.
   *
   * @param noise standard normal, of the first chunk and each step [S + 1, B, K, D]
   */
  PolicySample draw(Graph graph, Tensor first, long executed, double temperature, Tensor noise) {
    Path path = path((step, x) -> output(graph, x, step.time()), temperature, noise);
    Tensor last = path.chain.select(1, path.chain.size(1) - 1);
    return new PolicySample(
        path.chain,
        PolicySample.executed(Torch.clamp(actions(last), -1, 1), first, executed),
        new Likelihood(path.log, Optional.empty()).parts());
  }

  @Override
  public Likelihood likelihood(Graph graph, Tensor drawn, Tensor first, double temperature) {
    List<DenoisingStep> steps = spec.steps(temperature);
    List<Tensor> logs = new ArrayList<>();
    for (int i = 0; i < steps.size(); i++) {
      Tensor x = drawn.select(1, i);
      NormalActions next = next(steps.get(i), x, output(graph, x, steps.get(i).time()));
      logs.add(next.logDensity(drawn.select(1, i + 1L)));
    }
    return new Likelihood(stacked(logs), Optional.empty(), chunk.layout().skip());
  }

  /**
   * The steps by which a graph would come to the actions that knows them: the bound of their
   * likelihood that Diffusion-DPO (arXiv 2311.12908) has. After the last recorded action it stands
   * still.
   */
  @Override
  public Tensor drawn(Tensor actions) {
    long missing = chunk.layout().horizon() - actions.size(1);
    Tensor last = actions.narrow(1, actions.size(1) - 1, 1).expand(-1, missing, -1);
    Tensor clean = chunk.whole(Torch.cat(1, actions, last));
    Output right =
        (step, x) ->
            target(
                clean,
                Torch.times(x.sub(Torch.times(clean, step.signal())), 1 / step.noise()),
                Compute.onDevice(Torch.full(step.signal(), 1)),
                Compute.onDevice(Torch.full(step.noise(), 1)));
    return path(right, 1, noise(Share.whole(actions.size(0)))).chain;
  }

  /** Actions of the graph's chunk. */
  private Tensor actions(Tensor whole) {
    return chunk.actions(chunk.part(whole));
  }

  /** All actions are drawn together, whichever are carried out. */
  @Override
  public Tensor drawn(Tensor chunks, Tensor first, long executed) {
    return drawn(chunks);
  }

  /** Mean squared error of what the graph gives at times that are drawn. */
  @Override
  public Tensor cloning(
      Graph graph, Tensor wanted, Distance distance, Share share, Metrics metrics) {
    Times at = times(share);
    Tensor clean = chunk.whole(wanted);
    Tensor noise = share.normalLike(clean);
    Tensor signal = at.signal().view(-1, 1, 1);
    Tensor spread = at.noise().view(-1, 1, 1);
    Tensor x = clean.mul(signal).add(noise.mul(spread));
    Tensor given = output(graph, x, at.time());
    Tensor error = chunk.part(given.sub(target(clean, noise, signal, spread)).square());
    metrics.add("error", error.mean());
    return error.mean(new long[] {2}, false, Torch.sameType());
  }

  private Path path(Output output, double temperature, Tensor noise) {
    List<Tensor> chain = new ArrayList<>();
    List<Tensor> logs = new ArrayList<>();
    Tensor x = Torch.times(noise.select(0, 0), Math.sqrt(temperature)); // [B, K, D]
    chain.add(x);
    for (DenoisingStep step : spec.steps(temperature)) {
      NormalActions next = next(step, x, output.at(step, x));
      x = next.mean().add(Torch.times(noise.select(0, chain.size()), step.sd()));
      logs.add(next.logDensity(x));
      chain.add(x);
    }
    return new Path(stacked(chain), stacked(logs));
  }

  private static NormalActions next(DenoisingStep step, Tensor x, Tensor output) {
    Tensor mean = Torch.times(x, step.fromX()).add(Torch.times(output, step.fromOutput()));
    if (step.fromClean() != 0) {
      Tensor clean = Torch.times(x, step.cleanX()).add(Torch.times(output, step.cleanOutput()));
      Tensor bounded = Torch.clamp(clean, -step.clip(), step.clip());
      mean = mean.add(Torch.times(bounded, step.fromClean()));
    }
    return new NormalActions(mean, Compute.onDevice(Torch.full(Math.log(step.sd()), 1)));
  }

  private Tensor output(Graph graph, Tensor x, double time) {
    return output(graph, x, Compute.onDevice(Torch.full(time, x.size(0))));
  }

  private Tensor output(Graph graph, Tensor x, Tensor time) {
    return graph.run(Map.of(InputSpec.Chunk.class, x, InputSpec.Time.class, time), spec.output());
  }

  private Tensor noise(Share share) {
    return Compute.onDevice(
        torch
            .randn(
                spec.steps(1).size() + 1L,
                share.all(),
                chunk.layout().rows(),
                chunk.layout().width())
            .narrow(1, share.first(), share.count()));
  }

  private static Tensor stacked(List<Tensor> steps) {
    return Torch.stack(1, steps.toArray(Tensor[]::new));
  }
}
