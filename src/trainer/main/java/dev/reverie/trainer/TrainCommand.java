package dev.reverie.trainer;

import dev.reverie.policy.BundleException;
import dev.reverie.rollout.AlignmentOptions;
import dev.reverie.rollout.EpisodeException;
import dev.reverie.trainer.data.EpisodeCache;
import dev.reverie.trainer.data.PolicyTask;
import dev.reverie.trainer.data.RecordedTask;
import dev.reverie.trainer.nn.Check;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainerException;
import dev.reverie.trainer.onnx.OnnxException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.bytedeco.javacpp.PointerScope;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code reverie pretrain} and {@code reverie train}: from recordings to policies. */
@Command(
    name = "reverie",
    description = "Trains policies from recordings.",
    mixinStandardHelpOptions = true,
    subcommands = {TrainCommand.Pretrain.class, TrainCommand.Train.class})
public final class TrainCommand {
  private static final int FAILED = 1;
  private static final int DISTRUSTED = 3;

  private static final StopSignal STOP = new StopSignal();

  private TrainCommand() {}

  public static void main(String[] args) {
    STOP.watch();
    System.exit(STOP.status(commandLine().execute(args)));
  }

  static CommandLine commandLine() {
    CommandLine commandLine = new CommandLine(new TrainCommand());
    commandLine.setCaseInsensitiveEnumValuesAllowed(true);
    commandLine.setExecutionExceptionHandler(
        (e, command, result) -> {
          if (e instanceof TrainerException
              || e instanceof BundleException
              || e instanceof EpisodeException
              || e instanceof OnnxException
              || e instanceof IllegalArgumentException) {
            command.getErr().println(e.getMessage());
            return FAILED;
          }
          if (e instanceof UncheckedIOException) {
            command.getErr().println(e.getMessage() + ": " + e.getCause());
            return FAILED;
          }
          Optional<String> memory = outOfMemory(e);
          if (memory.isPresent()) {
            command.getErr().println(memory.get());
            return FAILED;
          }
          throw e;
        });
    return commandLine;
  }

  /** What libtorch says where memory is not given to it, without its stack; empty for the rest. */
  private static Optional<String> outOfMemory(Exception e) {
    String said = String.valueOf(e.getMessage());
    if (!(e instanceof RuntimeException)
        || !(said.contains("allocate memory") || said.contains("bad_alloc"))) {
      return Optional.empty();
    }
    return Optional.of(
        "out of memory: %s%nMake batches or networks smaller (batch, miniBatch, groups, width), or give the trainer a larger machine; the same command goes on where it was."
            .formatted(said.lines().findFirst().orElse(said)));
  }

  /** Options of every stage. */
  static final class Common {
    @Option(names = "--seed", description = "Of all random numbers (default: ${DEFAULT-VALUE}).")
    private long seed = 1;

    @Option(
        names = "--threads",
        description = "Of one operation (default: ${DEFAULT-VALUE}); more only on free cores.")
    private int threads = 1;

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

    /** Runs in a scope, so that nothing native is left behind. */
    private int run(Runnable work) {
      Torch.start(threads);
      try (var _ = new PointerScope()) {
        work.run();
      }
      return 0;
    }

    private EpisodeCache.Config cache(Path run) {
      return new EpisodeCache.Config(
          cache == null ? run.resolve("cache") : cache, verifyCache, tolerances.alignment());
    }

    private Settings settings() {
      Settings from = preset.settings();
      return settings == null ? from : from.read(settings);
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
        description = "The camera that the policy sees, where there are several.")
    private @Nullable String camera;

    private PolicyTask task() {
      Optional<String> seen = Optional.ofNullable(camera);
      return task == null
          ? RecordedTask.of(demonstrations, seen)
          : PolicyTask.read(task).seeing(seen);
    }

