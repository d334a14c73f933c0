package dev.reverie.rcljava.action;

import dev.reverie.msgs.builtin_interfaces.Time;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * A goal that an action server has accepted from us.
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

  /** The id that the client gave the goal. */
  public UUID id() {
    return id;
  }

  /** When the server accepted it, by the server's clock. */
  public Time acceptedStamp() {
    return accepted;
  }

  /** Completed on the executor's thread when the goal has ended. */
  public CompletableFuture<GoalResult<R>> result() {
    return result;
  }

  /** Asks the server to end it; true when the server agreed. */
  public CompletableFuture<Boolean> cancel() {
    return cancel.get();
  }
}
