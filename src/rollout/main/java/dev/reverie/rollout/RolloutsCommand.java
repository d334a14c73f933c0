package dev.reverie.rollout;

import dev.reverie.mcap.rosbag2.Rosbag2;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code reverie rollouts}: looks at recorded episodes, labels, checks and repairs them. */
@Command(
    name = "reverie rollouts",
    description = "Recorded episodes: one rosbag2 folder each.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {ListCommand.class, ShowCommand.class},
    // Of another module, so that none but they carry its libraries: the launcher starts them.
    footer = {
      "",
      "Other formats:",
      "  export   A LeRobot dataset of recorded episodes.",
      "  import   Rollouts of the episodes of a LeRobot dataset, or of any rosbag2.",
      "",
      "Exit codes:",
      "  0   done, nothing wrong",
      "  1   some episode is damaged or cannot be done as asked; each is named",
      "  2   the command line is wrong"
    })
public final class RolloutsCommand {
  static final int OK = 0;
  static final int PROBLEMS = 1;

  @Spec private CommandSpec spec;

  private RolloutsCommand() {
    spec = CommandSpec.create();
  }

  /** Runs the command and ends the process with its exit code. */
  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    CommandLine commandLine = new CommandLine(new RolloutsCommand());
    commandLine.setCaseInsensitiveEnumValuesAllowed(true);
    commandLine.setExecutionExceptionHandler(
        (e, command, result) -> {
          if (e instanceof EpisodeException || e instanceof IllegalArgumentException) {
            command.getErr().println("reverie rollouts: " + e.getMessage());
            return PROBLEMS;
          }
          throw e;
        });
    return commandLine;
  }

  @Command(
      description = "Says how episodes went; the last word holds. Nothing told before is changed.",
      mixinStandardHelpOptions = true)
  int label(
      @Parameters(paramLabel = "BAG", arity = "1..*", description = "Folders of rollouts.")
          List<Path> bags,
      @Option(
              names = "--outcome",
              required = true,
              description = "One of ${COMPLETION-CANDIDATES}.")
          EpisodeOutcome.Kind outcome,
      @Option(names = "--by", required = true, description = "Who says so.") String labeller,
      @Option(names = "--reason", defaultValue = "", description = "Why.") String reason,
      @Option(
              names = "--at",
              paramLabel = "SECONDS",
              description =
                  "When the success came, from the episode's beginning on. What came later does not count. Without it: as told before, or else nobody knows.")
          @Nullable Double at,
      @Option(names = "--json", description = "As JSON.") boolean json) {
    EpisodeOutcome.fault(labeller, reason)
        .ifPresent(
            fault -> {
              throw new IllegalArgumentException(fault + " (--by, --reason)");
            });
    if (at != null && outcome != EpisodeOutcome.Kind.SUCCESS) {
      throw new IllegalArgumentException(
          "--at %s says when a success came, and the outcome is %s; leave --at out"
              .formatted(at, RolloutTable.word(outcome)));
    }
    Map<String, String> problems = new LinkedHashMap<>();
    for (Path bag : bags) {
      String problem = "";
      try {
        long stamp = at == null ? 0 : EpisodeSpan.read(bag).at(at);
        Rollouts.label(bag, new EpisodeOutcome(outcome, stamp, labeller, reason));
      } catch (EpisodeException e) {
        problem = String.valueOf(e.getMessage());
      }
      problems.put(bag.toString(), problem);
      if (!json) {
        String word = RolloutTable.word(outcome);
        print(problem.isEmpty() ? "%s: %s, says %s".formatted(bag, word, labeller) : problem);
      }
    }
    if (json) {
      print(RolloutJson.text(problems));
    }
    return problems.values().stream().allMatch(String::isEmpty) ? OK : PROBLEMS;
  }

  @Command(
      description = {
        "Reads every byte and says what is wrong; exit code 1 where something is, or where there is no rollout at all. What training cannot use of a bag that is well, and what is being recorded just now, is told too, with exit code 0."
      },
      mixinStandardHelpOptions = true)
  int verify(
      @Parameters(paramLabel = "DIR", arity = "1..*", description = "Rollouts, or folders of them.")
          List<Path> folders,
      @Mixin AlignmentOptions tolerances,
      @Option(names = "--json", description = "As JSON.") boolean json) {
    Alignment alignment = tolerances.alignment();
    List<Path> bags = bags(folders);
    Map<Path, BagReport> reports = new LinkedHashMap<>();
    Map<String, Path> seen = new LinkedHashMap<>();
    for (Checked checked : bags.parallelStream().map(bag -> Checked.of(bag, alignment)).toList()) {
      BagReport report = checked.report;
      Path twin = report.problems().isEmpty() ? seen.putIfAbsent(checked.id, checked.bag) : null;
      reports.put(
          checked.bag,
          twin == null
              ? report
              : new BagReport(
                  false,
                  List.of("it has the same episode id as " + twin + "; remove the copy"),
                  report.notes()));
    }
    long recording = reports.values().stream().filter(BagReport::recording).count();
    long damaged =
        reports.values().stream().filter(r -> !r.recording() && !r.problems().isEmpty()).count();
    if (json) {
      Map<String, BagReport> fields = new LinkedHashMap<>();
      reports.forEach((bag, report) -> fields.put(bag.toString(), report));
      print(RolloutJson.text(fields));
    } else {
      reports.forEach(
          (bag, report) ->
              Stream.concat(report.problems().stream(), report.notes().stream())
                  .map(text -> BagReport.withoutName(bag, text))
                  .forEach(text -> print("%s: %s".formatted(bag, text))));
      print(
          "%d of %d episodes are whole%s"
              .formatted(
                  reports.size() - recording - damaged,
                  reports.size(),
                  recording == 0 ? "" : ", %d being recorded".formatted(recording)));
    }
    return damaged == 0 && !bags.isEmpty() ? OK : PROBLEMS;
  }

  /** A bag that was read. */
  private record Checked(Path bag, String id, BagReport report) {
    static Checked of(Path bag, Alignment alignment) {
      BagReport report = Rollouts.check(bag, alignment);
      boolean whole = report.problems().isEmpty();
      return new Checked(bag, whole ? Rollouts.summary(bag).id() : "", report);
    }
  }

  @Command(
      description = {
        "Makes cut off or damaged bags whole again, as far as they can be read; exit code 1 where one cannot be, or where no episode is left in it. Each is named, and what was lost."
      },
      mixinStandardHelpOptions = true)
  int recover(
      @Parameters(paramLabel = "DIR", arity = "1..*", description = "Rollouts, or folders of them.")
          List<Path> folders,
      @Option(names = "--json", description = "As JSON.") boolean json) {
    List<Recovered> all = bags(folders).parallelStream().map(Recovered::of).toList();
    if (json) {
      Map<String, Object> fields = new LinkedHashMap<>();
      all.forEach(
          r ->
              fields.put(
                  r.bag.toString(),
                  Map.of("state", r.state.word, "done", r.done, "problem", r.problem)));
      print(RolloutJson.text(fields));
    } else {
      for (Recovered recovered : all) {
        recovered.done.stream()
            .map(line -> BagReport.withoutName(recovered.bag, line))
            .forEach(line -> print("%s: %s".formatted(recovered.bag, line)));
        if (!recovered.problem.isEmpty()) {
          print(recovered.problem);
        }
      }
      print(
          Stream.of(Recovered.State.values())
              .filter(state -> state != Recovered.State.RECORDING || count(all, state) > 0)
              .map(state -> "%d %s".formatted(count(all, state), state.word))
              .collect(Collectors.joining(", ")));
    }
    return all.stream().allMatch(r -> r.problem.isEmpty()) ? OK : PROBLEMS;
  }

  private static long count(List<Recovered> all, Recovered.State state) {
    return all.stream().filter(r -> r.state == state).count();
  }

  /**
   * A bag with what was done to it.
   *
   * @param problem why it could not be made whole, or holds no episode; empty where neither is so
   */
  private record Recovered(Path bag, State state, List<String> done, String problem) {
    /** States of a bag. */
    enum State {
      WHOLE("whole"),
      MADE_WHOLE("made whole"),
      RECORDING("being recorded"),
      NO_EPISODE("without an episode"),
      LOST("that cannot be");

      private final String word;

      State(String word) {
        this.word = word;
      }
    }

    static Recovered of(Path bag) {
      if (Rosbag2.isBeingWritten(bag)) {
        String told = "%s is %s".formatted(bag, BagFiles.BEING_RECORDED);
        return new Recovered(bag, State.RECORDING, List.of(told), "");
      }
      List<String> done = List.of();
      try {
        done = Rollouts.recover(bag);
        Optional<String> lost = Rollouts.lostEpisode(bag);
        return lost.isPresent()
            ? new Recovered(bag, State.NO_EPISODE, done, lost.get())
            : new Recovered(bag, done.isEmpty() ? State.WHOLE : State.MADE_WHOLE, done, "");
      } catch (EpisodeException e) {
        return new Recovered(bag, State.LOST, done, String.valueOf(e.getMessage()));
      }
    }
  }

  /**
   * The bags in folders. One that is empty is told to be so; one that has other things stands for
   * itself, and is told to be no bag.
   */
  private List<Path> bags(List<Path> folders) {
    List<Path> bags = new ArrayList<>();
    for (Path folder : folders) {
      List<Path> found = Rollouts.bags(folder);
      if (found.isEmpty() && Rollouts.isEmpty(folder)) {
        PrintWriter err = spec.commandLine().getErr();
        err.println("reverie rollouts: %s has no rollouts yet".formatted(folder));
        err.flush();
      } else {
        bags.addAll(found.isEmpty() ? List.of(folder) : found);
      }
    }
    return bags;
  }

  private void print(String text) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(text);
    out.flush();
  }
}
