/**
 * Drives a round and writes its report.
 *
 * <p>{@link dev.reverie.round.Demo} is the round, stage by stage. An {@link
 * dev.reverie.round.EpisodeBatch} runs the episodes of one stage on an {@link
 * dev.reverie.round.ArmCell}, which is a simulated arm and a robot node that an {@link
 * dev.reverie.round.EpisodeRunner} asks for each; the trainer runs as a process of its own. {@link
 * dev.reverie.round.Report} makes a page of the {@link dev.reverie.round.RoundSummary}.
 */
@org.jspecify.annotations.NullMarked
package dev.reverie.round;
