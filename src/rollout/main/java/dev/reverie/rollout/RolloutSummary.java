package dev.reverie.rollout;

import java.nio.file.Path;

/**
 * An episode in one line; read without its observations.
 *
 * @param begunNanos when it began, in the recorder's clock
 * @param seconds from its beginning to its last message
 * @param commands sent to the arm
 * @param bytes on disk
 * @param problem why it cannot be read; empty where it can
 */
public record RolloutSummary(
    String id,
    Path bag,
    String instruction,
    String source,
    String policyId,
    float temperature,
    long seed,
    EpisodeOutcome outcome,
    long begunNanos,
    double seconds,
    long commands,
    long bytes,
    String problem) {
  static RolloutSummary broken(Path bag, long bytes, String problem) {
    return new RolloutSummary(
        bag.getFileName().toString(),
        bag,
        "",
        "",
        "",
        0,
        0,
        EpisodeOutcome.UNLABELLED,
        0,
        0,
        0,
        bytes,
        problem);
  }
}
