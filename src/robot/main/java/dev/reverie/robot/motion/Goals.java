package dev.reverie.robot.motion;

import dev.reverie.msgs.ActionType;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.RclException;
import dev.reverie.rcljava.action.ActionClient;
import dev.reverie.rcljava.action.ClientGoalHandle;
import dev.reverie.rcljava.action.GoalResult;
import dev.reverie.robot.sense.HoldReason;
import dev.reverie.robot.sense.HoldReason.Kind;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Sends goals to an action and waits for none: the server replaces a goal by the next one. While it
 * has not answered a goal, only the newest of those that come is kept. Thread-safe.
 *
 * @param <G> goal
 * @param <R> result
 */
final class Goals<G, R> implements AutoCloseable {
  /** A server that has not answered a goal for so long gets the next one. */
  private static final long ANSWER_NANOS = 500_000_000L;

  /** So many failures are a reason to hold, or those of so long a time. */
  private static final int FAILURES = 3;

  private static final long FAILING_NANOS = 500_000_000L;

  /** Goals and results that a silent server still owes; those of older goals are given up. */
  private static final int OWED = 16;

  private static final String MISSING =
      "has no server; start the arm's controller, or name its action in controller.topic or"
          + " controller.gripper";

  private final ActionClient<G, R, ?> client;
  private final Function<GoalResult<R>, Optional<String>> wrong;
  private final long forgetNanos;
  private long newest; // number of the goal that was sent last
  private long sentNanos; // when it was sent; 0 when it is answered
  private @Nullable G next;
  private @Nullable ClientGoalHandle<R> running; // accepted last
  private final Deque<CompletableFuture<?>> owed = new ArrayDeque<>(); // the oldest first
  private int failures; // in a row
  private long firstNanos; // of the failures
  private long lastNanos;
  private @Nullable HoldReason reason; // of the last failure
  private boolean closed;

  /** Ways in which a goal can fail. */
  private enum Failure {
    MISSING,
    SILENT,
    REJECTED,
    ENDED
  }

  /**
   * Creates a client of an action.
   *
   * @param wrong says what is wrong with the end of a goal that no other replaced
   * @param periodNanos in which goals come at most
   */
  <F> Goals(
      Node node,
      ActionType<G, R, F> type,
      String name,
      Function<GoalResult<R>, Optional<String>> wrong,
      long periodNanos) {
    client = new ActionClient<>(node, type, name);
    this.wrong = wrong;
    forgetNanos = 1_000_000_000L + 2 * periodNanos;
  }

  /** Sends a goal that replaces those before. */
  synchronized void send(G goal) {
    long now = System.nanoTime();
    if (sentNanos != 0 && now - sentNanos < ANSWER_NANOS) {
      next = goal;
      return;
    }
    if (sentNanos != 0) {
      failed(Failure.SILENT, "does not answer its goals; look at the controller's log");
    }
    launch(goal);
  }

  private void launch(G goal) {
    next = null;
    sentNanos = 0;
    if (closed) {
      return;
    }
    if (!client.isServerAvailable()) {
      failed(Failure.MISSING, MISSING);
      return;
    }
    sentNanos = System.nanoTime();
    long number = ++newest;
    try {
      var sent = client.sendGoal(goal, feedback -> {});
      owe(sent);
      var _ = sent.whenComplete((handle, failure) -> answered(number, handle, failure));
    } catch (RclException _) { // the context was shut down
      closed = true;
    }
  }

  /** Waits for one more answer, and no longer for the oldest of too many. */
  private void owe(CompletableFuture<?> answer) {
    owed.removeIf(CompletableFuture::isDone);
    owed.add(answer);
    if (owed.size() > OWED) {
      owed.remove().cancel(false);
    }
  }

  /** Number of answers that are waited for. */
  int waiting() {
    return client.waiting();
  }

  private synchronized void answered(
      long number, @Nullable ClientGoalHandle<R> handle, @Nullable Throwable failure) {
    if (number != newest || closed) {
      if (handle != null) { // too late: another goal replaces it
        handle.result().cancel(false);
      }
      return;
    }
    sentNanos = 0;
    if (handle != null) {
      running = handle;
      owe(handle.result());
      var _ = handle.result().whenComplete((result, lost) -> ended(number, handle, result, lost));
    } else {
      failed(
          Failure.REJECTED,
          "takes no goal (%s); look at the controller's log: is it active, and of these joints?"
              .formatted(words(failure)));
    }
    G waits = next;
    if (waits != null) {
      launch(waits);
    }
  }

  private synchronized void ended(
      long number,
      ClientGoalHandle<R> goal,
      @Nullable GoalResult<R> result,
      @Nullable Throwable lost) {
    boolean ours = running == goal;
    running = ours ? null : running;
    if (number != newest || !ours || closed) {
      return; // another replaces it, or it was cancelled here
    }
    Optional<String> why =
        result == null ? Optional.of("lost it: " + words(lost)) : wrong.apply(result);
    why.ifPresent(text -> failed(Failure.ENDED, "ended its goal: " + text));
  }

  private static String words(@Nullable Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    return cause == null ? "" : String.valueOf(cause.getMessage());
  }

  private HoldReason because(Failure failure, String text) {
    return new HoldReason(
        Kind.NO_CONTROLLER,
        client.name(),
        "the action '%s' %s".formatted(client.name(), text),
        failure.name().toLowerCase(Locale.ROOT));
  }

  private void failed(Failure failure, String text) {
    long now = System.nanoTime();
    if (failures == 0 || now - lastNanos > forgetNanos) {
      failures = 0;
      firstNanos = now;
    }
    failures++;
    lastNanos = now;
    reason = because(failure, text);
  }

  /** Returns what went wrong with a goal just now. */
  synchronized Optional<HoldReason> trouble() {
    return failures == 0 || System.nanoTime() - lastNanos > forgetNanos
        ? Optional.empty()
        : Optional.ofNullable(reason);
  }

  /** Returns why the arm may not be moved: too much went wrong. */
  synchronized Optional<HoldReason> fault() {
    return trouble().filter(_ -> failures >= FAILURES || lastNanos - firstNanos >= FAILING_NANOS);
  }

  /** Returns that there is no server; empty where there is one. */
  Optional<HoldReason> absent() {
    return client.isServerAvailable()
        ? Optional.empty()
        : Optional.of(because(Failure.MISSING, MISSING));
  }

  /** Waits for no answer any more: the next goal goes out at once. */
  synchronized void hurry() {
    sentNanos = 0;
  }

  /** Asks the server to end the goal that runs. */
  synchronized void cancel() {
    ClientGoalHandle<R> goal = running;
    if (goal != null && !closed) {
      running = null;
      try {
        var _ = goal.cancel();
      } catch (RclException _) { // the context was shut down
        closed = true;
      }
    }
  }

  /** Sends no more; the node closes the client. */
  @Override
  public synchronized void close() {
    closed = true;
  }
}
