package dev.reverie.rcljava.action;

import dev.reverie.msgs.ActionType;
import dev.reverie.msgs.action_msgs.CancelGoal;
import dev.reverie.msgs.action_msgs.GoalStatusArray;
import dev.reverie.msgs.builtin_interfaces.Time;
import dev.reverie.rcljava.CallbackGroup;
import dev.reverie.rcljava.Client;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.Qos;
import dev.reverie.rcljava.RclException;
import dev.reverie.rcljava.Subscription;
import dev.reverie.rcljava.SubscriptionOptions;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Sends goals to an action server, from any thread. Answers come in on the executor's thread.
 *
 * @param <G> goal
 * @param <R> result
 * @param <F> feedback
 */
public final class ActionClient<G, R, F> implements AutoCloseable {
  private final Node node;
  private final String name;
  private final Client<ActionWire.SendGoal<G>, ActionWire.Accepted> sendGoal;
  private final Client<CancelGoal.Request, CancelGoal.Response> cancelGoal;
  private final Client<UUID, ActionWire.Ended<R>> getResult;
  private final Subscription<ActionWire.Feedback<F>> feedback;
  private final Subscription<GoalStatusArray> status;
  private final Map<UUID, Consumer<F>> feedbackConsumers = new ConcurrentHashMap<>();
  private volatile Map<UUID, GoalStatus> statuses = Map.of();

  /** Creates a client whose callbacks come one at a time, in a group of its own. */
  public ActionClient(Node node, ActionType<G, R, F> type, String name) {
    this.node = node;
    this.name = node.resolveTopic(name);
    var wire = ActionWire.of(type, this.name);
    // One group, because the result takes the feedback that came before it.
    CallbackGroup group = node.createCallbackGroup(CallbackGroup.Kind.MUTUALLY_EXCLUSIVE);
    sendGoal = node.createClient(wire.sendGoal(), wire.sendGoalName(), group);
    cancelGoal = node.createClient(ActionWire.CANCEL_GOAL, wire.cancelGoalName(), group);
    getResult = node.createClient(wire.getResult(), wire.getResultName(), group);
    SubscriptionOptions options = SubscriptionOptions.DEFAULT.withGroup(group);
    feedback =
        node.createSubscription(
            wire.feedback(), wire.feedbackName(), Qos.DEFAULT, options, (m, _) -> onFeedback(m));
    status =
        node.createSubscription(
            ActionWire.STATUS,
            wire.statusName(),
            ActionWire.STATUS_QOS,
            options,
            (m, _) -> onStatus(m));
  }

  /** Returns the action's full name, remapped. */
  public String name() {
    return name;
  }

  /** Waits until a server is there; false when there is none in time, or at shutdown. */
  public boolean waitForServer(Duration timeout) {
    return node.graph().await(timeout, this::isServerAvailable);
  }

  /** Returns whether a server is there now. */
  public boolean isServerAvailable() {
    return sendGoal.isServiceAvailable()
        && cancelGoal.isServiceAvailable()
        && getResult.isServiceAvailable()
        && feedback.publisherCount() > 0;
  }

  /**
   * Sends a goal.
   *
   * @param onFeedback called on the executor's thread until the goal has ended
   * @return fails with {@link RclException} when the server rejects the goal; who cancels it waits
   *     for the answer no more, as for that of a result, and the goal may be accepted all the same
   */
  public CompletableFuture<ClientGoalHandle<R>> sendGoal(G goal, Consumer<F> onFeedback) {
    UUID id = UUID.randomUUID();
    feedbackConsumers.put(id, onFeedback);
    CompletableFuture<ActionWire.Accepted> accepted =
        sendGoal.call(new ActionWire.SendGoal<>(id, goal));
    CompletableFuture<ClientGoalHandle<R>> handle =
        accepted.thenApply(response -> handle(id, response));
    var _ =
        handle.whenComplete(
            (_, failure) -> {
              if (failure != null) {
                feedbackConsumers.remove(id);
                accepted.completeExceptionally(failure); // nobody waits any more
              }
            });
    return handle;
  }

  /** Number of goals and results that the server has not answered, and that are waited for. */
  public int waiting() {
    return sendGoal.waiting() + getResult.waiting();
  }

  private ClientGoalHandle<R> handle(UUID id, ActionWire.Accepted response) {
    if (!response.accepted()) {
      throw new RclException("the server of " + name + " rejected the goal");
    }
    // Asked for at once: the server keeps results for a few seconds only.
    CompletableFuture<ActionWire.Ended<R>> asked = getResult.call(id);
    CompletableFuture<GoalResult<R>> result = asked.thenApply(ended -> result(id, ended));
    var _ =
        result.whenComplete(
            (_, failure) -> {
              feedbackConsumers.remove(id);
              if (failure != null) {
                asked.completeExceptionally(failure); // nobody waits any more
              }
            });
    return new ClientGoalHandle<>(id, response.stamp(), result, () -> cancel(id));
  }

  /** Delivers feedback that has arrived, then returns the result; on the executor's thread. */
  private GoalResult<R> result(UUID id, ActionWire.Ended<R> ended) {
    feedback.deliverArrived();
    if (!ended.status().isTerminal()) {
      throw new RclException("the server of %s does not know goal %s any more".formatted(name, id));
    }
    return new GoalResult<>(ended.status(), ended.result());
  }

  /** Returns the status of the goals of all clients, as the server told last. */
  public Map<UUID, GoalStatus> statuses() {
    return statuses;
  }

  /**
   * Asks the server to end all goals, the ones of other clients too; it answers with the ones that
   * it will end.
   */
  public CompletableFuture<List<UUID>> cancelAll() {
    return cancel(ActionServer.NO_ID, new Time());
  }

  /**
   * Asks the server to end all goals that it had accepted by then; it answers with the ones that it
   * will end.
   */
  public CompletableFuture<List<UUID>> cancelUntil(Time accepted) {
    return cancel(ActionServer.NO_ID, accepted);
  }

  /**
   * Asks the server to end a goal, which may have been sent by another client; it answers whether
   * it will.
   */
  public CompletableFuture<Boolean> cancel(UUID id) {
    return cancel(id, new Time()).thenApply(canceling -> canceling.contains(id));
  }

  private CompletableFuture<List<UUID>> cancel(UUID id, Time until) {
    return cancelGoal
        .call(new CancelGoal.Request(ActionWire.info(id, until)))
        .thenApply(response -> response.goalsCanceling().stream().map(ActionWire::id).toList());
  }

  private void onStatus(GoalStatusArray message) {
    var seen = new LinkedHashMap<UUID, GoalStatus>();
    message
        .statusList()
        .forEach(s -> seen.put(ActionWire.id(s.goalInfo()), GoalStatus.of(s.status())));
    statuses = Collections.unmodifiableMap(seen);
  }

  private void onFeedback(ActionWire.Feedback<F> message) {
    Consumer<F> consumer = feedbackConsumers.get(message.id());
    if (consumer != null) {
      consumer.accept(message.feedback());
    }
  }

  @Override
  public void close() {
    node.closeParts(List.of(sendGoal, cancelGoal, getResult, feedback, status));
  }
}
