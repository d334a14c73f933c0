package dev.reverie.trainer;

import dev.reverie.policy.BundleException;
import dev.reverie.rollout.EpisodeException;
import dev.reverie.rollout.FileErrors;
import dev.reverie.trainer.data.PolicyTask;
import dev.reverie.trainer.nn.Check;
import dev.reverie.trainer.nn.TrainerException;
import dev.reverie.trainer.onnx.OnnxException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code reverie pretrain} and {@code reverie train}: from recordings to policies. */
@Command(
    name = "reverie",
    description = "Trains policies from recordings.",
    mixinStandardHelpOptions = true,
    subcommands = {TrainCommand.Pretrain.class, TrainCommand.Train.class})
public final class TrainCommand {
  private static final int FAILED = 1;
  private static final int DISTRUSTED = 3;

  static final StopSignal STOP = new StopSignal();

  private TrainCommand() {}

  public static void main(String[] args) {
    STOP.watch();
    System.exit(STOP.status(commandLine().execute(args)));
  }

  static CommandLine commandLine() {
    CommandLine commandLine = new CommandLine(new TrainCommand());
    commandLine.setCaseInsensitiveEnumValuesAllowed(true);
    commandLine.setExecutionStrategy(
        parsed -> {
          try {
            return new CommandLine.RunLast().execute(parsed);
          } catch (OutOfMemoryError e) {
            return heapFull(commandLine, e);
          } catch (CommandLine.ExecutionException e) {
            if (e.getCause() instanceof OutOfMemoryError full) {
              return heapFull(commandLine, full);
            }
            throw e;
          }
        });
    commandLine.setExecutionExceptionHandler(
        (e, command, result) -> {
          if (e instanceof TrainerException
              || e instanceof BundleException
              || e instanceof EpisodeException
              || e instanceof OnnxException
              || e instanceof IllegalArgumentException) {
            return failed(command, e.getMessage());
          }
          if (e instanceof UncheckedIOException) {
            String why = FileErrors.reason(e);
            return failed(command, e.getMessage() + ": " + why + remedy(why));
          }
          Optional<String> memory = outOfMemory(e);
          if (memory.isPresent()) {
            return failed(command, memory.get());
          }
          throw e;
        });
    return commandLine;
  }

  /** Words in which libtorch, CUDA and Java say how much they were asked for. */
  private static final Pattern ASKED =
      Pattern.compile("(?:[Tt]ried to allocate|Cannot reserve) (\\d[\\d.]* \\w+)");

  /** Returns what helps where the system says why a file could not be written. */
  private static String remedy(String why) {
    return why.contains("space left") || why.contains("quota") || why.contains("too large")
        ? "; make room there, or choose another folder: the same command goes on where it was"
        : "";
  }

  private static int heapFull(CommandLine command, OutOfMemoryError e) {
    return failed(
        command,
        outOfMemory(String.valueOf(e.getMessage()))
            + " REVERIE_JAVA_OPTIONS=-Xmx8g gives Java 8 GiB, where the machine has more.");
  }

  /** Tells why a command ends, behind its name. */
  private static int failed(CommandLine command, @Nullable String why) {
    command.getErr().println(command.getCommandSpec().qualifiedName() + ": " + why);
    return FAILED;
  }

  /**
   * Returns what libtorch says where memory is not given to it, without its stack; empty for the
   * rest.
   */
  private static Optional<String> outOfMemory(Exception e) {
    String said = String.valueOf(e.getMessage());
    if (!(e instanceof RuntimeException)
        || !(said.contains("allocate memory")
            || said.contains("bad_alloc")
            || said.contains("out of memory"))) { // CUDA's
      return Optional.empty();
    }
    return Optional.of(outOfMemory(said));
  }

  private static String outOfMemory(String said) {
    Matcher asked = ASKED.matcher(said);
    return "out of memory: %s%nMake batches or networks smaller (batch, miniBatch, groups, width), or give the trainer a larger machine; the same command goes on where it was."
        .formatted(
            asked.find()
                ? "there is no room for %s more".formatted(asked.group(1))
                : said.contains("heap") ? "Java's heap is full" : "the machine has no more");
  }

  /** {@code reverie pretrain}. */
  @Command(
      name = "pretrain",
      description = "Demonstrations to a base policy, an auto-encoder and a world model.",
      mixinStandardHelpOptions = true)
  static final class Pretrain implements Callable<Integer> {
    @Mixin private TrainOptions.FromDemonstrations from = new TrainOptions.FromDemonstrations();
    @Mixin private DryRunOptions dry = new DryRunOptions();

    @Override
    public Integer call() {
      return dry.wanted() ? from.dryRun(dry) : from.run(Pretraining::run);
    }
  }

  /** {@code reverie train}: a round, or one stage of it. */
  @Command(
      name = "train",
      description = "A round of training from rollouts, or one stage of it alone.",
      mixinStandardHelpOptions = true,
      subcommands = PlayCommand.class,
      synopsisSubcommandLabel = "STAGE")
  static final class Train {
    @Command(
        description = "The whole round: rollouts to a better policy.",
        mixinStandardHelpOptions = true)
    int improve(
        @Mixin TrainOptions.FromRollouts from,
        @Mixin DryRunOptions dry,
        @Option(
                names = "--out",
                required = true,
                paramLabel = "BUNDLE",
                description = "The improved policy; must not exist yet.")
            Path out) {
      if (dry.wanted()) {
        return from.dryRun(dry);
      }
      Improvement.requireNew(out);
      return from.run(round -> round.run(out));
    }

