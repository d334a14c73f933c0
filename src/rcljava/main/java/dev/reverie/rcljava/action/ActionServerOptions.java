package dev.reverie.rcljava.action;

import dev.reverie.rcljava.CallbackGroup;
import java.time.Duration;
import java.util.Optional;

/**
 * Says how an action server deals with its goals.
 *
 * @param goals what a goal means to the ones before it
 * @param resultTimeout the time that results are kept after a goal's end; {@link #FOR_EVER} for no
 *     end
 * @param group the group of its callbacks; empty: the node's own
 */
public record ActionServerOptions(
    Goals goals, Duration resultTimeout, Optional<CallbackGroup> group) {
  /** Says what happens when a goal is accepted while another one has not ended. */
  public enum Goals {
    /** All are executed, at the same time. */
    CONCURRENT,
    /** The new one is rejected. */
    ONE_REJECT,
    /**
     * The new one waits for the end of the ones before it; it is accepted, but does not execute.
     */
    ONE_QUEUE,
    /**
     * The one that executes is told by {@link ActionHandler#preempted} and should come to its end;
     * then the newest is executed. Those between them are aborted with an empty result.
     */
    ONE_PREEMPT
  }

  /** A result timeout without end. */
  public static final Duration FOR_EVER = Duration.ofSeconds(Long.MAX_VALUE / 1_000_000_000L);

  /** Concurrent goals, results for 10 s, as rcl_action has it. */
  public static final ActionServerOptions DEFAULT =
      new ActionServerOptions(Goals.CONCURRENT, Duration.ofSeconds(10), Optional.empty());

  /** Checks the result timeout. */
  public ActionServerOptions {
    if (resultTimeout.isNegative()) {
      throw new IllegalArgumentException("result timeout " + resultTimeout + " is negative");
    }
  }

  /** Returns the same with another policy. */
  public ActionServerOptions withGoals(Goals value) {
    return new ActionServerOptions(value, resultTimeout, group);
  }

  /** Returns the same with another time for results. */
  public ActionServerOptions withResultTimeout(Duration value) {
    return new ActionServerOptions(goals, value, group);
  }

  /** Returns the same with its callbacks in this group. */
  public ActionServerOptions withGroup(CallbackGroup value) {
    return new ActionServerOptions(goals, resultTimeout, Optional.of(value));
  }
}
