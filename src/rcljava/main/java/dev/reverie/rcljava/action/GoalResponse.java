package dev.reverie.rcljava.action;

/** What an action server says to a new goal. */
public enum GoalResponse {
  /** The client is told no. */
  REJECT,
  /** Accept, and be executing from now on. */
  EXECUTE,
  /** Accept; it executes after {@link GoalHandle#begin}. */
  DEFER
}
