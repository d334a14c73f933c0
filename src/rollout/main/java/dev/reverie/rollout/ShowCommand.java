package dev.reverie.rollout;

import dev.reverie.mcap.rosbag2.Rosbag2;
import dev.reverie.msgs.reverie.Episode;
import dev.reverie.msgs.reverie.SafetyEvent;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code reverie rollouts show}: prints all about one episode. */
@Command(
    name = "show",
    description =
        "All about one episode: what was recorded, every word about its outcome, what the safety gate did.",
    mixinStandardHelpOptions = true)
final class ShowCommand implements Callable<Integer> {
  private static final int MAX_LINES = 20;
  private static final int MAX_TEXT = 400;
  private static final List<String> KINDS =
      List.of("clamped", "refused", "held", "takeover", "returned", "stopped", "lost");

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "BAG", description = "Folder of the rollout, or its .mcap file.")
  private Path bag;

  @Mixin private AlignmentOptions tolerances = new AlignmentOptions();

  @Option(names = "--json", description = "As JSON.")
  private boolean json;

  @Override
  public Integer call() {
    List<Path> found = Rollouts.bags(bag);
    if (found.isEmpty()) {
      throw new EpisodeException(
          Rollouts.isEmpty(bag) ? bag + " has no rollouts yet" : Rosbag2.noFile(bag));
    }
    if (found.size() > 1) {
      throw new EpisodeException("%s has %d bags; give one".formatted(bag, found.size()));
    }
    bag = found.getFirst();
    BagFiles files = new BagFiles(bag);
    Map<String, String> topics = files.topics();
    EpisodeEvents told = EpisodeEvents.read(files, topics);
    Map<String, @Nullable Object> fields = RolloutJson.fields(Rollouts.summary(bag));
    fields.put("outcome_at_s", told.outcomeSeconds());
    int code = RolloutsCommand.OK;
    try {
      steps(fields);
    } catch (EpisodeException e) {
      fields.put("problem", e.getMessage());
      code = RolloutsCommand.PROBLEMS;
    }
    fields.put("topics", topics);
    fields.put("events", told.events().stream().map(ShowCommand::event).toList());
    fields.put("safety_events", safety(files, topics));
    fields.put("configuration", told.first().configuration());
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(RolloutJson.text(fields));
    } else {
      fields.forEach((name, value) -> lines(name, value).forEach(out::println));
    }
    out.flush();
    return code;
  }

  private void steps(Map<String, @Nullable Object> fields) {
    EpisodeCheck check = EpisodeCheck.of(bag, tolerances.alignment());
    dev.reverie.rollout.Episode episode = check.episode();
    fields.put("steps", episode.steps().size());
    if (!episode.gaps().isEmpty()) {
      fields.put("pieces", episode.pieces().stream().map(piece -> piece.steps().size()).toList());
      fields.put("gaps", episode.gaps().stream().map(Gap::toString).toList());
    }
    fields.put("held_steps", episode.steps().stream().filter(Step::held).count());
    fields.put("chunks", episode.chunks().size());
    fields.put("joint_names", episode.jointNames());
    fields.put("cameras", check.cameras());
  }

  private static List<String> safety(BagFiles files, Map<String, String> topics) {
    List<String> events = new ArrayList<>();
    Set<String> names = BagFiles.ofType(topics, SafetyEvent.TYPE);
    if (!names.isEmpty()) {
      files.read(
          names,
          message -> {
            SafetyEvent event = files.decode(SafetyEvent.TYPE, message);
            int kind = Byte.toUnsignedInt(event.kind());
            events.add(
                "tick %d: %s, %s: %s"
                    .formatted(
                        event.tick(),
                        kind < KINDS.size() ? KINDS.get(kind) : "kind " + kind,
                        event.source(),
                        event.reason()));
          });
    }
    return events;
  }

  private static String event(Episode event) {
    String what =
        switch (event.event()) {
          case Episode.BEGUN -> "begun";
          case Episode.ENDED -> "ended";
          case Episode.LABELLED -> "labelled";
          default -> "event " + event.event();
        };
    EpisodeOutcome outcome = EpisodeOutcome.of(event.outcome());
    return outcome.kind() == EpisodeOutcome.Kind.UNLABELLED
        ? what
        : "%s: %s, says %s %s"
            .formatted(
                what, RolloutTable.word(outcome.kind()), outcome.labeller(), outcome.reason())
            .strip();
  }

  /** A name, and beside it its value; of a list one line each. */
  private static List<String> lines(String name, @Nullable Object value) {
    List<String> values = new ArrayList<>();
    switch (value) {
      case null -> values.add("-");
      case List<?> list when !list.isEmpty() -> {
        list.stream().limit(MAX_LINES).forEach(entry -> values.add(String.valueOf(entry)));
        if (list.size() > MAX_LINES) {
          values.add("and %d more: --json".formatted(list.size() - MAX_LINES));
        }
      }
      case List<?> _ -> values.add("none");
      case Map<?, ?> map ->
          map.forEach((key, entry) -> values.add("%-28s %s".formatted(key, entry)));
      default -> values.add(value.toString());
    }
    List<String> lines = new ArrayList<>();
    for (String text : values) {
      String first = lines.isEmpty() ? name : "";
      lines.add(
          "%-20s %s".formatted(first, RolloutTable.printable(text, MAX_TEXT)).stripTrailing());
    }
    return lines;
  }
}
