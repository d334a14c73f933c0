package dev.reverie.rollout;

import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** Episodes as lines for people, and as fields for programs. */
final class RolloutTable {
  private static final int SHORT_ID = 8;
  private static final int MAX_NAME = 40;
  private static final int MAX_TEXT = 60;
  private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{Cntrl}\\p{Cf}]");
  private static final DateTimeFormatter RECORDED =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT)
          .withZone(ZoneId.systemDefault());
  private static final List<String> HEAD =
      List.of(
          "EPISODE",
          "RECORDED",
          "OUTCOME",
          "SAID BY",
          "SOURCE",
          "POLICY",
          "COMMANDS",
          "SECONDS",
          "INSTRUCTION");

  private RolloutTable() {}

  static String text(List<RolloutSummary> rollouts) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(HEAD);
    rollouts.stream().map(RolloutTable::row).forEach(rows::add);
    int[] widths = new int[HEAD.size()];
    for (List<String> row : rows) {
      for (int i = 0; i < row.size(); i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    StringBuilder text = new StringBuilder();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < row.size(); i++) {
        line.append(row.get(i)).repeat(' ', widths[i] - row.get(i).length() + 2);
      }
      text.append(line.toString().stripTrailing()).append('\n');
    }
    return text.append(totals(rollouts)).toString();
  }

  private static List<String> row(RolloutSummary rollout) {
    String recorded =
        rollout.recordedNanos() == 0
            ? "-"
            : RECORDED.format(Instant.ofEpochSecond(0, rollout.recordedNanos()));
    if (!rollout.problem().isEmpty()) {
      return List.of(
          printable(rollout.id(), MAX_NAME),
          recorded,
          rollout.recording() ? "recording" : "damaged",
          "",
          "",
          "",
          "",
          "",
          printable(rollout.problem(), Integer.MAX_VALUE));
    }
    String policy = rollout.policyId();
    return List.of(
        printable(rollout.id(), MAX_NAME),
        recorded,
        word(rollout.outcome().kind()),
        printable(rollout.outcome().labeller(), MAX_NAME),
        printable(rollout.source(), MAX_NAME),
        printable(policy.substring(0, Math.min(SHORT_ID, policy.length())), MAX_NAME),
        Long.toString(rollout.commands()),
        String.format(Locale.ROOT, "%.1f", rollout.seconds()),
        printable(rollout.instruction(), MAX_TEXT));
  }

  /**
   * Makes a text of a bag, which may be anything, fit to print: it moves no cursor, breaks no line.
   */
  static String printable(String text, int longest) {
    String clean = UNPRINTABLE.matcher(text).replaceAll("?");
    return clean.length() <= longest ? clean : clean.substring(0, longest - 1) + "…";
  }

  private static String totals(List<RolloutSummary> rollouts) {
    StringBuilder totals = new StringBuilder(count(rollouts.size(), "episode"));
    String separator = ": ";
    for (EpisodeOutcome.Kind kind : EpisodeOutcome.Kind.values()) {
      long count =
          rollouts.stream()
              .filter(r -> r.problem().isEmpty() && r.outcome().kind() == kind)
              .count();
      if (count > 0) {
        totals.append(separator).append(count).append(' ').append(word(kind));
        separator = ", ";
      }
    }
    long recording = rollouts.stream().filter(RolloutSummary::recording).count();
    if (recording > 0) {
      totals.append(separator).append(recording).append(" being recorded");
      separator = ", ";
    }
    long damaged = rollouts.stream().filter(r -> !r.recording() && !r.problem().isEmpty()).count();
    if (damaged > 0) {
      totals.append(separator).append(damaged).append(" damaged");
    }
    return totals.toString();
  }

  /** A number with its noun: "1 episode", "2 episodes". */
  private static String count(int number, String noun) {
    return number + " " + noun + (number == 1 ? "" : "s");
  }

  /** An outcome in lower case, as it is listed. */
  static String word(EpisodeOutcome.Kind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }
}
