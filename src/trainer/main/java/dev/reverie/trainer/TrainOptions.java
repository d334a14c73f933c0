package dev.reverie.trainer;

import dev.reverie.policy.PolicyBundle;
import dev.reverie.rollout.AlignmentOptions;
import dev.reverie.rollout.Unwritable;
import dev.reverie.trainer.data.EpisodeCache;
import dev.reverie.trainer.data.PolicyTask;
import dev.reverie.trainer.data.RecordedTask;
import dev.reverie.trainer.data.Tasks;
import dev.reverie.trainer.model.TrainablePolicy;
import dev.reverie.trainer.nn.Ranks;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainerException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options that the trainer's commands share. */
final class TrainOptions {
  private TrainOptions() {}

  /** Options that choose the settings. */
  static final class Chosen {
    @Option(
        names = "--settings",
        paramLabel = "FILE",
        description = "JSON with the settings to change, such as {\"grpo\": {\"iterations\": 20}}.")
    private @Nullable Path settings;

    @Option(
        names = "--preset",
        paramLabel = "NAME",
        defaultValue = "DEMO",
        description =
            "Settings that belong together, before --settings changes them: ${COMPLETION-CANDIDATES}.")
    private Settings.Preset preset = Settings.Preset.DEMO;

    Settings settings() {
      Settings from = preset.settings();
      return settings == null ? from : from.read(settings);
    }
  }

  /** Options of every stage. */
  static final class Common {
    @Option(names = "--seed", description = "Of all random numbers (default: ${DEFAULT-VALUE}).")
    private long seed = 1;

    @Option(
        names = "--threads",
        description = "Of one operation (default: ${DEFAULT-VALUE}); more only on free cores.")
    private int threads = 1;

    @Mixin private Chosen chosen = new Chosen();

    @Option(
        names = "--cache",
        paramLabel = "DIR",
        description =
            "Decoded episodes; runs may share it, and it may be deleted (default: 'cache' in the"
                + " run's folder).")
    private @Nullable Path cache;

    @Option(
        names = "--verify-cache",
        description = "Reads every bag and every decoded frame, and compares their checksums.")
    private boolean verifyCache;

    @Mixin private AlignmentOptions tolerances = new AlignmentOptions();

    long seed() {
      return seed;
    }

    /** Runs on the device that is set, in a scope, so that nothing native is left behind. */
    int run(Runnable work) {
      Torch.start(threads);
      settings().compute().begin(System.getenv(), System.err::println);
      try (var _ = Ranks.join(System.getenv());
          var _ = new PointerScope()) {
        work.run();
      }
      return 0;
    }

    /** Runs what computes no network: no device is needed. */
    int dryRun(Runnable work) {
      Torch.start(threads);
      try (var _ = new PointerScope()) {
        work.run();
      }
      return 0;
    }

    EpisodeCache.Config cache(Path run) {
      return new EpisodeCache.Config(
          cache == null ? run.resolve(RunFolder.CACHE) : cache,
          verifyCache,
          tolerances.alignment());
    }

    /** Works in a folder, which stays as it is then, or where a person stops it. */
    void keeping(RunFolder folder, Runnable work) {
      try {
        work.run();
        folder.keep();
      } finally {
        if (TrainCommand.STOP.getAsBoolean()) {
          folder.keep();
        }
      }
    }

    Settings settings() {
      return chosen.settings();
    }
  }

  /** Options of the stages that learn from demonstrations alone. */
  static final class FromDemonstrations {
    @Mixin private Common common = new Common();

    @Option(names = "--demonstrations", required = true, paramLabel = "DIR", description = "Bags.")
    private Path demonstrations;

    @Option(
        names = "--out",
        required = true,
        paramLabel = "DIR",
        description = "Folder of the models; a stopped run goes on there.")
    private Path out;

    @Option(
        names = "--task",
        paramLabel = "FILE",
        description =
            "What the policy sees and moves: JSON in the words of bundle.json (default: what the"
                + " bags say of their arm).")
    private @Nullable Path task;

