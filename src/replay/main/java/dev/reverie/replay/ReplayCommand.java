package dev.reverie.replay;

import dev.reverie.arm.ArmException;
import dev.reverie.policy.BundleException;
import dev.reverie.rcljava.RclException;
import dev.reverie.replay.EpisodeMeasures.Column;
import dev.reverie.report.ReverieProcessException;
import dev.reverie.robot.setup.RobotException;
import dev.reverie.rollout.AlignmentOptions;
import dev.reverie.rollout.EpisodeException;
import dev.reverie.rollout.FileErrors;
import dev.reverie.rollout.Rollouts;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code reverie replay}: recorded episodes, given to a policy before it moves an arm. */
@Command(
    name = "replay",
    description = "Gives recorded episodes to a policy through the robot node, without an arm.",
    footer = {
      "",
      "Status: 0 all bags replayed, 1 failed, 2 wrong arguments, 3 some bags refused (named, with reason)."
    },
    mixinStandardHelpOptions = true)
public final class ReplayCommand implements Callable<Integer> {
  private static final int FAILED = 1;
  private static final int SOME_REFUSED = 3;

  @Parameters(arity = "1..*", paramLabel = "BAG", description = "Bags, or folders of them.")
  private List<Path> bags = List.of();

  @Option(names = "--policy", required = true, paramLabel = "BUNDLE", description = "To replay.")
  private Path policy;

  @Option(
      names = "--against",
      paramLabel = "BUNDLE",
      description = "To compare it with, on the same bags.")
  private @Nullable Path against;

  @Option(
      names = "--recorded-speed",
      description =
          "Play at the recorded speed with /clock, as a stock player does (default: in lock-step,"
              + " each observation that was acted on exactly once).")
  private boolean recordedSpeed;

  @Option(
      names = "--played",
      paramLabel = "DIR",
      description =
          "Play nothing: judge what a live robot node recorded here while a stock player played the"
              + " bags to it.")
  private @Nullable Path played;

  @Option(
      names = "--temperature",
      defaultValue = "0",
      description = "Of the tokens; 0: greedy (${DEFAULT-VALUE}).")
  private float temperature;

  @Option(
      names = "--seed",
      defaultValue = "1",
      description = "Of the tokens drawn and of imagination (${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--as-recorded",
      description = "With the temperature and the seed of each recorded episode.")
  private boolean asRecorded;

  @Option(
      names = "--camera",
      paramLabel = "NAME=TOPIC",
      description = "Which of a bag's topics is the policy's camera; repeat for several.")
  private Map<String, String> cameras = Map.of();

  @Option(
      names = "--topic",
      paramLabel = "KIND=TOPIC",
      description =
          "Which of a bag's topics is the arm's, where several could be: robot_description=/x.")
  private Map<String, String> topics = Map.of();

  @Mixin private AlignmentOptions tolerances = new AlignmentOptions();

  @ArgGroup(exclusive = false)
  private @Nullable WorldModel worldModel;

  /** Folders that imagination needs. */
  static final class WorldModel {
    @Option(
        names = "--models",
        required = true,
        paramLabel = "DIR",
        description = "Auto-encoder and world model: also tell imagined success.")
    private Path models;

    @Option(
        names = "--training",
        required = true,
        paramLabel = "DIR",
        description = "What the training of a round left in its work folder.")
    private Path training;
  }

  @Option(names = "--json", paramLabel = "FILE", description = "All numbers.")
  private @Nullable Path json;

  @Option(names = "--html", paramLabel = "FILE", description = "A page to look at.")
  private @Nullable Path html;

