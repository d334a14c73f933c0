package dev.reverie.round;

import dev.reverie.policy.BundleException;
import dev.reverie.rcljava.RclException;
import dev.reverie.report.ReverieProcessException;
import dev.reverie.rollout.EpisodeException;
import dev.reverie.rollout.FileErrors;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
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
      EvaluateCommand.class,
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
            System.err.println("reverie: " + e.getMessage() + ": " + FileErrors.reason(e));
            return 1;
          }
          System.err.println("reverie: " + e.getMessage());
          if (!(e instanceof RoundException
              || e instanceof ReverieProcessException
              || e instanceof BundleException
              || e instanceof RclException
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
    private static final Path OWN_MODELS = Path.of("models");

    @Mixin private RunOptions run = new RunOptions();

    @Mixin private TaskOption task = new TaskOption();

    @Option(
        names = "--out",
        defaultValue = "out/demo",
        description = "an empty or new folder (${DEFAULT-VALUE})")
    private Path out;

    @Option(names = "--models", defaultValue = "models", description = "${DEFAULT-VALUE}")
    private Path models = OWN_MODELS;

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
      if (!task.usual() && !fromScratch && before == null && models.equals(OWN_MODELS)) {
        throw new RoundException(
            "models/ are of the task '%s', and --task is '%s'; add --from-scratch, or name its own with --models"
                .formatted(SimulatedScene.INSERT, task.name()));
      }
      var config =
          new Demo.Config(
              run.seed(),
              task.name(),
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

  @Command(
      name = "demonstrate",
      mixinStandardHelpOptions = true,
      description = "Demonstrations of the scripted expert on the simulated arm.")
  static final class DemonstrateCommand implements Callable<Integer> {
    @Mixin private EpisodeOptions of = new EpisodeOptions();

    @Override
    public Integer call() {
      System.out.println("success " + of.run(Phase.DEMONSTRATION, 0, 0));
      return 0;
    }
  }
}