    @Option(
        names = "--camera",
        paramLabel = "NAME",
        description =
            "A camera that the policy sees; repeat for several (default: all that the bags or the"
                + " task name).")
    private List<String> cameras = List.of();

    @Option(
        names = "--policy",
        paramLabel = "BUNDLE",
        description =
            "A policy that is to learn, such as one exported from PyTorch; it says what it sees and"
                + " moves (default: a new small one).")
    private @Nullable Path policy;

    private PolicyBundle given(Path bundle) {
      if (task != null || !cameras.isEmpty()) {
        throw new TrainerException(
            "--task and --camera stand beside --policy, which says what it sees and moves; leave them out");
      }
      return PolicyBundle.load(bundle);
    }

    private PolicyTask task() {
      return task == null
          ? RecordedTask.of(demonstrations, cameras)
          : PolicyTask.read(task).seeing(cameras);
    }

    /** Prints what the stages would need; the options may be missing that are required else. */
    int dryRun(DryRunOptions dry) {
      return common.dryRun(
          () -> {
            PolicyBundle bundle = policyOr(dry);
            Optional<Path> bags = Optional.ofNullable(demonstrations);
            Settings settings = common.settings();
            // What asks for the same is told where the reward is learned.
            DryRun.Sizes sizes = dry.sizes(bags, Optional.empty(), Tasks.DEFAULT);
            try (var learns = new TrainablePolicy(bundle)) {
              DryRun run = new DryRun(settings, bundle.spec(), learns, sizes);
              System.out.print(DryRunTable.of(run.pretraining(), dry.machine(settings.compute())));
            }
          });
    }

    private PolicyBundle policyOr(DryRunOptions dry) {
      if (policy == null) {
        return Pretraining.untrained(taskOr(dry), List.of("one of them"), 1);
      }
      dry.requireNoTask("--policy");
      return given(policy);
    }

    private PolicyTask taskOr(DryRunOptions dry) {
      if (task == null && demonstrations == null) {
        return dry.task();
      }
      dry.requireNoTask(task == null ? "--demonstrations" : "--task");
      return task();
    }

    /** Reads what is to learn, and the demonstrations when it is asked. */
    private Supplier<Pretraining> pretraining(Settings settings) {
      EpisodeCache.Config cache = common.cache(out);
      if (policy == null) {
        PolicyTask what = task();
        return () ->
            Pretraining.open(
                settings, what, demonstrations, out, cache, common.seed(), TrainCommand.STOP);
      }
      PolicyBundle given = given(policy);
      return () ->
          Pretraining.open(
              settings, given, demonstrations, out, cache, common.seed(), TrainCommand.STOP);
    }

    int run(Consumer<Pretraining> work) {
      Settings settings = common.settings();
      return common.run(
          () -> {
            Supplier<Pretraining> pretraining = pretraining(settings);
            try (RunFolder folder = RunFolder.take(out, settings)) {
              common.keeping(folder, () -> work.accept(pretraining.get()));
            }
          });
    }
  }

  /** Options of the stages of a round. */
  static final class FromRollouts {
    @Mixin private Common common = new Common();

    @Option(
        names = "--rollouts",
        required = true,
        paramLabel = "DIR",
        description = "Bags of the policy, of both outcomes.")
    private Path rollouts;

    @Option(names = "--demonstrations", required = true, paramLabel = "DIR", description = "Bags.")
    private Path demonstrations;

    @Option(
        names = "--base",
        required = true,
        paramLabel = "BUNDLE",
        description = "The policy that made the rollouts.")
    private Path base;

    @Option(
        names = "--models",
        required = true,
        paramLabel = "DIR",
        description = "Auto-encoder and world model, as pretrain leaves them.")
    private Path models;

    @Option(
        names = "--work",
        required = true,
        paramLabel = "DIR",
        description = "Folder of the run; a stopped one goes on there.")
    private Path work;

