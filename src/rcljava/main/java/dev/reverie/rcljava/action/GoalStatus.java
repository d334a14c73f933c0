package dev.reverie.rcljava.action;

/**
 * Names the states of an action's goal, in the order and with the codes of
 * action_msgs/msg/GoalStatus.
 */
public enum GoalStatus {
  /** Nothing is known of such a goal. */
  UNKNOWN,
  /** Accepted, and not begun yet. */
  ACCEPTED,
  /** Worked on. */
  EXECUTING,
  /** Worked on still, though it shall end. */
  CANCELING,
  /** Reached. */
  SUCCEEDED,
  /** Ended because the client wished so. */
  CANCELED,
  /** The server gave it up. */
  ABORTED;

  private static final GoalStatus[] BY_CODE = values();

  static GoalStatus of(byte code) {
    return code >= 0 && code < BY_CODE.length ? BY_CODE[code] : UNKNOWN;
  }

  byte code() {
    return (byte) ordinal();
  }

  /** Returns whether a goal has come to its end. */
  public boolean isTerminal() {
    return compareTo(SUCCEEDED) >= 0;
  }
}
