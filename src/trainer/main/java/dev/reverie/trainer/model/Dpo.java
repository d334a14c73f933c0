package dev.reverie.trainer.model;

import static org.bytedeco.pytorch.global.torch.ScalarType.Float;
import static org.bytedeco.pytorch.global.torch.ScalarType.Long;

import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.nn.Check;
import dev.reverie.trainer.nn.Compute;
import dev.reverie.trainer.nn.Metrics;
import dev.reverie.trainer.nn.Ranks;
import dev.reverie.trainer.nn.Share;
import dev.reverie.trainer.nn.Slices;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainLoop;
import dev.reverie.trainer.nn.TrainerException;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Direct preference optimisation (arXiv 2305.18290) on recorded rollouts, as WMPO's appendix B has
 * it for a baseline: a success is preferred to a failure under the same instruction, and the policy
 * that made both is the reference. Beta and the number of steps are not published.
 */
public final class Dpo {
  /** Chunks at a time where the reference is asked. */
  private static final long SLICE = 128;

  private final Config config;
  private final TrainablePolicy policy;
  private final Transitions rollouts;
  private final Tensor pairs; // a success and a failure [P, 2], int64
  private final Tensor chunks; // windows of each rollout's chunks [N, C, 2], int64
  private final Tensor recorded; // what would have been drawn for the actions of all chunks
  private final Tensor reference; // log-probabilities of the rollouts' chunks [N, C]

  /**
   * Asks the policy, as it is now, how likely it finds each chunk.
   *
   * @param rollouts of the policy, whose latents are not used
   * @param learned places of those that may be learned from, int64
   */
  public Dpo(Config config, TrainablePolicy policy, Transitions rollouts, Tensor learned) {
    this.config = config;
    this.policy = policy;
    this.rollouts = rollouts;
    pairs = Torch.keep(pairs(rollouts.data(), learned));
    chunks = Torch.keep(chunks(rollouts));
    long count = chunks.size(0) * chunks.size(1);
    reference = Torch.keep(Torch.zeros(Float, count));
    Tensor flat = chunks.view(-1, 2);
    recorded =
        Torch.keep(Compute.onCpu(Torch.noGrad(() -> policy.head().drawn(rollouts.actions(flat)))));
    Torch.noGrad(
        () ->
            Slices.of(
                count,
                SLICE,
                (begin, length) ->
                    reference
                        .narrow(0, begin, length)
                        .copy_(
                            logProbability(
                                flat.narrow(0, begin, length),
                                recorded.narrow(0, begin, length)))));
  }

  /**
   * Minus the log of how surely the policy prefers the successes of some pairs; this rank's part.
   */
  public Tensor loss(Metrics metrics) {
    Share share = Ranks.world().share(config.pairs());
    Tensor drawn =
        pairs.index_select(0, share.of(Torch.integers(pairs.size(0), config.pairs()))); // [B, 2]
    Tensor episodes = drawn.flatten(); // success, failure, success, ..
    Tensor windows = chunks.index_select(0, episodes).view(-1, 2);
    Tensor alive = Torch.positions(living(windows));
    Tensor places =
        Torch.range(0, chunks.size(0) * chunks.size(1))
            .view(chunks.size(0), -1)
            .index_select(0, episodes)
            .flatten()
            .index_select(0, alive);
    Tensor asked =
        logProbability(windows.index_select(0, alive), recorded.index_select(0, places))
            .sub(
                Compute.onDevice(
                    reference
                        .view(chunks.size(0), -1)
                        .index_select(0, episodes)
                        .flatten()
                        .index_select(0, alive)));
    Tensor byChunk =
        Compute.onDevice(Torch.zeros(Float, windows.size(0)))
            .index_copy(0, Compute.onDevice(alive), asked);
    Tensor byRollout =
        byChunk.view(-1, chunks.size(1)).sum(new long[] {1}, false, Torch.sameType());
    Tensor margin =
        Torch.times(
            byRollout.view(-1, 2).select(1, 0).sub(byRollout.view(-1, 2).select(1, 1)),
            config.beta());
    metrics.add("preferred", Torch.greater(margin, 0).to(Float).mean());
    metrics.add("margin", margin.mean());
    return share.part(torch.log_sigmoid(margin).neg().mean());
  }

