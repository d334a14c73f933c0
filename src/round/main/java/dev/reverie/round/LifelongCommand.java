package dev.reverie.round;

import dev.reverie.policy.PolicyBundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code reverie round}. */
@Command(
    name = "round",
    mixinStandardHelpOptions = true,
    description =
        "Round after round, on the simulated arm or from the bags of a real one; the same command goes on with a stopped run.",
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:all rounds have ended",
      "1:something is wrong; what has been done stays",
      "4:recordings are missing, and --no-wait was given"
    })
final class LifelongCommand implements Callable<Integer> {
  private static final int WAITING = 4;
  private static final int MOST_SEED = 1_000_000;

  @Option(
      names = "--out",
      defaultValue = "out/rounds",
      description = "folder of the run, new or under way (${DEFAULT-VALUE})")
  private Path out;

  @Option(
      names = "--rounds",
      defaultValue = "3",
      description = "that there are to be in all; a larger number goes on (${DEFAULT-VALUE})")
  private int rounds;

  @Option(
      names = "--bags",
      paramLabel = "DIR",
      description = "that the node of a real arm records to; else the arm is simulated")
  private @Nullable Path bags;

  @Option(
      names = "--demonstrations",
      paramLabel = "DIR",
      description =
          "bags that the base policy was made from; on the simulated arm the scripted expert's where not given")
  private @Nullable Path demonstrations;

  @Option(
      names = "--expert",
      defaultValue = "500",
      description = "demonstrations of the scripted expert (${DEFAULT-VALUE})")
  private int expert;

  @Option(
      names = "--models",
      defaultValue = "models",
      description = "base policy, auto-encoder and world model (${DEFAULT-VALUE})")
  private Path models;

  @Mixin private TaskOption task = new TaskOption();

  @Mixin private RunOptions options = new RunOptions();

  @Option(
      names = "--rollouts",
      defaultValue = "128",
      description = "new ones, in the first round and where imagination drifted (${DEFAULT-VALUE})")
  private int rollouts;

  @Option(
      names = "--episodes",
      defaultValue = "200",
      description = "of each evaluation, 8 or more (${DEFAULT-VALUE})")
  private int episodes;

  @Option(
      names = "--drift",
      defaultValue = "0.05",
      description =
          "new rollouts are asked for where imagined and real success surely differ by more, a share (${DEFAULT-VALUE})")
  private double drift;

  @Option(names = "--collect", description = "new rollouts in every round, drifted or not")
  private boolean collect;

  @Option(
      names = "--node",
      defaultValue = "/robot",
      description = "of the real arm (${DEFAULT-VALUE})")
  private String node;

  @Option(
      names = "--swap",
      description = "bring policies into that node; else the command that does so is printed")
  private boolean swap;

  @Option(names = "--no-wait", description = "end where recordings are missing, and say which")
  private boolean noWait;

  @Override
  public Integer call() throws IOException {
    NodeSwap.requireName(node);
    TrainerSettings settings = options.settings();
    var config = new Lifelong.Config(rounds, rollouts, episodes, drift, collect, settings);
    LifelongState.Run run = identity(settings);
    Console console = Console.standard();
    try (var _ = Folders.lock(out)) {
      LifelongState state = state(run, config);
      LifelongReport.write(out, state);
      int done = state.rounds().size();
      if (done >= rounds) {
        console.line("%d rounds have ended; --rounds %d goes on".formatted(done, done + 1));
      } else {
        try (Recorder recorder = recorder(settings, console)) {
          new Lifelong(config, out, models, state, recorder, console).run();
        }
      }
    } catch (WaitingException e) {
      System.out.println(e.getMessage());
      return WAITING;
    }
    System.out.println("overview: " + out.resolve("index.html"));
    return 0;
  }

  private LifelongState.Run identity(TrainerSettings settings) {
    long seed = options.seed();
    if (seed < 0 || seed > MOST_SEED) {
      throw new RoundException("--seed is %d, and must be from 0 to %d".formatted(seed, MOST_SEED));
    }
    if (bags != null && demonstrations == null) {
      throw new RoundException(
          "a real arm has no scripted expert; give --demonstrations, the bags that the base policy was made from");
    }
    if (bags != null && !task.usual()) {
      throw new RoundException(
          "--task is '%s', and a real arm has no task of the simulated one; leave it out"
              .formatted(task.name()));
    }
    if (bags != null && !Files.isDirectory(bags)) {
      throw new RoundException(
          "there is no folder %s; name the one that the robot node records to (its rollouts_dir)"
              .formatted(bags));
    }
    if (demonstrations != null) {
      requireLabelled(demonstrations);
    } else if (expert < 1) {
      throw new RoundException("--expert is %d, and must be 1 or more".formatted(expert));
    }
    return new LifelongState.Run(
        bags == null ? "" : absolute(bags),
        task.usual() ? "" : task.name(),
        seed,
        PolicyBundle.load(models.resolve("base")).id(),
        demonstrations == null ? "" : absolute(demonstrations),
        demonstrations == null ? expert : 0,
        settings.preset().orElse(""),
        settings.file().map(RoundTraining::read).orElseGet(RoundSummary.JSON::createObjectNode));
  }

  private static void requireLabelled(Path demonstrations) {
    if (Recorder.episodes(demonstrations).stream().noneMatch(Recorder::labelled)) {
      throw new RoundException(
          "there is no labelled recording in %s; give the demonstrations that the base policy was made from"
              .formatted(demonstrations));
    }
  }

  /** Settings that the trainer does not know are refused before anything is recorded. */
  private LifelongState state(LifelongState.Run run, Lifelong.Config config) {
    Path file = out.resolve("state.json");
    Optional<LifelongState> there = LifelongState.read(file);
    if (there.isPresent()) {
      there.get().require(run, out);
      return there.get();
    }
    config.settings().require(out.resolve("logs/settings.log"));
    LifelongState begun = LifelongState.begin(run);
    begun.write(file);
    return begun;
  }

  private static String absolute(Path path) {
    return path.toAbsolutePath().normalize().toString();
  }

  private Recorder recorder(TrainerSettings settings, Console console) {
    return bags == null
        ? SimulatedRecorder.start(
            console,
            task.name(),
            models.resolve("base"),
            settings.temperature(out.resolve("logs/settings.log")),
            out)
        : new BagsRecorder(console, bags, out, new NodeSwap(console, node, swap), !noWait);
  }
}
