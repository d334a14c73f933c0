package dev.reverie.round;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reverie.report.Interval;

/**
 * Imagined beside real success of a policy, as {@code reverie train audit} found it.
 *
 * @param starts of episodes that nothing was trained on
 * @param imagined share of successes, its interval clustered by start
 * @param gap imagined less real success, its interval clustered by start
 * @param believed whether the gap is not surely above the limit
 */
record RoundAudit(int starts, Interval imagined, Interval gap, boolean believed) {
  /** Status of a trainer whose imagination is not to be believed. */
  static final int DISTRUSTED = 3;

  static RoundAudit of(JsonNode report) {
    return new RoundAudit(
        report.at("/audit/starts").asInt(),
        interval(report.at("/audit/imagined")),
        interval(report.at("/audit/gap")),
        report.path("believed").asBoolean());
  }

  /** The audit of the base policy that stands in {@code improve.json}, on held-out rollouts. */
  static RoundAudit ofTraining(JsonNode result) {
    Interval gap = interval(result.at("/audit/gap"));
    return new RoundAudit(
        result.at("/audit/starts").asInt(),
        interval(result.at("/audit/imagined")),
        gap,
        !(gap.low() > result.at("/settings/audit/gap").asDouble()));
  }

  /** A share as the trainer tells it. */
  static Interval interval(JsonNode told) {
    return new Interval(
        told.path("value").asDouble(), told.path("low").asDouble(), told.path("high").asDouble());
  }
}
