package dev.reverie.trainer;

import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.rollout.FileErrors;
import dev.reverie.trainer.data.ChunkTiming;
import dev.reverie.trainer.data.EpisodeCache;
import dev.reverie.trainer.data.PolicyTask;
import dev.reverie.trainer.data.RecordedTask;
import dev.reverie.trainer.data.Tasks;
import dev.reverie.trainer.model.TrainablePolicy;
import dev.reverie.trainer.nn.Progress;
import dev.reverie.trainer.nn.TrainerException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options that stages share which learn from the same. */
final class TrainOptions {
  private TrainOptions() {}

  /** Options of the stages that learn from demonstrations alone. */
  static final class FromDemonstrations {
    @Mixin private RunOptions.Common common = new RunOptions.Common();

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

    @Mixin private RunOptions.Remake remake = new RunOptions.Remake();

    private PolicyBundle given(Path bundle) {
      if (task != null || !cameras.isEmpty()) {
        throw new TrainerException(
            "--task and --camera stand beside --policy, which says what it sees and moves; leave"
                + " them out");
      }
      return GivenPolicy.load(bundle);
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
            DataSizes sizes = dry.sizes(bags, Optional.empty(), Tasks.DEFAULT);
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

    /**
     * The policy that is to learn, and the demonstrations that are read when they are asked for.
     *
     * @param stages what they are made of
     */
    private record Learning(ChangedSettings.Stages stages, Supplier<Pretraining> pretraining) {}

    private Learning learning(Settings settings) {
      EpisodeCache.Config cache = common.cache(out);
      if (policy == null) {
        PolicyTask what = task();
        BundleSpec spec = what.spec(List.of("any")); // words change no setting
        return new Learning(
            set -> StageInputs.ofPretraining(set, spec, false),
            () ->
                Pretraining.open(
                    settings, what, demonstrations, out, cache, common.seed(), TrainCommand.STOP));
      }
      PolicyBundle given = given(policy);
      return new Learning(
          set -> StageInputs.ofPretraining(set, given.spec(), true),
          () ->
              Pretraining.open(
                  settings, given, demonstrations, out, cache, common.seed(), TrainCommand.STOP));
    }

    int run(Consumer<Pretraining> work) {
      Settings settings = common.settings();
      return common.run(
          settings,
          () -> {
            Learning learning = learning(settings);
            try (RunFolder folder =
                RunFolder.take(out, settings, learning.stages, remake.wanted())) {
              common.keeping(folder, () -> work.accept(learning.pretraining.get()));
            }
          });
    }
  }

  /** Options of the stages of a round. */
  static final class FromRollouts {
    @Mixin private RunOptions.Common common = new RunOptions.Common();

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

    @Mixin private RunOptions.Remake remake = new RunOptions.Remake();

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
            Optional<Path> bags = Optional.ofNullable(rollouts);
            Settings chosen = common.settings();
            DataSizes sizes =
                dry.sizes(Optional.ofNullable(demonstrations), bags, chosen.instructions());
            ChunkTiming timing = DryRunOptions.timing(bags);
            Settings settings = chosen.asIn(timing, bundle.spec());
            if (bags.isPresent()) {
              Improvement.likeTheRollouts(settings.steps(bundle.spec()), timing)
                  .forEach(Progress::say);
            }
            try (var policy = new TrainablePolicy(bundle, settings.policy())) {
              DryRun run = new DryRun(settings, bundle.spec(), policy, sizes);
              System.out.print(DryRunTable.of(run.round(), dry.machine(settings.compute())));
            }
          });
    }

    int run(Consumer<Improvement> stages) {
      Settings settings = common.settings();
      return common.run(
          settings,
          () -> {
            var folders = new Improvement.RunFolders(base, demonstrations, rollouts, models, work);
            PolicyBundle policy = folders.requireThere();
            ChangedSettings.Stages made = set -> StageInputs.ofRound(set, policy.spec());
            try (RunFolder folder = RunFolder.take(work, settings, made, remake.wanted())) {
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
    @Mixin private RunOptions.Common common = new RunOptions.Common();

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

    @Mixin private RunOptions.Remake remake = new RunOptions.Remake();

    int run() {
      Improvement.requireNew(out);
      Settings settings = common.settings();
      return common.run(
          settings,
          () -> {
            PolicyBundle policy = GivenPolicy.load(base);
            try (RunFolder folder =
                RunFolder.take(work, settings, StageInputs::onArm, remake.wanted())) {
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
    @Mixin private RunOptions.Common common = new RunOptions.Common();

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
      FileErrors.file(out)
          .ifPresent(
              why -> {
                throw new TrainerException("--out %s: %s; give a file".formatted(out, why));
              });
      return common.run(
          common.settings(),
          () ->
              work.accept(
                  RoundWorld.open(bundle, models, this.work, common.seed(), TrainCommand.STOP)));
    }
  }
}
