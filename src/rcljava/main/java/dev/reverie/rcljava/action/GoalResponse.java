package dev.reverie.rcljava.action;

/** Answers a new goal. */
public enum GoalResponse {
  /** Reject; the client is told so. */
  REJECT,
  /** Accept, and be executing from now on. */
  EXECUTE,
  /** Accept; it executes after {@link GoalHandle#begin}. */
  DEFER
}
