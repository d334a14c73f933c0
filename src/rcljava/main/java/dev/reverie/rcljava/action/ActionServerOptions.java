package dev.reverie.rcljava.action;

import dev.reverie.rcljava.CallbackGroup;
import java.time.Duration;
import java.util.Optional;

/**
 * How an action server deals with its goals.
 *
 * @param goals what a goal means to those before it
 * @param resultTimeout how long results are kept after a goal's end; {@link #FOR_EVER} for no end
 * @param group of its callbacks; empty: the node's own
 */
public record ActionServerOptions(
    Goals goals, Duration resultTimeout, Optional<CallbackGroup> group) {

  /** What happens when a goal is accepted while another one has not ended. */
  public enum Goals {
    /** All are executed, at the same time. */
    CONCURRENT,
    /** The new one is rejected. */
    ONE_REJECT,
    /** The new one waits for the end of those before it; it is accepted, but does not execute. */
    ONE_QUEUE,
    /**
     * The one that executes is told by {@link ActionHandler#preempted} and should come to its end;
     * then the newest is executed. Those between them are aborted with an empty result.
     */
    ONE_PREEMPT
  }

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

  /** The same with another policy. */
  public ActionServerOptions withGoals(Goals value) {
    return new ActionServerOptions(value, resultTimeout, group);
  }

  /** The same with another time for results. */
  public ActionServerOptions withResultTimeout(Duration value) {
    return new ActionServerOptions(goals, value, group);
  }

  /** Returns the same with its callbacks in this group. */
  public ActionServerOptions withGroup(CallbackGroup value) {
    return new ActionServerOptions(goals, resultTimeout, Optional.of(value));
  }
}
