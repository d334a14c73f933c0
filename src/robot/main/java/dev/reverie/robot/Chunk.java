package dev.reverie.robot;

/**
 * An action chunk as it is played.
 *
 * @param index in its episode, from 0
 * @param source {@code Command.POLICY} or {@code Command.TELEOP}
 * @param tick control tick of the observation that the policy saw; its first action belongs there
 * @param actions [K, D] row-major, in [-1, 1]
 * @param horizon K
 */
record Chunk(int index, String source, long tick, float[] actions, int horizon) {}