    private int run(Consumer<Pretraining> work) {
      Settings settings = common.settings();
      return common.run(
          () -> {
            try (var _ = RunFolder.take(out, settings)) {
              work.accept(
                  Pretraining.open(
                      settings, task(), demonstrations, out, common.cache(out), common.seed, STOP));
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

    private int run(Consumer<Improvement> stages) {
      Settings settings = common.settings();
      return common.run(
          () -> {
            try (var _ = RunFolder.take(work, settings)) {
              stages.accept(
                  Improvement.open(
                      settings,
                      new Improvement.RunFolders(base, demonstrations, rollouts, models, work),
                      common.cache(work),
                      common.seed,
                      STOP));
            }
          });
    }
  }

  /** {@code reverie pretrain}. */
  @Command(
      name = "pretrain",
      description = "Demonstrations to a base policy, an auto-encoder and a world model.",
      mixinStandardHelpOptions = true)
  static final class Pretrain implements Callable<Integer> {
    @Mixin private FromDemonstrations from = new FromDemonstrations();

    @Override
    public Integer call() {
      return from.run(Pretraining::run);
    }
  }

  /** {@code reverie train}: a round, or one stage of it. */
  @Command(
      name = "train",
      description = "A round of training from rollouts, or one stage of it alone.",
      mixinStandardHelpOptions = true,
      synopsisSubcommandLabel = "STAGE")
  static final class Train {
    @Command(
        description = "The whole round: rollouts to a better policy.",
        mixinStandardHelpOptions = true)
    int improve(
        @Mixin FromRollouts from,
        @Option(
                names = "--out",
                required = true,
                paramLabel = "BUNDLE",
                description = "The improved policy; must not exist yet.")
            Path out) {
      return from.run(round -> round.run(out));
    }

    @Command(
        name = "clone-successes",
        description = "A baseline: clones demonstrations and successful rollouts.",
        mixinStandardHelpOptions = true)
    int cloneSuccesses(
        @Mixin FromRollouts from,
        @Option(names = "--out", required = true, paramLabel = "BUNDLE", description = "New.")
            Path out) {
      return from.run(
          round -> round.baseline("cloning of successes", Baselines::cloneSuccesses, out));
    }

    @Command(
        description = "A baseline: direct preference optimisation, successes before failures.",
        mixinStandardHelpOptions = true)
    int dpo(
        @Mixin FromRollouts from,
        @Option(names = "--out", required = true, paramLabel = "BUNDLE", description = "New.")
            Path out) {
      return from.run(round -> round.baseline("DPO", Baselines::dpo, out));
    }

    @Command(description = "Behaviour cloning: the base policy.", mixinStandardHelpOptions = true)
    int bc(@Mixin FromDemonstrations from) {
      return from.run(Pretraining::trainPolicy);
    }

    @Command(description = "The auto-encoder of frames.", mixinStandardHelpOptions = true)
    int vae(@Mixin FromDemonstrations from) {
      return from.run(Pretraining::trainVae);
    }

    @Command(
        name = "world-model",
        description = "The world model on demonstrations alone.",
        mixinStandardHelpOptions = true)
    int worldModel(@Mixin FromDemonstrations from) {
      return from.run(
          pretraining -> {
            pretraining.trainVae();
            pretraining.trainWorldModel();
          });
    }

    @Command(
        description = "The world model on the policy's rollouts too.",
        mixinStandardHelpOptions = true)
    int align(@Mixin FromRollouts from) {
      return from.run(round -> round.prepare().alignWorldModel());
    }

    @Command(
        description = "The reward classifier, with its threshold and whether it is fit.",
        mixinStandardHelpOptions = true)
    int reward(@Mixin FromRollouts from) {
      return from.run(
          round -> {
            Wmpo wmpo = round.prepare();
            wmpo.alignWorldModel();
            wmpo.trainRewardClassifier();
            System.out.println(wmpo.chooseThreshold());
          });
    }

    @Command(
        name = "joint-head",
        description = "The head that reads joint positions from latents.",
        mixinStandardHelpOptions = true)
    int jointHead(@Mixin FromRollouts from) {
      return from.run(
          round -> System.out.printf("mean error %.4f rad%n", round.prepare().trainJointHead()));
    }

    @Command(
        description = "Practice in imagination, after the stages before it.",
        mixinStandardHelpOptions = true)
    int grpo(@Mixin FromRollouts from) {
      return from.run(
          round -> {
            Wmpo.Result result = round.prepare().run();
            System.out.printf(
                "imagined success %.3f to %.3f%n",
                result.before().imagined().value(), result.after().value());
          });
    }

    @Command(
        description = "Success of a policy inside the world model, from the frames of bags.",
        mixinStandardHelpOptions = true)
    int imagine(
        @Mixin Common common,
        @Option(
                names = "--bags",
                required = true,
                paramLabel = "FILE",
                description = "Text with the path of a bag in each line.")
            Path bags,
        @Option(names = "--bundle", required = true, paramLabel = "BUNDLE") Path bundle,
        @Option(
                names = "--models",
                required = true,
                paramLabel = "DIR",
                description = "Auto-encoder and world model, as pretrain leaves them.")
            Path models,
        @Option(
                names = "--work",
                required = true,
                paramLabel = "DIR",
                description = "Folder of a round that has ended.")
            Path work,
        @Option(names = "--out", required = true, paramLabel = "FILE", description = "JSON.")
            Path out) {
      return common.run(
          () ->
              new ImaginedEvaluation(RoundWorld.open(bundle, models, work, common.seed, STOP))
                  .run(bags, common.cache(work), out));
    }

    @Command(
        description = "Imagined against real success of a policy, on bags that no stage has seen.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
          "0:imagination may be believed",
          "1:something is wrong with what was given",
          "3:imagination is surely further from the arm than audit.gap"
        })
    int audit(
        @Mixin Common common,
        @Option(
                names = "--bags",
                required = true,
                paramLabel = "DIR",
                description = "Bags of the policy, or a text with the path of one in each line.")
            Path bags,
        @Option(
                names = "--starts",
                defaultValue = "128",
                description = "Episodes that are started from at most (${DEFAULT-VALUE}).")
            int starts,
        @Option(names = "--bundle", required = true, paramLabel = "BUNDLE") Path bundle,
        @Option(
                names = "--models",
                required = true,
                paramLabel = "DIR",
                description = "Auto-encoder and world model, as pretrain leaves them.")
            Path models,
        @Option(
                names = "--work",
                required = true,
                paramLabel = "DIR",
                description = "Folder of a round that has ended.")
            Path work,
        @Option(names = "--out", required = true, paramLabel = "FILE", description = "JSON.")
            Path out) {
      Check.positive("--starts", starts);
      var believed = new AtomicBoolean();
      common.run(
          () ->
              believed.set(
                  new AuditRun(RoundWorld.open(bundle, models, work, common.seed, STOP))
                      .run(bags, starts, common.cache(work), out)));
      return believed.get() ? 0 : DISTRUSTED;
    }

    @Command(
        name = "untrained",
        description = "A policy with random weights, to record the first demonstrations with.",
        mixinStandardHelpOptions = true)
    int untrained(
        @Option(names = "--seed", defaultValue = "1") long seed,
        @Option(
                names = "--task",
                paramLabel = "FILE",
                description = "As of pretrain (default: the simulated arm's).")
            @Nullable Path task,
        @Option(
                names = "--instruction",
                required = true,
                description = "That it should understand; repeat for several.")
            List<String> instructions,
        @Option(names = "--out", required = true, paramLabel = "BUNDLE") Path out) {
      PolicyTask what = task == null ? PolicyTask.simulatedArm() : PolicyTask.read(task);
      Pretraining.untrained(what, instructions, seed).save(out);
      return 0;
    }
  }
}