  ReplayCommand() {}

  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    var line = new CommandLine(new ReplayCommand());
    line.setExecutionExceptionHandler(
        (e, command, parsed) -> {
          if (e instanceof ReplayException
              || e instanceof IllegalArgumentException
              || e instanceof ReverieProcessException
              || e instanceof CancellationException
              || e instanceof RobotException
              || e instanceof ArmException
              || e instanceof BundleException
              || e instanceof EpisodeException
              || e instanceof RclException
              || e instanceof UncheckedIOException) {
            String why = e instanceof UncheckedIOException ? ": " + FileErrors.reason(e) : "";
            command.getErr().println("reverie replay: " + e.getMessage() + why);
            return FAILED;
          }
          throw e;
        });
    return line;
  }

  @Override
  public Integer call() {
    checkOptions();
    var options = new BagOptions(cameras, topics, tolerances.alignment());
    var mode = new ReplaySession.Mode(!recordedSpeed, asRecorded, temperature, seed);
    Replay.Player player = played == null ? ReplayedPolicy::play : new ReplayedFolder(played);
    var first = ReplayedPolicy.load(policy, mode);
    Optional<ReplayedPolicy> rival =
        Optional.ofNullable(against).map(path -> ReplayedPolicy.load(path, mode));
    try (var replay = new Replay(first, rival, player, !recordedSpeed && played == null, options)) {
      replay.run(find(replay), ReplayCommand::progress);
      imagine(replay);
      ReplayResult result =
          replay.result(
              party(policy, first),
              rival.map(r -> party(Objects.requireNonNull(against), r)),
              played != null ? "played" : recordedSpeed ? "recorded_speed" : "lock_step",
              mode);
      return tell(result);
    }
  }

  private void checkOptions() {
    if (!(temperature >= 0) || Float.isInfinite(temperature)) {
      throw new ReplayException(
          "--temperature is " + temperature + "; give 0 (greedy) or a positive number");
    }
    if (played != null && (recordedSpeed || against != null)) {
      throw new ReplayException(
          "--played tells of one policy that a node ran; leave out --recorded-speed and --against");
    }
    requireWritable("--json", json);
    requireWritable("--html", html);
  }

  /** Refuses a result that could not be written, before anything is replayed. */
  private static void requireWritable(String option, @Nullable Path file) {
    Optional.ofNullable(file)
        .flatMap(FileErrors::file)
        .ifPresent(
            why -> {
              throw new ReplayException("%s %s: %s; give a file".formatted(option, file, why));
            });
  }

  /** The bags that were named, and those below the folders that were. */
  private List<Path> find(Replay replay) {
    List<Path> found = new ArrayList<>();
    for (Path path : bags) {
      try {
        List<Path> below = Rollouts.bags(path);
        if (below.isEmpty()) {
          replay.refuse(path, "there is no bag in it; give a rosbag2 folder of MCAP files");
        }
        found.addAll(below);
      } catch (EpisodeException e) {
        replay.refuse(path, String.valueOf(e.getMessage()));
      }
    }
    return found;
  }

  private void imagine(Replay replay) {
    if (worldModel != null && !replay.episodes().isEmpty()) {
      var imagined = new ImaginedSuccess(worldModel.models, worldModel.training, seed);
      imagined.add(replay.episodes(), Column.POLICY, policy);
      if (against != null) {
        imagined.add(replay.episodes(), Column.AGAINST, against);
      }
    }
  }

  private static ReplayResult.Party party(Path folder, ReplayedPolicy policy) {
    return new ReplayResult.Party(folder.toString(), policy.id());
  }

  private int tell(ReplayResult result) {
    System.out.print(ReplayTable.of(result));
    if (json != null) {
      result.writeJson(json);
    }
    if (html != null) {
      ReplayPage.write(html, result);
      System.out.println("page: " + html);
    }
    if (result.episodes().isEmpty()) {
      return FAILED;
    }
    return result.refused().isEmpty() ? CommandLine.ExitCode.OK : SOME_REFUSED;
  }

  private static void progress(int done, int all) {
    if (System.console() != null && System.console().isTerminal()) {
      System.err.printf("\rreverie: replayed %d of %d ", done, all);
      if (done == all) {
        System.err.println();
      }
    } else if (100L * done / all != 100L * (done - 1) / all) { // a hundred lines at most
      System.err.printf("reverie: replayed %d of %d%n", done, all);
    }
  }
}