  /** Log-probability of the recorded actions before the episode's end, by chunk [M]. */
  private Tensor logProbability(Tensor windows, Tensor made) {
    Dataset data = rollouts.data();
    Tensor episode = windows.select(1, 0);
    Tensor now = episode.mul(new Scalar(data.horizon() + 1L)).add(windows.select(1, 1));
    Tensor at = data.before(now, policy.ages());
    Head.Graph graph =
        policy.seeing(
            data.frames().rows(at),
            data.tokens().index_select(0, data.instruction().index_select(0, episode)),
            Dataset.rows(data.joints(), at));
    Tensor first =
        Compute.onDevice(Torch.zeros(Long, windows.size(0))); // what was carried out of a chunk
    return policy
        .head()
        .likelihood(graph, Compute.onDevice(made), first, 1)
        .byAction(rollouts.horizon())
        .mul(rollouts.alive(windows))
        .sum(new long[] {1}, false, Torch.sameType());
  }

  private Tensor living(Tensor windows) {
    Tensor steps = rollouts.data().steps().index_select(0, windows.select(1, 0));
    return windows.select(1, 1).lt(steps);
  }

  private static Tensor chunks(Transitions rollouts) {
    long episodes = rollouts.data().episodes();
    long count = rollouts.data().horizon() / rollouts.stride();
    Tensor episode = Torch.range(0, episodes).unsqueeze(1).expand(episodes, count);
    Tensor step = Torch.range(0, count).mul(new Scalar((long) rollouts.stride()));
    return Torch.stack(2, episode, step.unsqueeze(0).expand(episodes, count));
  }

  /** Every success with every failure at the same task. */
  private static Tensor pairs(Dataset data, Tensor learned) {
    long[] places = Torch.longs(learned);
    long[] success = Torch.longs(data.success());
    long[] task = Torch.longs(data.task());
    List<Long> found = new ArrayList<>();
    for (long won : places) {
      for (long lost : places) {
        boolean pair = success[(int) won] != 0 && success[(int) lost] == 0;
        if (pair && task[(int) won] == task[(int) lost]) {
          found.add(won);
          found.add(lost);
        }
      }
    }
    if (found.isEmpty()) {
      throw new TrainerException(
          "no instruction has a success and a failure to compare; record rollouts until one has");
    }
    return Torch.of(found.stream().mapToLong(place -> place).toArray(), found.size() / 2, 2);
  }

  /** Length of its training. */
  public TrainLoop.Config loop() {
    return new TrainLoop.Config(config.steps(), config.learningRate(), 0.1, 0, config.clip());
  }

  /** Frees what it holds. */
  public void close() {
    try (var _ = new PointerScope()) {
      List.of(pairs, chunks, recorded, reference).forEach(Tensor::close);
    }
  }

  /**
   * The settings of the baseline.
   *
   * @param steps of training
   * @param pairs of rollouts a step
   * @param learningRate peak of the cycle
   * @param beta how far the policy may go from the reference: the larger, the less
   * @param clip norm of the gradients at most
   */
  public record Config(int steps, int pairs, double learningRate, double beta, double clip) {
    public static final Config DEFAULT = new Config(300, 8, 1e-4, 0.1, 1);

    public Config {
      Check.positive("dpo.steps", steps);
      Check.size("dpo.pairs", pairs, Check.WIDEST);
      Check.positive("dpo.learningRate", learningRate);
      Check.positive("dpo.beta", beta);
      Check.positive("dpo.clip", clip);
    }
  }
}
