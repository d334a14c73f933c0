package dev.reverie.rcljava.action;

/**
 * Does the work of an action server; called on a thread of the executor. Without callback threads
 * of its own nothing else runs meanwhile, so work that takes long goes to another thread and ends
 * the goal from there.
 *
 * @param <G> goal
 * @param <R> result
 * @param <F> feedback
 */
@FunctionalInterface
public interface ActionHandler<G, R, F> {
  /** Decides about a new goal. */
  default GoalResponse accept(G goal) {
    return GoalResponse.EXECUTE;
  }

  /**
   * Begins the work on an accepted goal. It ends, here or later on any thread, by succeed, abort or
   * canceled of the handle.
   */
  void execute(GoalHandle<G, R, F> goal);

  /**
   * Decides whether a goal may be canceled. If so, {@link GoalHandle#isCanceling} is true from then
   * on and the work should come to its end soon.
   */
  default boolean cancel(GoalHandle<G, R, F> goal) {
    return true;
  }

  /**
   * Tells that a newer goal waits for the end of this one ({@link
   * ActionServerOptions.Goals#ONE_PREEMPT}). The work may also look at {@link
   * GoalHandle#isPreempted}.
   */
  default void preempted(GoalHandle<G, R, F> goal) {}
}
