package dev.reverie.replay;

import dev.reverie.rollout.EpisodeOutcome;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The values of each measure in one recorded episode, by column. */
final class EpisodeMeasures {
  /** Whom a number is about. */
  enum Column {
    POLICY,
    AGAINST,
    /** The arm as it was recorded. */
    EXECUTED,
    /** The two policies at once. */
    BETWEEN
  }

  final String id;
  final String bag;
  final String instruction;
  final String source;
  final EpisodeOutcome.Kind outcome;

  /** Observations that were acted on when it was recorded. */
  final int observations;

  /** Observations that the policy's node answered: all of them in lock-step. */
  final int answered;

  private final Map<Column, Map<Measure, Tally>> tallies = new EnumMap<>(Column.class);

  /** Milliseconds of each chunk, by column: inference, and the node's own share. */
  final Map<Column, Latency> latencies = new EnumMap<>(Column.class);

  /** Sentences on what could not be told, and why. */
  final Set<String> notes = new TreeSet<>();

  /** Latencies of the chunks of an episode, ms. */
  record Latency(List<Double> inference, List<Double> node) {}

  EpisodeMeasures(RecordedBag bag, int answered) {
    id = bag.episode().id();
    this.bag = bag.episode().bag().toString();
    instruction = bag.episode().instruction();
    source = bag.episode().source();
    outcome = bag.episode().outcome().kind();
    observations = bag.episode().steps().size();
    this.answered = answered;
  }

  void add(Column column, Measure measure, Tally tally) {
    if (tally.weight() > 0) {
      tallies
          .computeIfAbsent(column, key -> new LinkedHashMap<>())
          .merge(measure, tally, Tally::plus);
    }
  }

  /** NONE where there is no value. */
  Tally tally(Column column, Measure measure) {
    return tallies.getOrDefault(column, Map.of()).getOrDefault(measure, Tally.NONE);
  }

  Map<Measure, Tally> tallies(Column column) {
    return tallies.getOrDefault(column, Map.of());
  }
}
