package dev.reverie.rollout;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
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
      "LeRobot datasets:",
      "  export   A dataset of recorded episodes.",
      "  import   Rollouts of the episodes of a dataset.",
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

  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    CommandLine commandLine = new CommandLine(new RolloutsCommand());
    commandLine.setCaseInsensitiveEnumValuesAllowed(true);
    commandLine.setExecutionExceptionHandler(
        (e, command, result) -> {
          if (e instanceof EpisodeException || e instanceof IllegalArgumentException) {
            command.getErr().println(e.getMessage());
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
      @Option(names = "--reason", defaultValue = "", description = "Why.") String reason) {
    int failed = 0;
    for (Path bag : bags) {
      try {
        Rollouts.label(bag, outcome, labeller, reason);
        print("%s: %s, says %s".formatted(bag, RolloutTable.word(outcome), labeller));
      } catch (EpisodeException e) {
        print(String.valueOf(e.getMessage()));
        failed++;
      }
    }
    return failed == 0 ? OK : PROBLEMS;
  }

  @Command(
      description = "Reads every byte and says what is wrong; exit code 1 where something is.",
      mixinStandardHelpOptions = true)
  int verify(
      @Parameters(paramLabel = "DIR", arity = "1..*", description = "Rollouts, or folders of them.")
          List<Path> folders,
      @Option(names = "--json", description = "As JSON.") boolean json) {
    Map<String, List<String>> problems = new LinkedHashMap<>();
    Map<String, Path> seen = new LinkedHashMap<>();
    for (Path bag : bags(folders)) {
      List<String> found = new ArrayList<>(Rollouts.verify(bag));
      if (found.isEmpty()) {
        Path twin = seen.putIfAbsent(Rollouts.summary(bag).id(), bag);
        if (twin != null) {
          found.add("it has the same episode id as " + twin + "; remove the copy");
        }
      }
      problems.put(bag.toString(), found);
    }
    long damaged = problems.values().stream().filter(found -> !found.isEmpty()).count();
    if (json) {
      print(RolloutJson.text(problems));
    } else {
      problems.forEach(
          (bag, found) -> found.forEach(problem -> print("%s: %s".formatted(bag, problem))));
      print("%d of %d episodes are whole".formatted(problems.size() - damaged, problems.size()));
    }
    return damaged == 0 ? OK : PROBLEMS;
  }

  @Command(
      description = "Makes cut off or damaged bags whole again, as far as they can be read.",
      mixinStandardHelpOptions = true)
  int recover(
      @Parameters(paramLabel = "DIR", arity = "1..*", description = "Rollouts, or folders of them.")
          List<Path> folders) {
    int lost = 0;
    for (Path bag : bags(folders)) {
      try {
        List<String> done = Rollouts.recover(bag);
        done.forEach(line -> print("%s: %s".formatted(bag, line)));
        if (done.isEmpty()) {
          print("%s: is whole".formatted(bag));
        }
      } catch (EpisodeException e) {
        print(String.valueOf(e.getMessage()));
        lost++;
      }
    }
    return lost == 0 ? OK : PROBLEMS;
  }

  private static List<Path> bags(List<Path> folders) {
    return folders.stream().flatMap(folder -> Rollouts.bags(folder).stream()).toList();
  }

  private void print(String line) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(line);
    out.flush();
  }
}