    /** Prints what the stages would need; the options may be missing that are required else. */
    int dryRun(DryRunOptions dry) {
      return common.dryRun(
          () -> {
            PolicyBundle bundle =
                base == null
                    ? Pretraining.untrained(dry.task(), List.of("one of them"), 1)
                    : PolicyBundle.load(base);
            if (base != null) {
              dry.requireNoTask("--base");
            }
            Settings settings = common.settings();
            DryRun.Sizes sizes =
                dry.sizes(
                    Optional.ofNullable(demonstrations),
                    Optional.ofNullable(rollouts),
                    settings.instructions());
            try (var policy = new TrainablePolicy(bundle, settings.policy())) {
              DryRun run = new DryRun(settings, bundle.spec(), policy, sizes);
              System.out.print(DryRunTable.of(run.round(), dry.machine(settings.compute())));
            }
          });
    }

    int run(Consumer<Improvement> stages) {
      Settings settings = common.settings();
      return common.run(
          () -> {
            var folders = new Improvement.RunFolders(base, demonstrations, rollouts, models, work);
            PolicyBundle policy = folders.requireThere();
            try (RunFolder folder = RunFolder.take(work, settings)) {
              common.keeping(
                  folder,
                  () ->
                      stages.accept(
                          Improvement.open(
                              settings,
                              policy,
                              folders,
                              common.cache(work),
                              common.seed(),
                              TrainCommand.STOP)));
            }
          });
    }
  }

  /** Options of what a round is compared with. */
  static final class OfBaseline {
    @Mixin private FromRollouts from = new FromRollouts();

    @Option(names = "--out", required = true, paramLabel = "BUNDLE", description = "New.")
    private Path out;

    int run(String method, Function<Baselines, PolicyBundle> learned) {
      Improvement.requireNew(out);
      return from.run(round -> round.baseline(method, learned, out));
    }
  }

  /** Options of practice on the arm. */
  static final class OnArm {
    @Mixin private Common common = new Common();

    @Option(
        names = "--base",
        required = true,
        paramLabel = "BUNDLE",
        description = "The policy that practises.")
    private Path base;

    @Option(
        names = "--work",
        required = true,
        paramLabel = "DIR",
        description =
            "Folder of the run; a stopped one goes on there. What is to be recorded stands below"
                + " arm/.")
    private Path work;

    @Option(names = "--out", required = true, paramLabel = "BUNDLE", description = "New.")
    private Path out;

    int run() {
      Improvement.requireNew(out);
      Settings settings = common.settings();
      return common.run(
          () -> {
            PolicyBundle policy = PolicyBundle.load(base);
            try (RunFolder folder = RunFolder.take(work, settings)) {
              common.keeping(
                  folder,
                  () ->
                      OnlineGrpo.open(
                              settings,
                              policy,
                              work,
                              common.cache(work),
                              common.seed(),
                              TrainCommand.STOP)
                          .run(out));
            }
          });
    }
  }

  /** Options of what uses the imagination of a round that has ended. */
  static final class OfRound {
    @Mixin private Common common = new Common();

    @Option(names = "--bundle", required = true, paramLabel = "BUNDLE")
    private Path bundle;

    @Option(
        names = "--models",
        required = true,
        paramLabel = "DIR",
        description = "Auto-encoder and world model, as pretrain leaves them.")
    private Path models;

    @Option(
        names = "--work",
        required = true,
        paramLabel = "DIR",
        description = "Folder of a round that has ended.")
    private Path work;

    @Option(names = "--out", required = true, paramLabel = "FILE", description = "JSON.")
    private Path out;

    EpisodeCache.Config cache() {
      return common.cache(work);
    }

    Path out() {
      return out;
    }

    int run(Consumer<RoundWorld> work) {
      Unwritable.file(out)
          .ifPresent(
              why -> {
                throw new TrainerException("--out %s: %s; give a file".formatted(out, why));
              });
      return common.run(
          () ->
              work.accept(
                  RoundWorld.open(bundle, models, this.work, common.seed(), TrainCommand.STOP)));
    }
  }
}
