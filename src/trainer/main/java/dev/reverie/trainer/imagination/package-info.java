/** Rollouts inside the world model, and GRPO from them. */
@org.jspecify.annotations.NullMarked
package dev.reverie.trainer.imagination;
