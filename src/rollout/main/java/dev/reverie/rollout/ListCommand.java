package dev.reverie.rollout;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code reverie rollouts list}: prints one line for each episode. */
@Command(
    name = "list",
    description = "One line for each episode, and how many there are of each kind.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class ListCommand implements Callable<Integer> {
  /** The columns that the lines can be sorted by. */
  enum Order {
    RECORDED(Comparator.comparingLong(RolloutSummary::recordedNanos)),
    ID(Comparator.comparing(RolloutSummary::id)),
    OUTCOME(Comparator.comparing(rollout -> rollout.outcome().kind())),
    SOURCE(Comparator.comparing(RolloutSummary::source)),
    POLICY(Comparator.comparing(RolloutSummary::policyId)),
    INSTRUCTION(Comparator.comparing(RolloutSummary::instruction)),
    COMMANDS(Comparator.comparingLong(RolloutSummary::commands)),
    SECONDS(Comparator.comparingDouble(RolloutSummary::seconds)),
    SIZE(Comparator.comparingLong(RolloutSummary::bytes));

    private final Comparator<RolloutSummary> comparator;

    Order(Comparator<RolloutSummary> comparator) {
      this.comparator = comparator;
    }
  }

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "DIR", arity = "1..*", description = "Rollouts, or folders of them.")
  private List<Path> folders = List.of();

  @Option(names = "--outcome", description = "Only these: ${COMPLETION-CANDIDATES}.")
  private List<EpisodeOutcome.Kind> outcomes = List.of();

  @Option(names = "--by", description = "Only where this one said how it went.")
  private @Nullable String labeller;

  @Option(names = "--source", description = "Only of policy or teleop.")
  private @Nullable String source;

  @Option(names = "--policy", description = "Only where the policy's id begins so.")
  private @Nullable String policy;

  @Option(names = "--instruction", description = "Only where the instruction contains this.")
  private @Nullable String instruction;

  @Option(
      names = "--since",
      paramLabel = "TIME",
      converter = DayTime.Converter.class,
      description =
          "Only recorded then or later: 2026-11-21, 2026-11-21T10:30, with Z or an offset.")
  private @Nullable DayTime since;

  @Option(
      names = "--until",
      paramLabel = "TIME",
      converter = DayTime.Converter.class,
      description = "Only recorded before; a day counts as a whole.")
  private @Nullable DayTime until;

  @Option(names = "--damaged", description = "Only those that cannot be read.")
  private boolean damaged;

  @Option(
      names = "--sort",
      paramLabel = "KEY",
      description = "By one of ${COMPLETION-CANDIDATES}; ${DEFAULT-VALUE} where not given.")
  private Order order = Order.RECORDED;

  @Option(names = "--reverse", description = "The last first.")
  private boolean reverse;

  @Option(names = "--limit", paramLabel = "N", description = "No more than so many.")
  private int limit = Integer.MAX_VALUE;

  @Option(names = "--json", description = "As JSON.")
  private boolean json;

  @Override
  public Integer call() {
    if (limit < 1) {
      throw new IllegalArgumentException("--limit is " + limit + "; give 1 or more");
    }
    List<RolloutSummary> rollouts = new ArrayList<>();
    folders.forEach(folder -> rollouts.addAll(Rollouts.list(folder)));
    Comparator<RolloutSummary> by =
        order.comparator.thenComparing(RolloutSummary::id).thenComparing(RolloutSummary::bag);
    List<RolloutSummary> listed =
        rollouts.stream()
            .filter(wanted())
            .sorted(reverse ? by.reversed() : by)
            .limit(limit)
            .toList();
    PrintWriter out = spec.commandLine().getOut();
    out.println(
        json
            ? RolloutJson.text(listed.stream().map(RolloutJson::fields).toList())
            : RolloutTable.text(listed));
    out.flush();
    return RolloutsCommand.OK;
  }

  private Predicate<RolloutSummary> wanted() {
    return rollout ->
        (rollout.problem().isEmpty()
                ? !damaged && tellsWanted(rollout)
                : damaged ? !rollout.recording() : !asks())
            && (since == null || rollout.recordedNanos() >= since.fromNanos())
            && (until == null || rollout.recordedNanos() < until.untilNanos());
  }

  /** Returns whether something is asked that a damaged episode cannot answer. */
  private boolean asks() {
    return !outcomes.isEmpty()
        || labeller != null
        || source != null
        || policy != null
        || instruction != null;
  }

  private boolean tellsWanted(RolloutSummary rollout) {
    return (outcomes.isEmpty() || outcomes.contains(rollout.outcome().kind()))
        && (labeller == null || rollout.outcome().labeller().equals(labeller))
        && (source == null || rollout.source().equals(source))
        && (policy == null || rollout.policyId().startsWith(policy))
        && (instruction == null || rollout.instruction().contains(instruction));
  }
}
