package dev.reverie.replay;

import dev.reverie.replay.EpisodeMeasures.Column;
import dev.reverie.report.Page;
import dev.reverie.rollout.EpisodeOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The result of a replay as text. */
final class ReplayTable {
  private static final String DIFFERENCE = "difference";

  private final ReplayResult result;
  private final StringBuilder out = new StringBuilder();

  private ReplayTable(ReplayResult result) {
    this.result = result;
  }

  static String of(ReplayResult result) {
    return new ReplayTable(result).text();
  }

  private String text() {
    line("policy   %s  %s", Page.shortId(result.policy().id()), result.policy().bundle());
    result.against().ifPresent(p -> line("against  %s  %s", Page.shortId(p.id()), p.bundle()));
    line(
        "%d episodes (%d success, %d failure, %d unlabelled, %d aborted), %d of %d observations answered, %d bags refused",
        result.episodes().size(),
        result.count(EpisodeOutcome.Kind.SUCCESS),
        result.count(EpisodeOutcome.Kind.FAILURE),
        result.count(EpisodeOutcome.Kind.UNLABELLED),
        result.count(EpisodeOutcome.Kind.ABORTED),
        result.answered(),
        result.observations(),
        result.refused().size());
    if (!result.rows().isEmpty()) {
      out.append('\n');
      measures();
      latencies();
    }
    result.notes().forEach((note, count) -> line("note, %d episodes: %s", count, note));
    result.refused().forEach(bag -> line("refused %s: %s", bag.bag(), bag.reason()));
    return out.toString();
  }

  private void measures() {
    List<String> header = new ArrayList<>(List.of("mean [95 % interval over episodes]", "policy"));
    boolean two = result.against().isPresent();
    if (two) {
      header.addAll(List.of("against", DIFFERENCE));
    }
    header.addAll(List.of("executed", "unit"));
    List<List<String>> lines = new ArrayList<>(List.of(header));
    for (Totals.Row row : result.rows()) {
      Map<Column, Estimate> all = row.estimates();
      int decimals = row.measure().decimals();
      List<String> line = new ArrayList<>(List.of(row.measure().name()));
      Column mine = all.containsKey(Column.BETWEEN) ? Column.BETWEEN : Column.POLICY;
      line.add(cell(Optional.ofNullable(all.get(mine)), decimals).text());
      if (two) {
        line.add(cell(Optional.ofNullable(all.get(Column.AGAINST)), decimals).text());
        line.add(cell(row.difference(), decimals).text());
      }
      line.add(cell(Optional.ofNullable(all.get(Column.EXECUTED)), decimals).text());
      line.add(row.measure().unit());
      lines.add(line);
    }
    columns(lines);
  }

  private void latencies() {
    out.append('\n');
    List<List<String>> lines =
        new ArrayList<>(List.of(List.of("latency, ms", "p50", "p99", "chunks")));
    for (Totals.LatencyRow row : result.latencies()) {
      lines.add(
          List.of(
              ReplayResult.name(row.column()) + ", " + row.what(),
              cell(Optional.of(row.p50()), 2).text(),
              cell(Optional.of(row.p99()), 2).text(),
              Integer.toString(row.chunks())));
    }
    columns(lines);
  }

  private void columns(List<List<String>> lines) {
    int[] widths = new int[lines.getFirst().size()];
    for (List<String> line : lines) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], line.get(i).length());
      }
    }
    for (List<String> line : lines) {
      var text = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        text.append(String.format(Locale.ROOT, "%-" + widths[i] + "s  ", line.get(i)));
      }
      out.append(text.toString().stripTrailing()).append('\n');
    }
  }

  /**
   * An estimate as it is shown.
   *
   * @param value such as {@code 0.1234}; empty without an estimate
   * @param interval such as {@code [0.1200, 0.1300]}; empty without one
   */
  record Cell(String value, String interval) {
    String text() {
      return interval.isEmpty() ? value : value + " " + interval;
    }
  }

  static Cell cell(Optional<Estimate> found, int decimals) {
    if (found.isEmpty()) {
      return new Cell("", "");
    }
    Estimate e = found.get();
    String number = "%." + decimals + (large(e) ? "g" : "f");
    String value = String.format(Locale.ROOT, number, e.value());
    String interval =
        Double.isNaN(e.low())
            ? ""
            : String.format(Locale.ROOT, "[" + number + ", " + number + "]", e.low(), e.high());
    return new Cell(value, interval);
  }

  private static boolean large(Estimate e) {
    return Math.abs(e.value()) >= 1000;
  }

  private void line(String format, Object... values) {
    out.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
