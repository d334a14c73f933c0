package dev.reverie.trainer;

import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.trainer.data.EpisodeCache;
import dev.reverie.trainer.data.EpisodeDecoder;
import dev.reverie.trainer.data.Recordings;
import dev.reverie.trainer.imagination.Grpo;
import dev.reverie.trainer.imagination.Keyframes;
import dev.reverie.trainer.imagination.MiniBatchOf;
import dev.reverie.trainer.model.TrainablePolicy;
import dev.reverie.trainer.nn.Check;
import dev.reverie.trainer.nn.Progress;
import dev.reverie.trainer.nn.Ranks;
import dev.reverie.trainer.nn.TrainLoop;
import dev.reverie.trainer.nn.TrainerException;
import dev.reverie.trainer.onnx.Parity;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/**
 * The baseline of a round that learns from the arm itself: practice as in imagination, whose groups
 * of rollouts are recorded on the arm, one iteration after the other.
 *
 * @param work folder of the run; a stopped one goes on there
 */
record OnlineGrpo(
    Settings settings, PolicyBundle base, Path work, EpisodeCache.Config cache, TrainLoop loop) {
  /** Prepares a run, which works on one rank. */
  static OnlineGrpo open(
      Settings settings,
      PolicyBundle base,
      Path work,
      EpisodeCache.Config cache,
      long seed,
      BooleanSupplier stop) {
    int ranks = Ranks.world().count();
    if (ranks > 1) {
      throw new TrainerException(
          "WORLD_SIZE is %d; practice on the arm waits for it, not for the machine, and takes one rank"
              .formatted(ranks));
    }
    TrainLoop loop = new TrainLoop(work, seed, RunInputs.of(List.of(), base.id()), stop);
    return new OnlineGrpo(settings, base, work, cache, loop.of(settings.imagination()));
  }

  /**
   * Practises, and writes the better bundle.
   *
   * @param out folder of the bundle; must not exist yet
   */
  void run(Path out) {
    Path arm = work.resolve("arm");
    try (var policy = new TrainablePolicy(base, settings.policy())) {
      policy.tryOut(); // before the arm moves for it
      Grpo.Config config = settings.onlineGrpo().of(settings.grpo());
      ArmByBags environment = ArmByBags.of(arm, base.spec(), settings, cache, loop);
      Progress.stage(
          Grpo.STAGE,
          () -> {
            new Grpo(config, policy, environment).train(settings.ofPolicy(loop));
            return out;
          });
      if (policy.bundle().id().equals(base.id())) {
        throw new TrainerException(
            "practice left the policy %s as it was: no iteration had a group to learn from"
                .formatted(base.id()));
      }
      save(policy.bundle(), arm, out);
    }
  }

  private void save(PolicyBundle policy, Path arm, Path out) {
    Recordings recordings =
        Recordings.open(
            List.of(arm),
            new EpisodeCache(cache, EpisodeDecoder.of(base.spec()), Progress::say),
            loop.stop());
    Recordings.Folder rollouts =
        recordings
            .data(base.tokenizer(), settings.instructions(), settings.steps(base.spec()).executed())
            .getFirst();
    rollouts.data().close();
    var given = new TreeMap<String, String>();
    given.put("method", "online GRPO");
    given.put("seed", Long.toString(loop.seed()));
    given.put("settings", settings.toJson());
    PolicyBundle described =
        policy
            .withLineage(
                new BundleSpec.Lineage(
                    base.id(), rollouts.hashes(), given, recordings.measured(base.id())))
            .withCalibrations(recordings.calibrations(base.spec().cameras()));
    Parity.check(described);
    described.save(out);
  }

  /**
   * Settings of practice on the arm that differ from those in imagination, where rollouts cost
   * nothing: {@code iterations * groups * grpo.groupSize} are recorded in all, by default as many
   * as the demo's round records.
   *
   * @param iterations of recording and updating
   * @param groups scenes an iteration
   * @param learningRate of Adam, falling as in imagination
   * @param epochs over an iteration's chunks
   * @param miniBatch chunks an update
   */
  record Config(int iterations, int groups, double learningRate, int epochs, int miniBatch) {
    static final Config DEFAULT = new Config(4, 4, 3e-4, 4, 64);

    Config {
      Check.positive("onlineGrpo.iterations", iterations);
      Check.size("onlineGrpo.groups", groups, 1_000_000);
      Check.positive("onlineGrpo.learningRate", learningRate);
      Check.positive("onlineGrpo.epochs", epochs);
      Check.size("onlineGrpo.miniBatch", miniBatch, 1_000_000);
    }

    /** Practice with these, and for the rest as in imagination; from first frames alone. */
    Grpo.Config of(Grpo.Config imagined) {
      return new Grpo.Config(
          iterations,
          groups,
          imagined.groupSize(),
          0,
          Keyframes.UNIFORM,
          imagined.keyframe(),
          1,
          imagined.cutSurplus(),
          imagined.successLow(),
          imagined.successHigh(),
          imagined.temperature(),
          learningRate,
          imagined.learningRateEnd(),
          epochs,
          miniBatch,
          MiniBatchOf.CHUNKS,
          imagined.ratio(),
          imagined.clipLow(),
          imagined.clipHigh(),
          imagined.dualClip(),
          imagined.advantage(),
          imagined.length(),
          imagined.clip(),
          Math.min(imagined.patience(), iterations),
          1,
          List.of());
    }
  }
}
