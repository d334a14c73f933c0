package dev.reverie.round;

import dev.reverie.policy.BundleException;
import dev.reverie.report.ReverieProcessException;
import dev.reverie.rollout.EpisodeException;
import dev.reverie.rollout.Unwritable;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * {@code reverie demo}, {@code reverie round}, {@code reverie online-grpo}, {@code reverie
 * evaluate} and {@code reverie demonstrate}.
 */
@Command(
    name = "reverie",
    description = "Rounds and evaluations on the simulated arm.",
    subcommands = {
      RoundCommand.DemoCommand.class,
      LifelongCommand.class,
      OnlineGrpoCommand.class,
      RoundCommand.EvaluateCommand.class,
      RoundCommand.DemonstrateCommand.class
    },
    mixinStandardHelpOptions = true)
public final class RoundCommand {
  private RoundCommand() {}

  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    var line = new CommandLine(new RoundCommand());
    line.setExecutionExceptionHandler(
        (e, command, parsed) -> {
          if (e instanceof UncheckedIOException) {
            System.err.println("reverie: " + e.getMessage() + ": " + Unwritable.reason(e));
            return 1;
          }
          System.err.println("reverie: " + e.getMessage());
          if (!(e instanceof RoundException
              || e instanceof ReverieProcessException
              || e instanceof BundleException
              || e instanceof EpisodeException)) {
            e.printStackTrace();
          }
          return 1;
        });
    return line;
  }

  @Command(
      name = "demo",
      mixinStandardHelpOptions = true,
      description = "One whole round on the simulated arm.",
      exitCodeListHeading = "%nExit status:%n",
      exitCodeList = {
        "0:the round ended",
        "1:it did not",
        "3:it ended, and the better policy was not swapped in, for imagination is not to be believed"
      })
  static final class DemoCommand implements Callable<Integer> {
    private static final int NOT_SWAPPED = 3;

    @Mixin private RunOptions run = new RunOptions();

    @Option(
        names = "--out",
        defaultValue = "out/demo",
        description = "an empty or new folder (${DEFAULT-VALUE})")
    private Path out;

    @Option(names = "--models", defaultValue = "models", description = "${DEFAULT-VALUE}")
    private Path models;

    @Option(
        names = "--from-scratch",
        description = "also make base policy, auto-encoder and world model from demonstrations")
    private boolean fromScratch;

    @Option(
        names = "--after",
        description = "folder of the round before: goes on with its policy, world model and bags")
    private @Nullable Path before;

    @Option(names = "--demonstrations", defaultValue = "500", description = "${DEFAULT-VALUE}")
    private int demonstrations;

    @Option(names = "--rollouts", defaultValue = "128", description = "${DEFAULT-VALUE}")
    private int rollouts;

    @Option(
        names = "--episodes",
        defaultValue = "500",
        description = "of each evaluation (${DEFAULT-VALUE})")
    private int episodes;

    @Option(
        names = "--despite-audit",
        description =
            "swap the better policy in even where imagination was surely too hopeful about the base")
    private boolean despiteAudit;

    @Override
    public Integer call() {
      var config =
          new Demo.Config(
              run.seed(),
              demonstrations,
              rollouts,
              episodes,
              fromScratch,
              despiteAudit,
              run.settings());
      Console console = Console.standard();
      var demo =
          before == null
              ? Demo.first(config, out, models, console)
              : Demo.after(config, out, before, console);
      RoundSummary summary = demo.run();
      System.out.println(summary.table());
      System.out.println("report: " + out.resolve("report.html"));
      return summary.improved().isPresent() ? 0 : NOT_SWAPPED;
    }
  }

  /** Another arm than the planar one. */
  static final class Other {
    @Option(
        names = "--scene",
        required = true,
        paramLabel = "FILE",
        description = "MJCF or URDF that another arm than the planar one is simulated in")
    private Path scene;

    @Option(
        names = "--arm",
        required = true,
        paramLabel = "FILE",
        description = "the arm file of that arm")
    private Path arm;
  }

  /** Options of the commands that run episodes alone. */
  static final class Episodes {
    private static final Path BASE = Path.of("models/base");

    @Option(
        names = "--bundle",
        description = "what the robot node starts with (models/base; with --arm: none)")
    private @Nullable Path bundle;

    @ArgGroup(exclusive = false)
    private @Nullable Other other;

    @Option(names = "--episodes", defaultValue = "500", description = "${DEFAULT-VALUE}")
    private int episodes;

    @Option(names = "--seed", defaultValue = "1", description = "${DEFAULT-VALUE}")
    private long seed;

    @Option(names = "--out", required = true, description = "folder of bags and logs")
    private Path out;

    private Path bags(Phase phase) {
      return out.resolve(phase.folder());
    }

    private Success run(Phase phase, float temperature, int executed) {
      Optional<ArmCell.OtherArm> arm =
          Optional.ofNullable(other).map(given -> new ArmCell.OtherArm(given.scene, given.arm));
      Optional<Path> first =
          Optional.ofNullable(bundle)
              .or(() -> arm.isEmpty() ? Optional.of(BASE) : Optional.empty());
      if (first.isEmpty() && phase != Phase.DEMONSTRATION) {
        throw new RoundException("there is no policy to evaluate; give --bundle");
      }
      try (var cell = ArmCell.start(arm, first, executed, out)) {
        return Success.of(
            new EpisodeBatch(Console.standard(), cell, seed)
                .run(phase, 0, episodes, temperature, bags(phase)));
      }
    }
  }

  @Command(
      name = "evaluate",
      mixinStandardHelpOptions = true,
      description = "Real success of a bundle on the simulated arm.")
  static final class EvaluateCommand implements Callable<Integer> {
    @Mixin private Episodes of = new Episodes();

    @Option(
        names = "--temperature",
        defaultValue = "1",
        description = "of the tokens; 0: greedy (${DEFAULT-VALUE})")
    private float temperature;

    @Option(
        names = "--executed",
        paramLabel = "N",
        defaultValue = "0",
        description = "actions of a chunk that are carried out; 0: all (${DEFAULT-VALUE})")
    private int executed;

    @Option(
        names = "--compared-to",
        paramLabel = "DIR",
        description = "--out of an evaluation on the same scenes; tells the gain over it")
    private @Nullable Path earlier;

    @Override
    public Integer call() {
      Optional<Scenes> before = Optional.ofNullable(earlier).map(Scenes::evaluated);
      System.out.println("success " + of.run(Phase.EVALUATION, temperature, executed));
      before.ifPresent(
          scenes ->
              System.out.println("gain " + scenes.gain(Scenes.of(of.bags(Phase.EVALUATION)))));
      return 0;
    }
  }

  @Command(
      name = "demonstrate",
      mixinStandardHelpOptions = true,
      description = "Demonstrations of the scripted expert on the simulated arm.")
  static final class DemonstrateCommand implements Callable<Integer> {
    @Mixin private Episodes of = new Episodes();

    @Override
    public Integer call() {
      System.out.println("success " + of.run(Phase.DEMONSTRATION, 0, 0));
      return 0;
    }
  }
}
