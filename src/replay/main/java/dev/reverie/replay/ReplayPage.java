package dev.reverie.replay;

import dev.reverie.replay.EpisodeMeasures.Column;
import dev.reverie.rollout.EpisodeOutcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The result of a replay as a page: one file, no scripts. */
final class ReplayPage {

  private static final String STYLE =
      """
      body{font:15px/1.45 system-ui,sans-serif;max-width:1080px;margin:2em auto;padding:0 1em;color:#222}
      h1{font-size:1.5em}h2{font-size:1.15em;margin-top:2em;border-bottom:1px solid #ddd}
      table{border-collapse:collapse}td,th{padding:.2em .9em .2em 0;text-align:left;vertical-align:top}
      .all{font-size:13px}.all td{white-space:nowrap}.all th+th{text-align:right}.all th:last-child{text-align:left}
      td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
      td small,.unit{color:#777}tr:nth-child(even){background:#f7f7f7}.clear{font-weight:600}
      svg text{font:12px system-ui,sans-serif;fill:#444}svg .title{font-weight:600;fill:#222}
      .axis{stroke:#999;fill:none}.grid{stroke:#e4e4e4}.interval{stroke-width:3}
      .policy{stroke:#2563a8;fill:#2563a8}.against{stroke:#c9a227;fill:#c9a227}
      .executed{stroke:#777;fill:#777}.between{stroke:#2a8a57;fill:#2a8a57}
      .row{display:flex;flex-wrap:wrap;gap:14px 28px}details{margin-top:1em}
      """;

  private final ReplayResult result;
  private final StringBuilder page = new StringBuilder();

  private ReplayPage(ReplayResult result) {
    this.result = result;
  }