    @Command(
        name = "clone-successes",
        description = "A baseline: clones demonstrations and successful rollouts.",
        mixinStandardHelpOptions = true)
    int cloneSuccesses(@Mixin TrainOptions.OfBaseline of) {
      return of.run("cloning of successes", Baselines::cloneSuccesses);
    }

    @Command(
        name = "clone-by-advantage",
        description = "A baseline: clones all rollouts, told which ended well.",
        mixinStandardHelpOptions = true)
    int cloneByAdvantage(@Mixin TrainOptions.OfBaseline of) {
      return of.run("cloning by advantage", Baselines::cloneByAdvantage);
    }

    @Command(
        description = "A baseline: direct preference optimisation, successes before failures.",
        mixinStandardHelpOptions = true)
    int dpo(@Mixin TrainOptions.OfBaseline of) {
      return of.run("DPO", Baselines::dpo);
    }

    @Command(
        name = "online-grpo",
        description =
            "A baseline: practice on the arm itself; waits for the rollouts that it asks for.",
        mixinStandardHelpOptions = true)
    int onlineGrpo(@Mixin TrainOptions.OnArm onArm) {
      return onArm.run();
    }

    @Command(description = "Behaviour cloning: the base policy.", mixinStandardHelpOptions = true)
    int bc(@Mixin TrainOptions.FromDemonstrations from) {
      return from.run(Pretraining::trainPolicy);
    }

    @Command(description = "The auto-encoder of frames.", mixinStandardHelpOptions = true)
    int vae(@Mixin TrainOptions.FromDemonstrations from) {
      return from.run(Pretraining::trainVae);
    }

    @Command(
        name = "world-model",
        description = "The world model on demonstrations alone.",
        mixinStandardHelpOptions = true)
    int worldModel(@Mixin TrainOptions.FromDemonstrations from) {
      return from.run(
          pretraining -> {
            pretraining.trainVae();
            pretraining.trainWorldModel();
          });
    }

    @Command(
        description = "The world model on the policy's rollouts too.",
        mixinStandardHelpOptions = true)
    int align(@Mixin TrainOptions.FromRollouts from) {
      return from.run(round -> round.prepare().alignWorldModel());
    }

    @Command(
        description = "The reward classifier, with its threshold and whether it is fit.",
        mixinStandardHelpOptions = true)
    int reward(@Mixin TrainOptions.FromRollouts from) {
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
    int jointHead(@Mixin TrainOptions.FromRollouts from) {
      return from.run(
          round -> System.out.printf("mean error %.4f rad%n", round.prepare().trainJointHead()));
    }

    @Command(
        description = "Practice in imagination, after the stages before it.",
        mixinStandardHelpOptions = true)
    int grpo(@Mixin TrainOptions.FromRollouts from) {
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
        @Mixin TrainOptions.OfRound round,
        @Option(
                names = "--bags",
                required = true,
                paramLabel = "FILE",
                description = "Text with the path of a bag in each line.")
            Path bags) {
      return round.run(
          world -> new ImaginedEvaluation(world).run(bags, round.cache(), round.out()));
    }

    @Command(
        description = "Imagined against real success of a policy, on bags that no stage has seen.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
          "0:imagination may be believed",
          "1:something is wrong with what was given",
          "3:imagination is not to be believed: surely too hopeful by more than audit.gap, or deaf to actions"
        })
    int audit(
        @Mixin TrainOptions.OfRound round,
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
            int starts) {
      Check.positive("--starts", starts);
      var believed = new AtomicBoolean();
      round.run(
          world -> believed.set(new AuditRun(world).run(bags, starts, round.cache(), round.out())));
      return believed.get() ? 0 : DISTRUSTED;
    }

    @Command(
        description = "Whether episodes succeeded, by the reward classifier of a round.",
        mixinStandardHelpOptions = true)
    int judge(
        @Mixin TrainOptions.OfRound round,
        @Option(
                names = "--bags",
                required = true,
                paramLabel = "DIR",
                description = "Bags, labelled or not, or a text with the path of one in each line.")
            Path bags) {
      return round.run(world -> new JudgeRun(world).run(bags, round.cache(), round.out()));
    }

    @Command(
        description = "Whether a policy can be trained: one draw and its gradient; trains nothing.",
        mixinStandardHelpOptions = true)
    int check(@Parameters(paramLabel = "BUNDLE", description = "The policy.") Path bundle) {
      PolicyTrial.run(bundle).forEach(System.out::println);
      return 0;
    }

    @Command(
        description = "Prints all settings as JSON, after it has checked them.",
        mixinStandardHelpOptions = true)
    void settings(@Mixin RunOptions.Chosen chosen) {
      System.out.println(RunReport.JSON.valueToTree(chosen.settings()).toPrettyString());
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
