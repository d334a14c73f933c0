package dev.reverie.round;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reverie.report.Interval;
import dev.reverie.report.Page;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Findings of a round's trainer about its own imagination, as tables of the round's page: how much
 * of practice taught anything and was trusted, how true the world model stays with depth, and how
 * well the reward is told in it.
 */
final class AuditTable {
  private final JsonNode round;
  private final JsonNode reward;
  private final StringBuilder html = new StringBuilder();

  private AuditTable(JsonNode round, JsonNode reward) {
    this.round = round;
    this.reward = reward;
  }

  /**
   * The tables.
   *
   * @param training folder of the round's training; of one that has not ended there is nothing
   */
  static String html(Path training) {
    Path result = training.resolve("improve.json");
    if (!Files.isRegularFile(result)) {
      return "";
    }
    JsonNode round = RoundTraining.read(result);
    Path audit = training.resolve("audit_base.json");
    JsonNode judged =
        Files.isRegularFile(audit) ? RoundTraining.read(audit).path("reward") : round.path("none");
    return new AuditTable(round, judged.isObject() ? judged : round.path("reward_classifier"))
        .html();
  }

  private String html() {
    html.append("<h2>How far imagination is to be believed</h2>\n<table>\n");
    JsonNode practice = round.path("practice");
    share("groups that all ended alike and taught nothing", practice, "groups_without_gradient");
    share(
        "of the updates came from verdicts later than the replay's hold",
        practice,
        "distrusted_update");
    int models = round.at("/settings/worldModel/ensemble").asInt(1);
    if (models > 1) {
      share("mean trust in a rollout, by %d world models".formatted(models), practice, "trusted");
    }
    JsonNode control = round.path("action_control");
    if (control.path("moved").asDouble() > 0) {
      row(
          "the opposite actions change what is imagined, where recorded frames move by 1",
          number(control.path("opposite").asDouble() / control.path("moved").asDouble(), 2));
    }
    depths("replay of held-out rollouts, dB at frame", round.at("/replay_psnr_db/after"));
    html.append("</table>\n");
    reward();
    return html.toString();
  }

  private void reward() {
    if (!reward.path("real").isObject()) {
      return;
    }
    html.append(
        "<table><tr><th>the reward classifier, on rollouts that nothing learned from</th>"
            + "<th>precision</th><th>recall</th></tr>\n");
    quality("in their own frames", reward.path("real"));
    quality("in the world model's replay", reward.path("replayed"));
    int chunk = 0;
    for (JsonNode depth : reward.path("byDepth")) {
      chunk++;
      JsonNode upTo = depth.path("upTo");
      if (told(upTo.path("precision")) || told(upTo.path("recall"))) {
        quality(
            "in the replay up to chunk %d, in which it first says success of %d of %d that are left, rightly of %d"
                .formatted(
                    chunk,
                    depth.path("rightly").asInt() + depth.path("wrongly").asInt(),
                    depth.path("undecided").asInt(),
                    depth.path("rightly").asInt()),
            upTo);
      }
    }
    html.append("</table>\n");
  }

  /** Tells whether a share is known: one of none is said to lie between 0 and 1. */
  private static boolean told(JsonNode share) {
    return share.isObject() && share.path("high").asDouble() - share.path("low").asDouble() < 1;
  }

  private void quality(String where, JsonNode quality) {
    html.append("<tr><td>")
        .append(where)
        .append("</td><td class=\"n\">")
        .append(percent(quality.path("precision")))
        .append("</td><td class=\"n\">")
        .append(percent(quality.path("recall")))
        .append("</td></tr>\n");
  }

  private void depths(String name, JsonNode byDepth) {
    if (byDepth.isObject()) {
      row(
          name,
          byDepth.properties().stream()
              .map(each -> each.getKey() + ": " + number(each.getValue().asDouble(), 1))
              .collect(Collectors.joining(", ")));
    }
  }

  private void share(String name, JsonNode group, String figure) {
    if (group.path(figure).isNumber()) {
      row(name, number(100 * group.path(figure).asDouble(), 0) + " %");
    }
  }

  private void row(String name, String value) {
    html.append("<tr><td>")
        .append(Page.escape(name))
        .append("</td><td class=\"n\">")
        .append(Page.escape(value))
        .append("</td></tr>\n");
  }

  private static String percent(JsonNode share) {
    Interval told = RoundAudit.interval(share);
    return "%s %% [%s, %s]"
        .formatted(
            number(100 * told.value(), 0),
            number(100 * told.low(), 0),
            number(100 * told.high(), 0));
  }

  private static String number(double value, int digits) {
    return String.format(Locale.ROOT, "%." + digits + "f", value);
  }
}
