package dev.reverie.robot.control;

/**
 * An action chunk as it is played.
 *
 * @param index in its episode, from 0
 * @param source {@code Command.POLICY} or {@code Command.TELEOP}
 * @param first number of actions that were executed before the observation that the policy saw; its
 *     first action belongs there
 * @param actions [K, D] row-major, in [-1, 1]
 * @param horizon K
 * @param decided how many of its actions, from the first on, the policy was told of: they are those
 *     of the chunk before, and what it answered in their place is never played
 * @param played how many of its actions are to be played, from the first on, with those
 */
record Chunk(
    int index, String source, long first, float[] actions, int horizon, int decided, int played) {
  /** All of its actions are played. */
  Chunk(int index, String source, long first, float[] actions, int horizon) {
    this(index, source, first, actions, horizon, 0, horizon);
  }

  /** Returns action {@code k} of the K. */
  float[] action(int k) {
    int dimensions = actions.length / horizon;
    float[] action = new float[dimensions];
    System.arraycopy(actions, k * dimensions, action, 0, dimensions);
    return action;
  }

  /** Returns whether it has an action that is to be played after so many executed ones. */
  boolean covers(long executed) {
    return executed >= first + decided && executed - first < played;
  }

  /** Returns whether it has an action for after so many executed ones, to be played or not. */
  boolean knows(long executed) {
    return executed >= first + decided && executed - first < horizon;
  }
}
