package dev.reverie.trainer.imagination;

import static org.bytedeco.pytorch.global.torch.ScalarType.Float;

import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.model.PolicySample;
import dev.reverie.trainer.model.TrainablePolicy;
import dev.reverie.trainer.nn.AdamW;
import dev.reverie.trainer.nn.FreeMemory;
import dev.reverie.trainer.nn.Metrics;
import dev.reverie.trainer.nn.Progress;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainLoop;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Group-relative policy optimisation in imagination (WMPO, arXiv 2511.09515; GRPO, arXiv
 * 2402.03300): groups of rollouts from one start, their success against the group's mean, and
 * clipped ratios per token. No value network, no reference model, no simulator.
 */
public final class Grpo {
  private static final String STAGE = "grpo";

  /** Chunks whose gradients are computed at a time. */
  private static final long SLICE = 128;

  private final Config config;
  private final TrainablePolicy policy;
  private final Environment environment;
  private final Transitions rollouts;

  /**
   * Prepares a policy's practice in an environment.
   *
   * @param rollouts recorded ones, from whose frames imagined ones start
   */
  public Grpo(
      Config config, TrainablePolicy policy, Environment environment, Transitions rollouts) {
    this.config = config;
    this.policy = policy;
    this.environment = environment;
    this.rollouts = rollouts;
  }

  /** A world that a policy practises in, such as {@link Imagination#play}. */
  @FunctionalInterface
  public interface Environment {
    /** Lets the policy act from these starts until every rollout has ended. */
    ImaginedRollouts play(TrainablePolicy policy, RolloutStarts starts, double temperature);
  }

  /** Trains the policy, from where it was stopped if it was. */
  public void train(TrainLoop loop) {
    loop.run(
        STAGE,
        policy,
        new TrainLoop.Plan(config.iterations(), 0, config.saveEvery(), config.toString()),
        this::iterate,
        () -> {});
  }

  /** Linear to a tenth: a constant rate of this size peaks at iteration 20 to 30 and then falls. */
  static double decay(int iteration, int iterations) {
    return Math.max(0.1, 1 - (double) iteration / iterations);
  }

  /**
   * Success against the group's mean, over the group's deviation (the unbiased one, as in WMPO's
   * code); 0 where all rollouts of a group end alike.
   *
   * @param rewards [P, G]
   */
  static Tensor advantages(Tensor rewards) {
    Tensor centred = rewards.sub(rewards.mean(new long[] {1}, true, Torch.sameType()));
    Tensor deviation = rewards.std(new long[] {1}, true, true);
    return centred.div(Torch.plus(deviation, 1e-6));
  }

  /**
   * The clipped objective per token, to be minimised.
   *
   * @param ratio of new to old probability, any shape
   * @param advantage of the same shape
   */
  public static Tensor clipped(Tensor ratio, Tensor advantage, double low, double high) {
    Tensor bounded = Torch.clamp(ratio, 1 - low, 1 + high);
    return torch.minimum(ratio.mul(advantage), bounded.mul(advantage)).neg();
  }

  private void iterate(int iteration, AdamW optimizer, Metrics metrics, Progress progress) {
    metrics.begin(true);
    double rate = config.learningRate() * decay(iteration, config.iterations());
    metrics.add("learning_rate", rate);
    try (var _ = new PointerScope()) {
      long begin = System.nanoTime();
      Batch batch = imagine(metrics);
      long imagined = System.nanoTime();
      metrics.add("imagine_s", (imagined - begin) / 1e9);
      update(batch, optimizer, rate, metrics);
      batch.rollouts().close();
      metrics.add("update_s", (System.nanoTime() - imagined) / 1e9);
    }
    metrics.end(iteration);
    FreeMemory.giveBack();
    progress.at(
        iteration + 1, "imagined success %.2f".formatted(metrics.values().get("imagined_success")));
  }

  /** Chunks of mixed groups with their advantages [M]. */
  private record Batch(ImaginedRollouts rollouts, Tensor advantage) {}

  /** Draws groups; where refill is on, again until enough of them are mixed. */
  private Batch imagine(Metrics metrics) {
    List<ImaginedRollouts> parts = new ArrayList<>();
    List<Tensor> advantages = new ArrayList<>();
    List<Tensor> successes = new ArrayList<>();
    List<Tensor> fromBeginning = new ArrayList<>();
    int mixed = 0;
    int draws = 0;
    while (draws < config.draws() && (draws == 0 || mixed < config.groups())) {
      RolloutStarts starts =
          RolloutStarts.draw(rollouts, config.groups(), config.groupSize(), config.keyframeShare());
      ImaginedRollouts played = environment.play(policy, starts, config.temperature());
      Tensor rewards = played.rewards(config.groupSize()); // [P, G]
      Tensor mean = rewards.mean(new long[] {1}, false, Torch.sameType());
      Tensor usable = Torch.greater(mean, 0).bitwise_and(Torch.less(mean, 1)); // [P]
      mixed += (int) usable.sum().item_long();
      Tensor chunks =
          Torch.positions(
              Torch.repeatEach(usable, config.groupSize()).index_select(0, played.rollout()));
      advantages.add(
          advantages(rewards).flatten().index_select(0, played.rollout().index_select(0, chunks)));
      parts.add(played.select(chunks));
      played.close();
      successes.add(rewards.flatten());
      fromBeginning.add(starts.fromBeginning());
      draws++;
    }
    Tensor success = Torch.cat(0, successes);
    Tensor first = Torch.positions(Torch.cat(0, fromBeginning));
    metrics.add("imagined_success", success.mean());
    if (first.size(0) > 0) {
      metrics.add("imagined_success_from_beginning", success.index_select(0, first).mean());
    }
    metrics.add("mixed_groups", (double) mixed / (draws * config.groups()));
    metrics.add("draws", draws);
    Tensor none = Torch.zeros(Float, 0);
    return new Batch(ImaginedRollouts.concat(parts, none), Torch.cat(0, advantages));
  }

