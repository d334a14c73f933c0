package dev.reverie.round;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.reverie.mcap.Durable;
import dev.reverie.report.Interval;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/**
 * The result of a round, as {@code round.json} holds it.
 *
 * @param base real success of the policy that the round began with
 * @param improved real success of the policy that it ended with, on the same episodes
 * @param imagined success inside the world model, before and after
 * @param seconds wall-clock time of each stage
 */
record RoundSummary(
    long seed,
    Success base,
    Success improved,
    Imagined imagined,
    Map<String, Double> seconds,
    Policies policy) {
  record Imagined(double before, double after) {}

  /** Ids of the policy bundles. */
  record Policies(String before, String after) {}

  static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  /** The table that a person reads at the end of a round. */
  String table() {
    var s = new StringBuilder();
    s.append(
        String.format(Locale.ROOT, "%-22s %8s  %-16s %8s%n", "", "success", "95 % interval", "n"));
    s.append(row("base, real", base));
    s.append(row("improved, real", improved));
    s.append(String.format(Locale.ROOT, "%-22s %8.3f%n", "base, imagined", imagined.before()));
    s.append(String.format(Locale.ROOT, "%-22s %8.3f%n", "improved, imagined", imagined.after()));
    s.append(String.format(Locale.ROOT, "%-22s %+8.1f points%n", "gain, real", gainPoints()));
    seconds.forEach(
        (stage, took) ->
            s.append(String.format(Locale.ROOT, "%-22s %8.1f s%n", stage.replace('_', ' '), took)));
    return s.toString();
  }

  /** Rise of the real success, in points of a hundred. */
  double gainPoints() {
    return 100 * (improved.interval().value() - base.interval().value());
  }

  private static String row(String name, Success s) {
    Interval i = s.interval();
    return String.format(
        Locale.ROOT,
        "%-22s %8.3f  [%.3f, %.3f]   %8d%n",
        name,
        i.value(),
        i.low(),
        i.high(),
        s.episodes());
  }

  void write(Path file) {
    try {
      Durable.write(file, JSON.writeValueAsString(this));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }
}
