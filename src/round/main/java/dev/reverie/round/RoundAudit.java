package dev.reverie.round;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reverie.report.Interval;
import java.nio.file.Path;

/**
 * Imagined beside real success of a policy, as {@code reverie train audit} found it.
 *
 * @param starts of episodes that nothing was trained on
 * @param imagined share of successes, its interval clustered by start
 * @param gap imagined less real success, its interval clustered by start
 * @param believed whether imagination is not surely too hopeful, and heeds what is done
 * @param collapsed whether the world model goes its own way whatever is done
 */
record RoundAudit(
    int starts, Interval imagined, Interval gap, boolean believed, boolean collapsed) {
  /** Status of a trainer whose imagination is not to be believed. */
  static final int DISTRUSTED = 3;

  static RoundAudit of(JsonNode report) {
    return new RoundAudit(
        report.at("/audit/starts").asInt(),
        interval(report.at("/audit/imagined")),
        interval(report.at("/audit/gap")),
        report.path("believed").asBoolean(),
        report.path("collapsed").asBoolean());
  }

  /**
   * The audit of the base policy that stands in its {@code improve.json}, on held-out rollouts.
   *
   * @throws RoundException where it does not say whether imagination may be believed
   */
  static RoundAudit ofTraining(Path file) {
    JsonNode result = RoundTraining.read(file);
    if (!result.path("believed").isBoolean()) {
      throw new RoundException(
          "%s does not say whether imagination may be believed, since an earlier version wrote it; delete the folder %s, and the same command trains again"
              .formatted(file, file.getParent()));
    }
    return of(result);
  }

  /** A share as the trainer tells it. */
  static Interval interval(JsonNode told) {
    return new Interval(
        told.path("value").asDouble(), told.path("low").asDouble(), told.path("high").asDouble());
  }
}
