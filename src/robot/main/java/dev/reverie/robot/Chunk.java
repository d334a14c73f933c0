package dev.reverie.robot;

/**
 * An action chunk as it is played.
 *
 * @param index in its episode, from 0
 * @param source {@code Command.POLICY} or {@code Command.TELEOP}
 * @param first number of actions that were executed before the observation that the policy saw; its
 *     first action belongs there
 * @param actions [K, D] row-major, in [-1, 1]
 * @param horizon K
 * @param played how many of its actions are to be played, from the first on
 */
record Chunk(int index, String source, long first, float[] actions, int horizon, int played) {
  /** All of its actions are played. */
  Chunk(int index, String source, long first, float[] actions, int horizon) {
    this(index, source, first, actions, horizon, horizon);
  }

  /** Returns action {@code k} of the K. */
  float[] action(int k) {
    int dimensions = actions.length / horizon;
    float[] action = new float[dimensions];
    System.arraycopy(actions, k * dimensions, action, 0, dimensions);
    return action;
  }

  /** Returns whether it has an action for after so many executed ones. */
  boolean covers(long executed) {
    return executed >= first && executed - first < played;
  }
}