  static void write(Path file, ReplayResult result) {
    try {
      Files.writeString(file, new ReplayPage(result).html());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }

  private String html() {
    page.append("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Reverie: replay")
        .append("</title><style>")
        .append(STYLE)
        .append("</style><h1>Replay of ")
        .append(result.episodes().size())
        .append(" episodes</h1>\n");
    head();
    charts();
    measures();
    latencies();
    notes();
    episodes();
    return page.append("</html>\n").toString();
  }

  private void head() {
    page.append("<p><b class=\"policy\" style=\"stroke:none;color:#2563a8\">policy</b> ");
    party(result.policy());
    result
        .against()
        .ifPresent(
            rival -> {
              page.append("<br><b style=\"color:#c9a227\">against</b> ");
              party(rival);
            });
    page.append("<br>")
        .append(
            escape(
                String.format(
                    Locale.ROOT,
                    "%d success, %d failure, %d unlabelled, %d aborted when they were recorded; %d of %d observations answered; %d bags refused.",
                    result.count(EpisodeOutcome.Kind.SUCCESS),
                    result.count(EpisodeOutcome.Kind.FAILURE),
                    result.count(EpisodeOutcome.Kind.UNLABELLED),
                    result.count(EpisodeOutcome.Kind.ABORTED),
                    result.answered(),
                    result.observations(),
                    result.refused().size())))
        .append(
            " Intervals: 95 %, by bootstrap over episodes; shares of success by Wilson's score.</p>\n");
  }

  private void party(ReplayResult.Party party) {
    page.append("<code>")
        .append(escape(ReplayTable.shortId(party.id())))
        .append("</code> ")
        .append(escape(party.bundle()));
  }

  private void charts() {
    page.append("<div class=\"row\">\n");
    chart("Success: recorded, imagined", "", List.of("success", "imagined_success."));
    chart("Log-likelihood of actions, nats per value", "", List.of("log_likelihood."));
    chart("Limits, share of ticks", "", List.of("limits."));
    chart("Disagreement, share of tokens", "", List.of("disagreement.tokens_differ"));
    page.append("</div>\n");
  }

  private void chart(String title, String unit, List<String> prefixes) {
    List<Totals.Row> rows =
        result.rows().stream()
            .filter(row -> prefixes.stream().anyMatch(row.measure().name()::startsWith))
            .filter(ReplayPage::told)
            .toList();
    if (!rows.isEmpty()) {
      page.append(new IntervalChart(title, unit, rows).svg());
    }
  }

  /** Limits that nobody hit need no line. */
  private static boolean told(Totals.Row row) {
    return !row.measure().name().startsWith("limits.")
        || row.estimates().values().stream().anyMatch(estimate -> estimate.value() > 0);
  }

  private void measures() {
    boolean two = result.against().isPresent();
    page.append("<h2>All numbers</h2>\n<table class=\"all\"><tr><th>measure</th><th>policy</th>");
    page.append(two ? "<th>against</th><th>difference</th>" : "")
        .append("<th>executed</th><th>unit</th></tr>\n");
    for (Totals.Row row : result.rows()) {
      int decimals = row.measure().decimals();
      Column mine = row.estimates().containsKey(Column.BETWEEN) ? Column.BETWEEN : Column.POLICY;
      page.append("<tr><td>").append(escape(title(row.measure().name()))).append("</td>");
      cell(Optional.ofNullable(row.estimates().get(mine)), decimals, false);
      if (two) {
        cell(Optional.ofNullable(row.estimates().get(Column.AGAINST)), decimals, false);
        cell(row.difference(), decimals, true);
      }
      cell(Optional.ofNullable(row.estimates().get(Column.EXECUTED)), decimals, false);
      page.append("<td class=\"unit\">")
          .append(escape(row.measure().unit()))
          .append("</td></tr>\n");
    }
    page.append("</table>\n");
  }

  static String title(String name) {
    return name.replace('_', ' ').replace(".", ": ");
  }

  /** A difference whose interval leaves out zero stands out. */
  private void cell(Optional<Estimate> estimate, int decimals, boolean difference) {
    boolean clear = difference && estimate.filter(e -> e.low() > 0 || e.high() < 0).isPresent();
    String text = ReplayTable.cell(estimate, decimals);
    int interval = text.indexOf(" [");
    page.append(clear ? "<td class=\"n clear\">" : "<td class=\"n\">")
        .append(interval < 0 ? text : text.substring(0, interval))
        .append(interval < 0 ? "" : "<br><small>" + text.substring(interval + 1) + "</small>")
        .append("</td>");
  }

  private void latencies() {
    if (result.latencies().isEmpty()) {
      return;
    }
    page.append(
        "<h2>Latency</h2>\n<p>Milliseconds, as the node measured them. Inference: the policy alone; node: from the last input's arrival to the chunk, inference excluded.</p>\n<table><tr><th></th><th>p50</th><th>p99</th><th>chunks</th></tr>\n");
    for (Totals.LatencyRow row : result.latencies()) {
      page.append("<tr><td>")
          .append(ReplayResult.name(row.column()))
          .append(", ")
          .append(row.what())
          .append("</td>");
      cell(Optional.of(row.p50()), 2, false);
      cell(Optional.of(row.p99()), 2, false);
      page.append("<td class=\"n\">").append(row.chunks()).append("</td></tr>\n");
    }
    page.append("</table>\n");
  }

  private void notes() {
    if (!result.notes().isEmpty()) {
      page.append("<h2>Notes</h2>\n<ul>\n");
      result
          .notes()
          .forEach(
              (note, count) ->
                  page.append("<li>")
                      .append(escape(note))
                      .append(" (")
                      .append(count)
                      .append(count == 1 ? " episode)</li>\n" : " episodes)</li>\n"));
      page.append("</ul>\n");
    }
    if (!result.refused().isEmpty()) {
      page.append("<h2>Refused</h2>\n<table><tr><th>bag</th><th>reason</th></tr>\n");
      result
          .refused()
          .forEach(
              bag ->
                  page.append("<tr><td><code>")
                      .append(escape(bag.bag()))
                      .append("</code></td><td>")
                      .append(escape(bag.reason()))
                      .append("</td></tr>\n"));
      page.append("</table>\n");
    }
  }

  private void episodes() {
    page.append(
        "<h2>Episodes</h2>\n<table><tr><th>episode</th><th>instruction</th><th>outcome</th><th>answered</th><th>action error</th><th>log-likelihood</th><th>ticks limited</th><th>tokens differ</th></tr>\n");
    for (EpisodeMeasures episode : result.episodes()) {
      page.append("<tr><td><code>")
          .append(escape(episode.id))
          .append("</code></td><td>")
          .append(escape(episode.instruction))
          .append("</td><td>")
          .append(episode.outcome.name().toLowerCase(Locale.ROOT))
          .append("</td><td class=\"n\">")
          .append(episode.answered)
          .append(" of ")
          .append(episode.observations)
          .append("</td>");
      number(episode, Column.POLICY, Measures.ACTION_ERROR);
      number(episode, Column.POLICY, Likelihood.measure(episode.outcome));
      number(episode, Column.POLICY, Measures.LIMITED);
      number(episode, Column.BETWEEN, Measures.TOKENS_DIFFER);
      page.append("</tr>\n");
    }
    page.append("</table>\n");
  }

  private void number(EpisodeMeasures episode, Column column, Measure measure) {
    double value = measure.value(episode.tally(column, measure));
    page.append("<td class=\"n\">")
        .append(Double.isNaN(value) ? "" : String.format(Locale.ROOT, "%.3f", value))
        .append("</td>");
  }

  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