  private void update(Batch batch, AdamW optimizer, double rate, Metrics metrics) {
    long count = batch.rollouts().rollout().size(0);
    for (int epoch = 0; epoch < config.epochs(); epoch++) {
      Tensor order = torch.randperm(count);
      for (long begin = 0; begin < count; begin += config.miniBatch()) {
        long size = Math.min(config.miniBatch(), count - begin);
        if (size < config.miniBatch() / 4 && count > config.miniBatch()) {
          continue; // too few for a gradient as good as the others
        }
        try (var _ = new PointerScope()) {
          optimizer.zeroGradients();
          gradients(batch, order.narrow(0, begin, size), metrics);
          metrics.add("gradient_norm", optimizer.clip(config.clip()));
          optimizer.step(rate, 0.9);
        }
      }
    }
  }

  /**
   * Adds up the gradients of a mini-batch's mean, in slices so that half of the memory is enough.
   */
  private void gradients(Batch batch, Tensor places, Metrics metrics) {
    long count = places.size(0);
    for (long begin = 0; begin < count; begin += SLICE) {
      long size = Math.min(SLICE, count - begin);
      try (var _ = new PointerScope()) {
        Tensor at = places.narrow(0, begin, size);
        Tensor loss =
            loss(batch.rollouts().select(at), batch.advantage().index_select(0, at), metrics);
        Torch.times(loss, (double) size / count).backward();
      }
    }
  }

  /** Mean of the clipped objective over the tokens; WMPO eq. 3 with the ratio taken per token. */
  private Tensor loss(ImaginedRollouts data, Tensor advantage, Metrics metrics) {
    Tensor log =
        PolicySample.logProbabilities(
            policy.logits(data.pixels(), data.words(), data.joints()), config.temperature());
    Tensor change = PolicySample.of(log, data.actionTokens()).sub(data.logProbabilities());
    Tensor ratio = change.exp(); // [M, K, D]
    Tensor spread = advantage.view(-1, 1, 1).expand_as(ratio);
    Torch.noGrad(
        () -> {
          metrics.add("approx_kl", Torch.plus(ratio, -1).sub(change).mean());
          Tensor outside =
              Torch.less(ratio, 1 - config.clipLow())
                  .bitwise_or(Torch.greater(ratio, 1 + config.clipHigh()));
          metrics.add("clipfrac", outside.to(Float).mean());
          metrics.add(
              "entropy",
              log.exp().mul(log).sum(new long[] {3}, false, Torch.sameType()).neg().mean());
        });
    return clipped(ratio, spread, config.clipLow(), config.clipHigh()).mean();
  }

  /**
   * Settings of the practice.
   *
   * @param iterations of imagining and updating
   * @param groups P: starts an iteration
   * @param groupSize G: rollouts a start
   * @param keyframeShare of the starts that lie inside a rollout; half costs a fifth less
   * @param draws of P groups an iteration at most; above 1, uniform groups are replaced by further
   *     draws. 1 because replacing cost 257 instead of 145 s and brought nothing
   * @param temperature of the policy, as in the rollouts
   * @param learningRate of Adam; 1e-3 destroys the policy, 1.5e-4 is slow
   * @param epochs over an iteration's chunks
   * @param miniBatch chunks an update
   * @param clipLow of the ratio
   * @param clipHigh of the ratio, wider so that rare actions can grow (DAPO, arXiv 2503.14476)
   * @param clip norm of the gradients at most
   * @param saveEvery iterations between two checkpoints
   */
  public record Config(
      int iterations,
      int groups,
      int groupSize,
      double keyframeShare,
      int draws,
      double temperature,
      double learningRate,
      int epochs,
      int miniBatch,
      double clipLow,
      double clipHigh,
      double clip,
      int saveEvery) {
    public static final Config DEFAULT =
        new Config(40, 16, 8, 0.5, 1, 1, 3e-4, 3, 256, 0.2, 0.28, 1, 5);

    public Config {
      if (groupSize < 2) {
        throw new IllegalArgumentException(
            "groupSize is " + groupSize + "; a group needs 2 rollouts or more to compare");
      }
      if (draws < 1 || iterations < 1 || groups < 1) {
        throw new IllegalArgumentException(
            "iterations %d, groups %d and draws %d must be at least 1"
                .formatted(iterations, groups, draws));
      }
    }
  }
}
