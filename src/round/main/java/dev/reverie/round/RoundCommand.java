package dev.reverie.round;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code reverie demo} and {@code reverie evaluate}. */
@Command(
    name = "reverie",
    description = "Rounds and evaluations on the simulated arm.",
    subcommands = {RoundCommand.DemoCommand.class, RoundCommand.EvaluateCommand.class},
    mixinStandardHelpOptions = true)
public final class RoundCommand {

  private RoundCommand() {}

  public static void main(String[] args) {
    var line = new CommandLine(new RoundCommand());
    line.setExecutionExceptionHandler(
        (e, command, parsed) -> {
          System.err.println("reverie: " + e.getMessage());
          if (!(e instanceof RoundException)) {
            e.printStackTrace();
          }
          return 1;
        });
    System.exit(line.execute(args));
  }

  @Command(name = "demo", description = "One whole round on the simulated arm.")
  static final class DemoCommand implements Callable<Integer> {

    @Option(names = "--seed", defaultValue = "1", description = "of everything that is drawn")
    private long seed;

    @Option(
        names = "--out",
        defaultValue = "out/demo",
        description = "an empty or new folder (${DEFAULT-VALUE})")
    private Path out = Path.of("");

    @Option(names = "--models", defaultValue = "models", description = "${DEFAULT-VALUE}")
    private Path models = Path.of("");

    @Option(
        names = "--from-scratch",
        description = "also make base policy, VAE and world model from demonstrations")
    private boolean fromScratch;

    @Option(names = "--demonstrations", defaultValue = "500", description = "${DEFAULT-VALUE}")
    private int demonstrations;

    @Option(names = "--rollouts", defaultValue = "128", description = "${DEFAULT-VALUE}")
    private int rollouts;

    @Option(
        names = "--episodes",
        defaultValue = "500",
        description = "of each evaluation (${DEFAULT-VALUE})")
    private int episodes;

    @Override
    public Integer call() {
      var config = new Demo.Config(seed, demonstrations, rollouts, episodes, fromScratch);
      var summary = new Demo(config, out, models).run();
      Report.write(out, summary);
      System.out.println(summary.table());
      System.out.println("report: " + out.resolve("report.html"));
      return 0;
    }
  }

  @Command(name = "evaluate", description = "Real success of a bundle on the simulated arm.")
  static final class EvaluateCommand implements Callable<Integer> {

    @Option(names = "--bundle", required = true)
    private Path bundle = Path.of("");

    @Option(names = "--episodes", defaultValue = "500", description = "${DEFAULT-VALUE}")
    private int episodes;

    @Option(names = "--seed", defaultValue = "1", description = "${DEFAULT-VALUE}")
    private long seed;

    @Option(
        names = "--temperature",
        defaultValue = "1",
        description = "of the tokens; 0: greedy (${DEFAULT-VALUE})")
    private float temperature;

    @Option(
        names = "--out",
        defaultValue = "out/evaluation",
        description = "folder of bags and logs (${DEFAULT-VALUE})")
    private Path out = Path.of("");

    @Override
    public Integer call() {
      try (var cell = ArmCell.start(bundle, out)) {
        var success =
            new EpisodeBatch(cell, seed)
                .run(Phase.EVALUATION, 0, episodes, temperature, out.resolve("rollouts"));
        System.out.println("success " + success);
      }
      return 0;
    }
  }
}
