package dev.reverie.trainer.imagination;

import static org.bytedeco.pytorch.global.torch.ScalarType.Float;

import dev.reverie.trainer.model.TrainablePolicy;
import dev.reverie.trainer.nn.AdamW;
import dev.reverie.trainer.nn.Check;
import dev.reverie.trainer.nn.FiniteNumbers;
import dev.reverie.trainer.nn.FreeMemory;
import dev.reverie.trainer.nn.Metrics;
import dev.reverie.trainer.nn.Progress;
import dev.reverie.trainer.nn.SettingsText;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainLoop;
import dev.reverie.trainer.nn.TrainerException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Group-relative policy optimisation (GRPO, arXiv 2402.03300), in imagination (WMPO, arXiv
 * 2511.09515) or on the arm itself: groups of rollouts from one start, their success against the
 * group's mean, and clipped ratios per token, per value or per step of denoising, as the policy
 * draws. No value network, no reference model, no simulator.
 */
public final class Grpo {
  /** Name of the stage. */
  public static final String STAGE = "grpo";

  /** Share of an iteration's groups that something can be learned from, in the curves. */
  public static final String MIXED_GROUPS = "mixed_groups";

  /** Share of an update from verdicts that are known to be wrong, in the curves. */
  public static final String DISTRUSTED_UPDATE = "distrusted_update";

  /** Mean weight of the rollouts, those that were cut being 0, in the curves. */
  public static final String TRUSTED = "trusted";

  /** Chunks whose gradients are computed at a time. */
  public static final long SLICE = 128;

  private final Config config;
  private final TrainablePolicy policy;
  private final Environment environment;
  private final PolicyUpdate updates;
  private final int trustedChunks;
  private int withoutGradient; // iterations in a row

  /**
   * Prepares a policy's practice in imagination.
   *
   * @param imagination such as {@link Imagination#play}
   * @param starts recorded rollouts, from whose moments imagined ones start
   * @param trustedChunks after which the verdicts on imagined rollouts are known to be wrong; how
   *     much of an update comes from those is told
   */
  public Grpo(
      Config config,
      TrainablePolicy policy,
      Play imagination,
      RolloutStarts.Pool starts,
      int trustedChunks) {
    this(config, policy, (_, set, _) -> imagined(policy, imagination, starts, set), trustedChunks);
  }

  /** Prepares a policy's practice in an environment whose verdicts are true, such as the arm. */
  public Grpo(Config config, TrainablePolicy policy, Environment environment) {
    this(config, policy, environment, Integer.MAX_VALUE);
  }

  private Grpo(Config config, TrainablePolicy policy, Environment environment, int trustedChunks) {
    this.config = config;
    this.policy = policy;
    updates = new PolicyUpdate(config, policy, new FiniteNumbers(STAGE));
    this.environment = environment;
    this.trustedChunks = trustedChunks;
  }

  /** Imagined rollouts from given starts. */
  @FunctionalInterface
  public interface Play {
    /** Lets the policy act from these starts until every rollout has ended. */
    PlayedRollouts play(TrainablePolicy policy, RolloutStarts starts, double temperature);
  }

  private static Environment.Groups imagined(
      TrainablePolicy policy, Play imagination, RolloutStarts.Pool starts, Config config) {
    RolloutStarts from =
        starts.draw(config.groups(), config.groupSize(), config.keyframeShare(), config.rules());
    PlayedRollouts played = imagination.play(policy, from, config.temperature());
    return new Environment.Groups(
        played, from.chunksLeft(), from.fromBeginning(), from.ofGroups(config.groupSize()));
  }

  /** Trains the policy, from where it was stopped if it was. */
  public void train(TrainLoop loop) {
    GroupLog log = new GroupLog(loop.folder(), GroupLog.MOST_BYTES);
    loop.run(
        STAGE,
        policy,
        new TrainLoop.Plan(config.iterations(), 0, 0, config.saveEvery(), config.toString()),
        (step, optimizer, metrics, progress) -> iterate(step, optimizer, metrics, progress, log),
        () -> {});
  }

  /** Linear, to a share of the first rate. */
  static double decay(int iteration, int iterations, double end) {
    return Math.max(end, 1 - (double) iteration / iterations);
  }

