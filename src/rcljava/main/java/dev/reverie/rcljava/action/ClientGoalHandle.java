package dev.reverie.rcljava.action;

import dev.reverie.msgs.builtin_interfaces.Time;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Represents a goal that an action server has accepted from us.
 *
 * @param <R> result
 */
public final class ClientGoalHandle<R> {
  private final UUID id;
  private final Time accepted;
  private final CompletableFuture<GoalResult<R>> result;
  private final Supplier<CompletableFuture<Boolean>> cancel;

  ClientGoalHandle(
      UUID id,
      Time accepted,
      CompletableFuture<GoalResult<R>> result,
      Supplier<CompletableFuture<Boolean>> cancel) {
    this.id = id;
    this.accepted = accepted;
    this.result = result;
    this.cancel = cancel;
  }

  /** Returns the id that the client gave the goal. */
  public UUID id() {
    return id;
  }

  /** Returns the time of its acceptance, by the server's clock. */
  public Time acceptedStamp() {
    return accepted;
  }

  /** Returns the result, completed on the executor's thread when the goal has ended. */
  public CompletableFuture<GoalResult<R>> result() {
    return result;
  }

  /** Asks the server to end the goal; true when the server agreed. */
  public CompletableFuture<Boolean> cancel() {
    return cancel.get();
  }
}
