package dev.reverie.rcljava.action;

import dev.reverie.msgs.builtin_interfaces.Time;
import dev.reverie.rcljava.Responder;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Represents a goal that an action server has accepted. Usable from any thread. Where the server is
 * closed the goal is aborted; nobody is told what is done to it later, and nothing of it fails.
 *
 * @param <G> goal
 * @param <R> result
 * @param <F> feedback
 */
public final class GoalHandle<G, R, F> {
  private final ActionServer<G, R, F> server;
  private final UUID id;
  private final G goal;
  private final Time accepted;
  private final boolean beginsAtOnce;
  // Guarded by server.
  private GoalStatus status = GoalStatus.ACCEPTED;
  private boolean preempted;
  private @Nullable R result;
  private long sinceNanos = System.nanoTime();
  private final List<Responder<ActionWire.Ended<R>>> waiting = new ArrayList<>();

  GoalHandle(ActionServer<G, R, F> server, UUID id, G goal, Time accepted, boolean beginsAtOnce) {
    this.server = server;
    this.id = id;
    this.goal = goal;
    this.accepted = accepted;
    this.beginsAtOnce = beginsAtOnce;
  }

  /** Returns the id that the client gave the goal. */
  public UUID id() {
    return id;
  }

  /** Returns what is asked for. */
  public G goal() {
    return goal;
  }

  /** Returns the time of its acceptance, by the node's clock. */
  public Time acceptedStamp() {
    return accepted;
  }

  /** Returns what has become of it so far. */
  public GoalStatus status() {
    synchronized (server) {
      return status;
    }
  }

  /** Returns whether a client wants it to end, and the handler agreed. */
  public boolean isCanceling() {
    return status() == GoalStatus.CANCELING;
  }

  /**
   * Returns whether a newer goal waits for its end ({@link ActionServerOptions.Goals#ONE_PREEMPT}):
   * it should abort, or succeed, soon.
   */
  public boolean isPreempted() {
    synchronized (server) {
      return preempted;
    }
  }

  void preempt() {
    synchronized (server) {
      preempted = true;
    }
  }

  /** Returns whether it executes from its turn on, without {@link #begin} by the handler. */
  boolean beginsAtOnce() {
    return beginsAtOnce;
  }

  /** Publishes feedback to all clients that listen. */
  public void publishFeedback(F feedback) {
    server.publishFeedback(id, feedback);
  }

  /** Begins a goal that was accepted with {@link GoalResponse#DEFER}. */
  public void begin() {
    move(GoalStatus.EXECUTING, GoalStatus.ACCEPTED);
  }

  /**
   * Ends the goal as reached.
   *
   * @throws IllegalStateException when it has ended already, or not begun
   */
  public void succeed(R value) {
    end(GoalStatus.SUCCEEDED, value, GoalStatus.EXECUTING, GoalStatus.CANCELING);
  }

  /**
   * Ends the goal as given up.
   *
   * @throws IllegalStateException when it has ended already, or not begun
   */
  public void abort(R value) {
    end(GoalStatus.ABORTED, value, GoalStatus.EXECUTING, GoalStatus.CANCELING);
  }

  /**
   * Ends the goal as its client wished.
   *
   * @throws IllegalStateException when {@link #isCanceling} is false
   */
  public void canceled(R value) {
    end(GoalStatus.CANCELED, value, GoalStatus.CANCELING);
  }

  void beginCanceling() {
    move(GoalStatus.CANCELING, GoalStatus.ACCEPTED, GoalStatus.EXECUTING);
  }

  /** Ends the goal, whatever has become of it so far, because its server is closed. */
  void abandon(R value) {
    synchronized (server) {
      if (!status.isTerminal()) {
        become(GoalStatus.ABORTED);
        answer(value);
      }
    }
  }

  private void end(GoalStatus to, R value, GoalStatus... from) {
    synchronized (server) {
      if (!move(to, from)) {
        return;
      }
      answer(value);
    }
    server.ended(this);
  }

  /** Returns false where the server is closed, and the goal stays as it is. */
  private boolean move(GoalStatus to, GoalStatus... from) {
    synchronized (server) {
      if (server.isClosed()) {
        return false;
      }
      if (!List.of(from).contains(status)) {
        throw new IllegalStateException(
            "goal %s is %s, it can not become %s".formatted(id, status, to));
      }
      become(to);
      return true;
    }
  }

  private void become(GoalStatus to) {
    status = to;
    sinceNanos = System.nanoTime();
    server.publishStatus();
  }

  private void answer(R value) {
    result = value;
    waiting.forEach(
        responder -> ActionServer.answer(responder, new ActionWire.Ended<>(status, value)));
    waiting.clear();
  }

  /** Answers with the result, now or when there is one. */
  void whenEnded(Responder<ActionWire.Ended<R>> responder) {
    synchronized (server) {
      R value = result;
      if (value == null) {
        waiting.add(responder);
      } else {
        ActionServer.answer(responder, new ActionWire.Ended<>(status, value));
      }
    }
  }

  /** Returns whether a client waits for its result. */
  boolean isAwaited() {
    synchronized (server) {
      return !waiting.isEmpty();
    }
  }

  /** Returns whether it ended this long ago. */
  boolean hasExpired(long timeoutNanos) {
    return status.isTerminal() && System.nanoTime() - sinceNanos > timeoutNanos;
  }
}