  /**
   * The clipped objective of each part, to be minimised.
   *
   * @param ratio of new to old probability, any shape
   * @param advantage of the same shape
   */
  public static Tensor clipped(Tensor ratio, Tensor advantage, Config config) {
    Tensor bounded = Torch.clamp(ratio, 1 - config.clipLow(), 1 + config.clipHigh());
    Tensor objective = torch.minimum(ratio.mul(advantage), bounded.mul(advantage));
    if (config.dualClip() > 1) {
      Tensor floor = Torch.times(advantage, config.dualClip());
      Tensor bad = Torch.less(advantage, 0);
      objective = torch.where(bad, torch.maximum(objective, floor), objective);
    }
    return objective.neg();
  }

  private void iterate(
      int iteration, AdamW optimizer, Metrics metrics, Progress progress, GroupLog log) {
    metrics.begin(true);
    double rate =
        config.learningRate() * decay(iteration, config.iterations(), config.learningRateEnd());
    metrics.add("learning_rate", rate);
    try (var _ = new PointerScope()) {
      long begin = System.nanoTime();
      PolicyUpdate.Batch batch = play(iteration, metrics, log);
      requireGradient(batch, optimizer.steps() > 0, metrics);
      long played = System.nanoTime();
      metrics.add("play_s", (played - begin) / 1e9);
      updates.carryOut(batch, optimizer, rate, metrics);
      batch.rollouts().close();
      metrics.add("update_s", (System.nanoTime() - played) / 1e9);
    }
    metrics.end(iteration);
    FreeMemory.giveBack();
    String success = environment.kind() + "_success";
    progress.at(
        iteration + 1, "%s success %.2f".formatted(environment.kind(), metrics.mean(success)));
  }

  /** Ends a practice that teaches nothing. */
  private void requireGradient(PolicyUpdate.Batch batch, boolean updated, Metrics metrics) {
    boolean some = batch.rollouts().rollout().size(0) > 0;
    withoutGradient = some ? 0 : withoutGradient + 1;
    if (!updated && withoutGradient >= config.patience()) {
      double success = metrics.mean(environment.kind() + "_success");
      throw new TrainerException(
          "all groups of %d iterations ended alike, so there is nothing to learn from: of the %s rollouts %.0f %% succeed; %s"
              .formatted(
                  withoutGradient,
                  environment.kind(),
                  100 * success,
                  environment.remedy(success, metrics.mean(TRUSTED))));
    }
  }

  /** Draws groups, again until enough of them are mixed where more draws than one are allowed. */
  private PolicyUpdate.Batch play(int iteration, Metrics metrics, GroupLog log) {
    List<PlayedRollouts> parts = new ArrayList<>();
    List<Tensor> ofRollouts = new ArrayList<>(); // number of each chunk's, of all draws
    List<Tensor> weights = new ArrayList<>();
    List<Tensor> advantages = new ArrayList<>();
    List<Tensor> lengths = new ArrayList<>(); // chunks of the rollout that each chunk is of
    List<Tensor> successes = new ArrayList<>();
    List<Tensor> fromBeginning = new ArrayList<>();
    int mixed = 0;
    int draws = 0;
    long before = 0; // rollouts of earlier draws
    while (draws < config.draws() && (draws == 0 || mixed < config.groups())) {
      Environment.Groups groups =
          environment.play(policy, config, iteration * config.draws() + draws);
      PlayedRollouts played = groups.rollouts();
      Tensor rewards = played.rewards(config.groupSize()); // [P, G]
      Tensor trusted = played.trusted().view(-1, config.groupSize());
      Tensor kept = Torch.greater(played.trusted(), 0); // [B]
      Tensor usable = config.band().usable(played, config.groupSize()); // [P]
      long found = usable.sum().item_long();
      if (config.cutSurplus()) {
        usable = first(usable, (long) config.groups() - mixed);
      }
      mixed += (int) found;
      Tensor chunks =
          Torch.positions(
              Torch.repeatEach(usable, config.groupSize())
                  .bitwise_and(kept)
                  .index_select(0, played.rollout()));
      Tensor rollout = played.rollout().index_select(0, chunks);
      Tensor advantage = config.advantage().of(rewards, trusted); // [P, G]
      log.write(iteration, draws, groups.starts(), rewards, trusted, advantage);
      Tensor weight = config.length().weights(rollout, groups.limits());
      weights.add(weight);
      advantages.add(advantage.flatten().index_select(0, rollout).mul(weight));
      ofRollouts.add(rollout.add(new Scalar(before)));
      before += played.success().size(0);
      lengths.add(rollout.bincount().index_select(0, rollout));
      Tensor ended = Torch.positions(kept);
      metrics.add(TRUSTED, trusted.mean());
      parts.add(played.select(chunks));
      played.close();
      successes.add(rewards.flatten().index_select(0, ended));
      fromBeginning.add(groups.fromBeginning().index_select(0, ended));
      draws++;
    }
    String kind = environment.kind();
    Tensor success = Torch.cat(0, successes);
    Tensor first = Torch.positions(Torch.cat(0, fromBeginning));
    boolean some = success.size(0) > 0; // not all were cut
    metrics.add(kind + "_success", some ? success.mean().item_double() : 0);
    if (first.size(0) > 0) {
      metrics.add(kind + "_success_from_beginning", success.index_select(0, first).mean());
    }
    metrics.add(MIXED_GROUPS, (double) mixed / (draws * config.groups()));
    metrics.add("draws", draws);
    Tensor none = Torch.zeros(Float, 0);
    Tensor weighted = Torch.cat(0, advantages);
    metrics.add(DISTRUSTED_UPDATE, distrusted(weighted, Torch.cat(0, lengths)));
    return new PolicyUpdate.Batch(
        PlayedRollouts.concat(parts, none, none),
        Torch.cat(0, ofRollouts),
        Torch.cat(0, weights),
        weighted);
  }

