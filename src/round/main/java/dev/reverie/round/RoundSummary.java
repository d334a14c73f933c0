package dev.reverie.round;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reverie.mcap.Durable;
import dev.reverie.report.Interval;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The result of a round, as {@code round.json} holds it.
 *
 * @param seedsBefore of the rounds that it goes on from
 * @param base real success of the policy that the round began with
 * @param baseAudit of imagination, before the better policy was swapped in
 * @param improved the better policy; empty where it was not swapped in
 * @param seconds wall-clock time of each stage
 */
record RoundSummary(
    long seed,
    List<Long> seedsBefore,
    Success base,
    RoundAudit baseAudit,
    Optional<Improved> improved,
    Map<String, Double> seconds,
    Policies policy) {
  /**
   * The policy that the round ended with.
   *
   * @param real success
   * @param gain in real success
   * @param paired whether both policies had the same scenes, and the gain's interval is over pairs
   */
  record Improved(Success real, Interval gain, boolean paired, RoundAudit audit) {}

  /** Ids of the policy bundles. */
  record Policies(String before, String after) {}

  static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  /** Tells whether the policy that the round ended with is surely better, with 95 % confidence. */
  boolean better() {
    return improved.filter(after -> after.gain().low() > 0).isPresent();
  }

  /** The table that a person reads at the end of a round. */
  String table() {
    var s = new StringBuilder();
    s.append(
        String.format(Locale.ROOT, "%-22s %8s  %-16s %8s%n", "", "success", "95 % interval", "n"));
    s.append(row("base, real", base.interval(), base.episodes()));
    s.append(row("base, imagined", baseAudit.imagined(), baseAudit.starts()));
    improved.ifPresent(
        after -> {
          s.append(row("improved, real", after.real().interval(), after.real().episodes()));
          s.append(row("improved, imagined", after.audit().imagined(), after.audit().starts()));
          s.append(points("gain, real", after.gain()));
          s.append(points("imagined above real", after.audit().gap()));
        });
    verdict().ifPresent(text -> s.append(text).append(System.lineSeparator()));
    seconds.forEach(
        (stage, took) ->
            s.append(String.format(Locale.ROOT, "%-22s %8.1f s%n", stage.replace('_', ' '), took)));
    return s.toString();
  }

  /** Returns what is to be known of a round before its result is used; empty where nothing is. */
  Optional<String> verdict() {
    if (improved.isEmpty() && baseAudit.collapsed()) {
      return Optional.of(
          "not swapped in: the world model goes its own way whatever is done, so what was learned in it is not to be believed (demo --despite-audit swaps it in all the same)");
    }
    if (improved.isEmpty()) {
      return Optional.of(
          String.format(
              Locale.ROOT,
              "not swapped in: imagination is surely too hopeful about the base policy, by %+.1f points from first frames, so what was learned in it is not to be believed (demo --despite-audit swaps it in all the same)",
              100 * baseAudit.gap().value()));
    }
    if (!improved.get().audit().believed()) {
      return Optional.of(
          improved.get().audit().collapsed()
              ? "the world model goes its own way whatever is done: imagined success says nothing"
              : "imagination is surely too hopeful about the improved policy: it has been exploited");
    }
    return better()
        ? Optional.empty()
        : Optional.of("not surely better: the next round begins with the base policy again");
  }

  private static String points(String name, Interval share) {
    return String.format(
        Locale.ROOT,
        "%-22s %+8.1f  [%+.1f, %+.1f] points%n",
        name,
        100 * share.value(),
        100 * share.low(),
        100 * share.high());
  }

  private static String row(String name, Interval i, int n) {
    return String.format(
        Locale.ROOT, "%-22s %8.3f  [%.3f, %.3f]   %8d%n", name, i.value(), i.low(), i.high(), n);
  }

  void write(Path file) {
    ObjectNode root = JSON.createObjectNode().put("seed", seed);
    root.putPOJO("seeds_before", seedsBefore)
        .putPOJO("base", base)
        .putPOJO("audit_base", baseAudit);
    improved.ifPresent(after -> root.putPOJO("improved", after));
    root.putPOJO("seconds", seconds).putPOJO("policy", policy);
    try {
      Durable.write(file, JSON.writeValueAsString(root));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }
}
