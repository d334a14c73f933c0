/**
 * Episodes from bags and to bags.
 *
 * <pre>{@code
 * Episode episode = Episode.read(bag);
 * for (Step step : episode.steps()) {
 *   learn(step.images(), step.jointPositions(), episode.instruction(), step.action());
 * }
 * Rollouts.label(bag, EpisodeOutcome.Kind.SUCCESS, "ada", "upright after all");
 * }</pre>
 *
 * <p>An episode that did not come over the wire is written step by step:
 *
 * <pre>{@code
 * try (EpisodeWriter episode = EpisodeWriter.begin(rollouts, head, stampNanos, "")) {
 *   episode.observe(stampNanos, positionsRad, Map.of("wrist", picture));
 *   episode.chunk(stampNanos, horizon, actions);
 *   episode.step(stampNanos, positionsRad, sentRad);
 *   episode.observe(nextStampNanos, nextPositionsRad, Map.of("wrist", nextPicture));
 *   episode.end(outcome, nextStampNanos);
 * }
 * }</pre>
 *
 * <p>What comes over the wire is recorded as it came, by {@link dev.reverie.rollout.RolloutWriter}.
 * The format: docs/format-rollout.md.
 */
@org.jspecify.annotations.NullMarked
package dev.reverie.rollout;
