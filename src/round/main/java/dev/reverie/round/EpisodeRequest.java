package dev.reverie.round;

/**
 * One episode to run.
 *
 * @param seed of the scene, and of the tokens drawn
 * @param temperature of the tokens; 0: greedy
 * @param demonstrate the scripted expert acts, not the policy
 */
record EpisodeRequest(long seed, float temperature, boolean demonstrate) {}
