package dev.reverie.round;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code reverie online-grpo}. */
@Command(
    name = "online-grpo",
    mixinStandardHelpOptions = true,
    description =
        "A baseline: GRPO on the simulated arm itself, without a world model; the same command goes"
            + " on with a stopped run.")
final class OnlineGrpoCommand implements Callable<Integer> {
  @Option(
      names = "--bundle",
      defaultValue = "models/base",
      description = "the policy that practises (${DEFAULT-VALUE})")
  private Path bundle;

  @Option(
      names = "--out",
      defaultValue = "out/online-grpo",
      description = "folder of the run, new or under way (${DEFAULT-VALUE})")
  private Path out;

  @Mixin private TaskOption task = new TaskOption();

  @Mixin private RunOptions options = new RunOptions();

  @Override
  public Integer call() throws IOException {
    Console console = Console.standard();
    try (var _ = Folders.lock(out)) {
      options.settings().require(out.resolve("logs/settings.log"));
      Folders.delete(out.resolve(ArmCell.RECORDING)); // of a process that was killed
      var scene = SimulatedScene.task(task.name());
      try (var cell = ArmCell.start(scene, Optional.of(bundle), out)) {
        var training =
            new RoundTraining(
                out,
                out.resolve("cache"),
                options.seed(),
                options.settings(),
                console,
                cell::await);
        var batch = new EpisodeBatch(console, cell, options.seed());
        Success recorded = new OnlineGrpo(training, cell, batch).run(bundle);
        System.out.println("rollouts " + recorded);
        System.out.println("policy: " + training.improved());
      }
    }
    return 0;
  }
}
