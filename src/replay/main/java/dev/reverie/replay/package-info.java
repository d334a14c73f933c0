/**
 * Recorded episodes given to a policy again, by the robot node itself: offline evaluation.
 *
 * <p>A {@link dev.reverie.replay.Replay} takes each {@link dev.reverie.replay.RecordedBag} to one
 * policy or two. A {@link dev.reverie.replay.ReplaySession} runs the node, to which a {@link
 * dev.reverie.replay.BagPlayer} plays the bag through a {@link dev.reverie.replay.PlaybackArm}; the
 * {@link dev.reverie.replay.ReplayedEpisode} that the node records is set beside the recorded one
 * by {@link dev.reverie.replay.Comparison}. {@link dev.reverie.replay.Totals} puts the episodes
 * together for the {@link dev.reverie.replay.ReplayResult}.
 */
@org.jspecify.annotations.NullMarked
package dev.reverie.replay;
