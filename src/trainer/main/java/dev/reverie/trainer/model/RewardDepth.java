package dev.reverie.trainer.model;

import dev.reverie.report.Interval;

/**
 * Verdicts of the classifier in one chunk of imagined rollouts, of those of which it has not said
 * that they succeed before: practice ends a rollout with the first such word, so that this chunk's
 * are all that it is ever rewarded for there.
 *
 * @param undecided rollouts that had not ended, and of which nothing had been said
 * @param rightly of them called a success first in this chunk, and successes
 * @param wrongly of them called a success first in this chunk, and failures
 * @param precision share of the first among both
 * @param upTo of all that was said up to this chunk: successes are due in the chunk in which they
 *     end, and failures never
 */
public record RewardDepth(
    int undecided, int rightly, int wrongly, Interval precision, RewardQuality upTo) {}
