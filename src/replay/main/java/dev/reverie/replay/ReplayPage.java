package dev.reverie.replay;

import dev.reverie.replay.EpisodeMeasures.Column;
import dev.reverie.replay.Measure.Group;
import dev.reverie.report.IntervalChart;
import dev.reverie.report.Page;
import dev.reverie.rollout.EpisodeOutcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** The result of a replay as a page: one file, no scripts. */
final class ReplayPage {
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
    page.append("<h1>Replay of ").append(result.episodes().size()).append(" episodes</h1>\n");
    head();
    charts();
    measures();
    latencies();
    notes();
    episodes();
    return Page.html("Reverie: replay", page);
  }

  private void head() {
    page.append("<p><b class=\"blue\">policy</b> ");
    party(result.policy());
    result
        .against()
        .ifPresent(
            rival -> {
              page.append("<br><b class=\"gold\">against</b> ");
              party(rival);
            });
    page.append("<br><b class=\"grey\">executed</b> by the arm when it was recorded<br>")
        .append(
            Page.escape(
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
        .append(Page.escape(Page.shortId(party.id())))
        .append("</code> ")
        .append(Page.escape(party.bundle()));
  }

  private void charts() {
    page.append("<div class=\"charts\" style=\"--least:440px;--most:640px\">\n");
    chart("Success: recorded, imagined", 1, Set.of(Group.SUCCESS, Group.IMAGINED_SUCCESS));
    chart("Log-likelihood of actions, nats per value", 0, Set.of(Group.LOG_LIKELIHOOD));
    chart("Limits, share of ticks", 0, Set.of(Group.LIMITS));
    chart("Disagreement, share of tokens", 0, Measures.TOKENS_DIFFER::equals);
    page.append("</div>\n");
  }

  private void chart(String title, double most, Set<Group> groups) {
    chart(title, most, measure -> groups.contains(measure.group()));
  }

  private void chart(String title, double most, Predicate<Measure> shown) {
    List<IntervalChart.Row> rows =
        result.rows().stream()
            .filter(row -> shown.test(row.measure()))
            .filter(ReplayPage::told)
            .map(ReplayPage::chartRow)
            .toList();
    if (!rows.isEmpty()) {
      page.append(new IntervalChart(title, most, rows).svg());
    }
  }

  private static IntervalChart.Row chartRow(Totals.Row row) {
    List<IntervalChart.Mark> marks = new ArrayList<>();
    row.estimates()
        .forEach(
            (column, estimate) ->
                marks.add(new IntervalChart.Mark(colour(column), estimate.interval())));
    return new IntervalChart.Row(chartName(row.measure()), marks);
  }

  /** The part of a measure's name that the chart's title does not say. */
  private static String chartName(Measure measure) {
    return switch (measure.group()) {
      case SUCCESS -> title(measure.name());
      case IMAGINED_SUCCESS -> title("imagined, " + measure.part());
      default -> title(measure.part());
    };
  }

  private static String colour(Column column) {
    return switch (column) {
      case POLICY -> "blue";
      case AGAINST -> "gold";
      case EXECUTED -> "grey";
      case BETWEEN -> "green";
    };
  }

  /** Limits that nobody hit need no line. */
  private static boolean told(Totals.Row row) {
    return row.measure().group() != Group.LIMITS
        || row.estimates().values().stream().anyMatch(estimate -> estimate.value() > 0);
  }

  private void measures() {
    boolean two = result.against().isPresent();
    page.append(
        "<h2>All numbers</h2>\n<div class=\"scroll\"><table class=\"all\"><tr><th>measure</th><th>policy</th>");
    page.append(two ? "<th>against</th><th>difference</th>" : "")
        .append("<th>executed</th><th>unit</th></tr>\n");
    for (Totals.Row row : result.rows()) {
      int decimals = row.measure().decimals();
      Column mine = row.estimates().containsKey(Column.BETWEEN) ? Column.BETWEEN : Column.POLICY;
      page.append("<tr><td>").append(Page.escape(title(row.measure().name()))).append("</td>");
      cell(Optional.ofNullable(row.estimates().get(mine)), decimals, false);
      if (two) {
        cell(Optional.ofNullable(row.estimates().get(Column.AGAINST)), decimals, false);
        cell(row.difference(), decimals, true);
      }
      cell(Optional.ofNullable(row.estimates().get(Column.EXECUTED)), decimals, false);
      page.append("<td class=\"unit\">")
          .append(Page.escape(row.measure().unit()))
          .append("</td></tr>\n");
    }
    page.append("</table></div>\n");
  }

  private static String title(String name) {
    return name.replace('_', ' ').replace(".", ": ");
  }

  /** A difference whose interval leaves out zero stands out. */
  private void cell(Optional<Estimate> estimate, int decimals, boolean difference) {
    boolean clear = difference && estimate.filter(e -> e.low() > 0 || e.high() < 0).isPresent();
    ReplayTable.Cell cell = ReplayTable.cell(estimate, decimals);
    page.append(clear ? "<td class=\"n clear\">" : "<td class=\"n\">")
        .append(cell.value())
        .append(cell.interval().isEmpty() ? "" : "<br><small>" + cell.interval() + "</small>")
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
                      .append(Page.escape(note))
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
                      .append(Page.escape(bag.bag()))
                      .append("</code></td><td>")
                      .append(Page.escape(bag.reason()))
                      .append("</td></tr>\n"));
      page.append("</table>\n");
    }
  }

  private void episodes() {
    page.append(
        "<h2>Episodes</h2>\n<div class=\"scroll\"><table><tr><th>episode</th><th>instruction</th><th>outcome</th><th>answered</th><th>action error</th><th>log-likelihood</th><th>ticks limited</th><th>tokens differ</th></tr>\n");
    for (EpisodeMeasures episode : result.episodes()) {
      page.append("<tr><td><code>")
          .append(Page.escape(episode.id))
          .append("</code></td><td>")
          .append(Page.escape(episode.instruction))
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
    page.append("</table></div>\n");
  }

  private void number(EpisodeMeasures episode, Column column, Measure measure) {
    double value = measure.value(episode.tally(column, measure));
    page.append("<td class=\"n\">")
        .append(Double.isNaN(value) ? "" : String.format(Locale.ROOT, "%.3f", value))
        .append("</td>");
  }
}
