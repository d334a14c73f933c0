package dev.reverie.replay;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reverie.replay.EpisodeMeasures.Column;
import dev.reverie.rollout.EpisodeOutcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The result of a replay.
 *
 * @param policy that was replayed
 * @param against that it was compared with
 * @param pace "lock_step", "recorded_speed" or "played"
 * @param rows of all episodes together
 * @param latencies differ from run to run, as nothing else does in lock-step
 * @param episodes that were replayed, in the order in which they were named
 * @param refused with the reason
 * @param notes what could not be told, and of how many episodes
 */
record ReplayResult(
    Party policy,
    Optional<Party> against,
    String pace,
    ReplaySession.Mode mode,
    List<Totals.Row> rows,
    List<Totals.LatencyRow> latencies,
    List<EpisodeMeasures> episodes,
    List<Refused> refused,
    Map<String, Integer> notes) {
  /** Version of the JSON. */
  private static final int FORMAT = 1;

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  /** A policy bundle. */
  record Party(String bundle, String id) {}

  /** A bag that was not replayed. */
  record Refused(String bag, String reason) {}

  /** Counts the episodes with this outcome. */
  long count(EpisodeOutcome.Kind outcome) {
    return episodes.stream().filter(episode -> episode.outcome == outcome).count();
  }

  int observations() {
    return episodes.stream().mapToInt(episode -> episode.observations).sum();
  }

  int answered() {
    return episodes.stream().mapToInt(episode -> episode.answered).sum();
  }

  /** Writes the JSON that docs/replay.md describes. */
  void writeJson(Path file) {
    try {
      Files.write(file, JSON.writeValueAsBytes(json()));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }

  ObjectNode json() {
    ObjectNode root = JSON.createObjectNode().put("format", FORMAT);
    put(root, "policy", policy);
    against.ifPresent(party -> put(root, "against", party));
    root.put("pace", pace);
    if (!mode.asRecorded()) {
      root.put("temperature", mode.temperature()).put("seed", mode.seed());
    } else {
      root.put("temperature", "as recorded").put("seed", "as recorded");
    }
    ObjectNode counts = root.putObject("counts");
    counts.put("episodes", episodes.size()).put("refused", refused.size());
    for (EpisodeOutcome.Kind kind : EpisodeOutcome.Kind.values()) {
      counts.put(kind.name().toLowerCase(Locale.ROOT), count(kind));
    }
    counts.put("observations", observations()).put("answered", answered());
    ArrayNode measures = root.putArray("measures");
    rows.forEach(row -> put(measures.addObject(), row));
    ArrayNode list = root.putArray("episodes");
    episodes.forEach(episode -> put(list.addObject(), episode));
    ArrayNode left = root.putArray("refused");
    refused.forEach(bag -> left.addObject().put("bag", bag.bag).put("reason", bag.reason));
    ArrayNode told = root.putArray("notes");
    notes.forEach((note, count) -> told.addObject().put("note", note).put("episodes", count));
    ArrayNode times = root.putArray("latency");
    for (Totals.LatencyRow row : latencies) {
      ObjectNode time =
          times
              .addObject()
              .put("of", row.what())
              .put("column", name(row.column()))
              .put("unit", "ms")
              .put("chunks", row.chunks());
      put(time, "p50", row.p50());
      put(time, "p99", row.p99());
    }
    return root;
  }

  private static void put(ObjectNode node, String name, Party party) {
    node.putObject(name).put("bundle", party.bundle).put("id", party.id);
  }

  private static void put(ObjectNode node, Totals.Row row) {
    node.put("name", row.measure().name()).put("unit", row.measure().unit());
    row.estimates().forEach((column, estimate) -> put(node, name(column), estimate));
    row.difference().ifPresent(estimate -> put(node, "difference", estimate));
  }

  private static void put(ObjectNode node, String name, Estimate estimate) {
    ObjectNode value = node.putObject(name).put("value", estimate.value());
    if (!Double.isNaN(estimate.low())) {
      value.put("low", estimate.low()).put("high", estimate.high());
    }
    value.put("episodes", estimate.episodes());
  }

  private static void put(ObjectNode node, EpisodeMeasures episode) {
    node.put("id", episode.id)
        .put("bag", episode.bag)
        .put("instruction", episode.instruction)
        .put("source", episode.source)
        .put("outcome", episode.outcome.name().toLowerCase(Locale.ROOT))
        .put("observations", episode.observations)
        .put("answered", episode.answered);
    for (Column column : Column.values()) {
      Map<Measure, Tally> tallies = episode.tallies(column);
      if (!tallies.isEmpty()) {
        ObjectNode values = node.putObject(name(column));
        tallies.forEach((measure, tally) -> values.put(measure.name(), measure.value(tally)));
      }
    }
  }

  static String name(Column column) {
    return column.name().toLowerCase(Locale.ROOT);
  }
}
