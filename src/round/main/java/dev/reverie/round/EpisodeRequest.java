package dev.reverie.round;

/**
 * One episode to run.
 *
 * @param scene seed of the scene
 * @param tokens seed of the tokens drawn
 * @param temperature of the tokens; 0: greedy
 * @param demonstrate the scripted expert acts, not the policy
 */
record EpisodeRequest(long scene, long tokens, float temperature, boolean demonstrate) {
  /** One seed for both. */
  EpisodeRequest(long seed, float temperature, boolean demonstrate) {
    this(seed, seed, temperature, demonstrate);
  }
}
