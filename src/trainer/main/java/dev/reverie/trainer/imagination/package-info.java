/**
 * Rollouts inside the world model, and the policy's practice on them.
 *
 * <p>{@link dev.reverie.trainer.imagination.RolloutStarts} are real frames; {@link
 * dev.reverie.trainer.imagination.Imagination} lets a policy act from there on and gives {@link
 * dev.reverie.trainer.imagination.PlayedRollouts}; {@link dev.reverie.trainer.imagination.Grpo}
 * makes the policy better by them, or by those of another {@link
 * dev.reverie.trainer.imagination.Environment}. {@link dev.reverie.trainer.imagination.Filmstrips}
 * shows recorded beside imagined episodes.
 */
@org.jspecify.annotations.NullMarked
package dev.reverie.trainer.imagination;
