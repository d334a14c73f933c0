package dev.reverie.replay;

import dev.reverie.replay.EpisodeMeasures.Column;
import dev.reverie.replay.Measure.Group;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** The numbers of all episodes together, with their intervals. */
final class Totals {
  /** Successful minus failed actions: what a policy that knows the difference has above zero. */
  static final Measure LIKELIHOOD_GAP =
      Measure.mean(Group.LOG_LIKELIHOOD, "successful_minus_failed", "nats per value");

  /**
   * A measure of all episodes.
   *
   * @param difference policy minus the one it is compared with, paired by episode
   */
  record Row(Measure measure, Map<Column, Estimate> estimates, Optional<Estimate> difference) {}

  /**
   * Quantiles of the chunks' latencies, ms.
   *
   * @param what "inference" or "node"
   */
  record LatencyRow(String what, Column column, Estimate p50, Estimate p99, int chunks) {}

  private final List<EpisodeMeasures> episodes;
  private final Bootstrap bootstrap;
  private final int[] whole;

  Totals(List<EpisodeMeasures> episodes) {
    this.episodes = List.copyOf(episodes);
    bootstrap = new Bootstrap(episodes.size());
    whole = IntStream.range(0, episodes.size()).toArray();
  }

  /** Measures with at least one value. */
  List<Row> rows(List<Measure> measures) {
    List<Row> rows = new ArrayList<>();
    for (Measure measure : measures) {
      Map<Column, Estimate> estimates = new EnumMap<>(Column.class);
      for (Column column : Column.values()) {
        int telling = telling(column, measure);
        if (telling > 0) {
          estimates.put(column, estimate(column, measure, telling));
        }
      }
      if (!estimates.isEmpty()) {
        rows.add(new Row(measure, estimates, difference(measure, estimates)));
      }
      if (measure.equals(Measures.LIKELIHOOD_FAILURE)) {
        gap().ifPresent(rows::add);
      }
    }
    return rows;
  }

  private Estimate estimate(Column column, Measure measure, int telling) {
    if (measure.mean() == Measure.Mean.SHARE) {
      Tally all = sum(column, measure, whole);
      return Estimate.share(all.sum(), all.weight());
    }
    return bootstrap.estimate(draw -> measure.value(sum(column, measure, draw)), whole, telling);
  }

  private Optional<Estimate> difference(Measure measure, Map<Column, Estimate> estimates) {
    Estimate policy = estimates.get(Column.POLICY);
    Estimate against = estimates.get(Column.AGAINST);
    if (policy == null || against == null) {
      return Optional.empty();
    }
    return Optional.of(
        bootstrap.estimate(
            draw ->
                measure.value(sum(Column.POLICY, measure, draw))
                    - measure.value(sum(Column.AGAINST, measure, draw)),
            whole,
            Math.min(policy.episodes(), against.episodes())));
  }

  private Optional<Row> gap() {
    Map<Column, Estimate> gaps = new EnumMap<>(Column.class);
    for (Column column : List.of(Column.POLICY, Column.AGAINST)) {
      int successes = telling(column, Measures.LIKELIHOOD_SUCCESS);
      int failures = telling(column, Measures.LIKELIHOOD_FAILURE);
      if (successes > 0 && failures > 0) {
        gaps.put(
            column,
            bootstrap.estimate(draw -> gap(column, draw), whole, Math.min(successes, failures)));
      }
    }
    if (gaps.isEmpty()) {
      return Optional.empty();
    }
    Optional<Estimate> difference =
        gaps.size() < 2
            ? Optional.empty()
            : Optional.of(
                bootstrap.estimate(
                    draw -> gap(Column.POLICY, draw) - gap(Column.AGAINST, draw),
                    whole,
                    gaps.values().iterator().next().episodes()));
    return Optional.of(new Row(LIKELIHOOD_GAP, gaps, difference));
  }

  private double gap(Column column, int[] draw) {
    return Measures.LIKELIHOOD_SUCCESS.value(sum(column, Measures.LIKELIHOOD_SUCCESS, draw))
        - Measures.LIKELIHOOD_FAILURE.value(sum(column, Measures.LIKELIHOOD_FAILURE, draw));
  }

  private int telling(Column column, Measure measure) {
    return (int) episodes.stream().filter(e -> e.tally(column, measure).weight() > 0).count();
  }

  private Tally sum(Column column, Measure measure, int[] draw) {
    double sum = 0;
    double weight = 0;
    for (int i : draw) {
      Tally tally = episodes.get(i).tally(column, measure);
      sum += tally.sum();
      weight += tally.weight();
    }
    return new Tally(sum, weight);
  }

  List<LatencyRow> latencies() {
    List<LatencyRow> rows = new ArrayList<>();
    for (Column column : List.of(Column.POLICY, Column.AGAINST)) {
      for (boolean inference : new boolean[] {true, false}) {
        int telling =
            (int) episodes.stream().filter(e -> !values(e, column, inference).isEmpty()).count();
        if (telling > 0) {
          rows.add(
              new LatencyRow(
                  inference ? "inference" : "node",
                  column,
                  quantile(column, inference, 0.5, telling),
                  quantile(column, inference, 0.99, telling),
                  episodes.stream().mapToInt(e -> values(e, column, inference).size()).sum()));
        }
      }
    }
    return rows;
  }

  private Estimate quantile(Column column, boolean inference, double q, int telling) {
    return bootstrap.estimate(
        draw -> {
          double[] all =
              IntStream.of(draw)
                  .mapToObj(i -> values(episodes.get(i), column, inference))
                  .flatMap(List::stream)
                  .mapToDouble(Double::doubleValue)
                  .sorted()
                  .toArray();
          return all.length == 0
              ? Double.NaN
              : all[Math.min(all.length - 1, (int) (q * all.length))];
        },
        whole,
        telling);
  }

  private static List<Double> values(EpisodeMeasures episode, Column column, boolean inference) {
    EpisodeMeasures.Latency latency = episode.latencies.get(column);
    if (latency == null) {
      return List.of();
    }
    return inference ? latency.inference() : latency.node();
  }
}
