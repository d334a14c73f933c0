package dev.reverie.rcljava.action;

import dev.reverie.rcljava.action.ActionServerOptions.Goals;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides which goal of an action server executes, where only one may at a time. Used under the
 * lock of its server.
 *
 * @param <G> a goal
 */
final class GoalQueue<G> {
  /**
   * Tells what a new goal brings about.
   *
   * @param starts whether it executes now
   * @param preempted the goal that has to come to its end
   * @param dropped goals that will never execute
   */
  record Turn<G>(boolean starts, Optional<G> preempted, List<G> dropped) {}

  private final Goals policy;
  private final Deque<G> waiting = new ArrayDeque<>();
  private @Nullable G executing;

  GoalQueue(Goals policy) {
    this.policy = policy;
  }

  /** Returns whether one more goal can not even wait. */
  boolean isFull() {
    return policy == Goals.ONE_REJECT && executing != null;
  }

  Turn<G> add(G goal) {
    G current = executing;
    if (policy == Goals.CONCURRENT) {
      return new Turn<>(true, Optional.empty(), List.of());
    }
    if (current == null) {
      executing = goal;
      return new Turn<>(true, Optional.empty(), List.of());
    }
    List<G> dropped = List.of();
    if (policy == Goals.ONE_PREEMPT) {
      dropped = List.copyOf(waiting);
      waiting.clear();
    }
    waiting.add(goal);
    return new Turn<>(
        false, policy == Goals.ONE_PREEMPT ? Optional.of(current) : Optional.empty(), dropped);
  }

  /** Takes a goal out that does not execute yet; false when there is no such one. */
  boolean remove(G goal) {
    return waiting.remove(goal);
  }

  /** Notes that a goal has ended, and returns the one that executes next. */
  Optional<G> ended(G goal) {
    if (executing != goal) {
      return Optional.empty();
    }
    executing = waiting.poll();
    return Optional.ofNullable(executing);
  }
}
