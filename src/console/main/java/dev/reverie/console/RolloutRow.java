package dev.reverie.console;

import dev.reverie.rollout.RolloutSummary;
import java.util.Locale;

/**
 * A recorded episode in the list, as JSON.
 *
 * @param name path below the folder of rollouts; by it a page names the bag
 * @param stamp of its files, by which a change is seen
 * @param outcomeStamp in the clock of the observations, ns; too long a number for a page
 * @param recordedMs time of day when it began, ms since 1970; 0 where that cannot be told
 * @param recording whether it is being recorded just now
 * @param problem why it cannot be read; empty where it can
 */
record RolloutRow(
    String name,
    String stamp,
    String id,
    String instruction,
    String source,
    String policyId,
    String outcome,
    String labeller,
    String reason,
    String outcomeStamp,
    long recordedMs,
    double seconds,
    long commands,
    long bytes,
    boolean recording,
    String problem) {
  static RolloutRow of(String name, String stamp, RolloutSummary summary) {
    return new RolloutRow(
        name,
        stamp,
        summary.id(),
        summary.instruction(),
        summary.source(),
        summary.policyId(),
        summary.outcome().kind().name().toLowerCase(Locale.ROOT),
        summary.outcome().labeller(),
        summary.outcome().reason(),
        Long.toString(summary.outcome().stampNanos()),
        summary.recordedNanos() / 1_000_000,
        summary.seconds(),
        summary.commands(),
        summary.bytes(),
        summary.recording(),
        summary.problem());
  }
}