  /** The first of the groups that are usable, so many at most, [P] bool. */
  static Tensor first(Tensor usable, long most) {
    return usable.bitwise_and(usable.cumsum(0).le(new Scalar(most)));
  }

  /** Share of an update, by its weights, from rollouts that were judged too late to be trusted. */
  private double distrusted(Tensor advantage, Tensor lengths) {
    Tensor weight = advantage.abs();
    double all = weight.sum().item_double();
    Tensor late = lengths.gt(new Scalar((long) trustedChunks)).to(Float);
    return all == 0 ? 0 : weight.mul(late).sum().item_double() / all;
  }

  /**
   * Settings of the practice.
   *
   * @param iterations of imagining and updating
   * @param groups P: starts an iteration
   * @param groupSize G: rollouts a start
   * @param keyframeShare of the starts that lie inside a rollout; half costs a fifth less
   * @param keyframes rule by which the others are found
   * @param keyframe chunk that the rule {@link Keyframes#FIXED} has start, 0 being the first
   * @param draws of P groups an iteration at most; above 1, uniform groups are replaced by further
   *     draws. 1 because replacing cost 257 instead of 145 s and brought nothing
   * @param cutSurplus whether of the mixed groups of several draws those beyond P are left out, as
   *     in WMPO's code
   * @param successLow share of a group's rollouts that succeed at least, where it is learned from;
   *     in the code of both papers 0.1, of 8 rollouts as good as 0
   * @param successHigh share of them at most; 0.9 there, of 8 rollouts as good as 1
   * @param temperature of the policy, as in the rollouts
   * @param learningRate of Adam; 1e-3 destroys the policy, 1.5e-4 is slow
   * @param learningRateEnd share of it that it falls to: at a constant rate of this size success
   *     peaks at iteration 20 to 30 and then falls; both papers have 1
   * @param epochs over an iteration's chunks
   * @param miniBatch chunks an update, or rollouts
   * @param miniBatchOf which of them; WMPO's are rollouts, WoVR's chunks
   * @param ratio what is clipped: each token's in the code of both papers, the chunk's in WMPO's
   *     paper, eq. 3
   * @param clipLow of the ratio
   * @param clipHigh of the ratio, wider so that rare actions can grow (DAPO, arXiv 2503.14476)
   * @param dualClip bound of the ratio where the advantage is negative (arXiv 1912.09729), above 1;
   *     0: none, as in WMPO; WoVR's code has 3
   * @param advantage how success is compared with the group's
   * @param length how a rollout's length counts
   * @param clip norm of the gradients at most
   * @param patience iterations without a mixed group after which a practice that has not begun ends
   * @param saveEvery iterations between two checkpoints
   * @param keyframeMix rules with their shares in the place of one; none: {@code keyframes} alone.
   *     WoVR's paper starts near what is critical for a task, above all where the policy fails, and
   *     gives no shares; its code draws from all recorded contexts alike
   */
  public record Config(
      int iterations,
      int groups,
      int groupSize,
      double keyframeShare,
      Keyframes keyframes,
      int keyframe,
      int draws,
      boolean cutSurplus,
      double successLow,
      double successHigh,
      double temperature,
      double learningRate,
      double learningRateEnd,
      int epochs,
      int miniBatch,
      MiniBatchOf miniBatchOf,
      Ratio ratio,
      double clipLow,
      double clipHigh,
      double dualClip,
      Advantage advantage,
      LengthNorm length,
      double clip,
      int patience,
      int saveEvery,
      List<Keyframes.Part> keyframeMix) {
    /** Components that came later. */
    private static final Set<String> LATER =
        Set.of(
            "keyframe",
            "cutSurplus",
            "successLow",
            "successHigh",
            "miniBatchOf",
            "ratio",
            "keyframeMix");

    public static final Config DEFAULT =
        new Config(
            40,
            16,
            8,
            0.5,
            Keyframes.UNIFORM,
            1,
            1,
            false,
            0,
            1,
            1,
            3e-4,
            0.1,
            3,
            256,
            MiniBatchOf.CHUNKS,
            Ratio.TOKEN,
            0.2,
            0.28,
            0,
            Advantage.STANDARDISED,
            LengthNorm.TRAJECTORY,
            1,
            10,
            5,
            List.of());

    public Config {
      Check.that(
          groupSize >= 2 && groupSize <= Check.WIDEST,
          "grpo.groupSize",
          groupSize,
          "2 or more, to compare, and %d at most".formatted(Check.WIDEST));
      Check.positive("grpo.iterations", iterations);
      Check.size("grpo.groups", groups, 1_000_000);
      Check.size("grpo.draws", draws, 1_000_000);
      Check.share("grpo.keyframeShare", keyframeShare);
      Check.notNegative("grpo.keyframe", keyframe);
      new Band(successLow, successHigh).check(groupSize);
      Check.that(
          temperature > 0 && temperature <= 100,
          "grpo.temperature",
          temperature,
          "above 0, and 100 at most");
      Check.positive("grpo.learningRate", learningRate);
      Check.share("grpo.learningRateEnd", learningRateEnd);
      Check.positive("grpo.epochs", epochs);
      Check.size("grpo.miniBatch", miniBatch, 1_000_000);
      Check.that(clipLow > 0 && clipLow < 1, "grpo.clipLow", clipLow, "between 0 and 1");
      Check.positive("grpo.clipHigh", clipHigh);
      Check.that(dualClip == 0 || dualClip > 1, "grpo.dualClip", dualClip, "0 or above 1");
      Check.positive("grpo.clip", clip);
      Check.positive("grpo.patience", patience);
      Check.positive("grpo.saveEvery", saveEvery);
      keyframeMix = List.copyOf(keyframeMix);
      Check.that(
          keyframeMix.isEmpty() || Keyframes.areShares(keyframeMix),
          "grpo.keyframeMix",
          keyframeMix,
          "rules, each once, with shares above 0 that add up to 1");
    }

    /** Rules by which keyframes are found. */
    public List<Keyframes.Part> rules() {
      return keyframeMix.isEmpty() ? keyframes.alone() : keyframeMix;
    }

    /** Returns whether keyframes are found by a rule. */
    public boolean has(Keyframes rule) {
      return rules().stream().anyMatch(each -> each.rule() == rule);
    }

    /** Groups that are learned from. */
    Band band() {
      return new Band(successLow, successHigh);
    }

    /** Chunks whose gradients are computed at a time, at most. */
    public long slice() {
      return miniBatchOf == MiniBatchOf.CHUNKS ? Math.min(SLICE, miniBatch) : SLICE;
    }

    @Override
    public String toString() {
      return SettingsText.of(this, DEFAULT, LATER);
    }
  }
}
