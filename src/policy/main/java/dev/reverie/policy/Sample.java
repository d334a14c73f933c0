package dev.reverie.policy;

/**
 * A chunk of actions that was drawn, all [K, D] row-major.
 *
 * @param tokens the bin of each value; empty where the head has no tokens
 * @param logProbabilities of the values at the temperature that they were drawn with, in nats, 0 at
 *     temperature 0; of a denoised chunk the sum over its steps, and empty where these drew nothing
 * @param actions in [-1, 1]
 */
public record Sample(int[] tokens, float[] logProbabilities, float[] actions) {}
