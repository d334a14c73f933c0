package dev.reverie.rcljava;

import dev.reverie.msgs.ActionType;
import dev.reverie.msgs.action_msgs.CancelGoal;
import dev.reverie.msgs.action_msgs.GoalInfo;
import dev.reverie.msgs.action_msgs.GoalStatusArray;
import dev.reverie.msgs.builtin_interfaces.Time;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Serves an action. Results are kept for a while after a goal's end, as rcl_action does.
 *
 * @param <G> goal
 * @param <R> result
 * @param <F> feedback
 */
public final class ActionServer<G, R, F> implements AutoCloseable {

  /** The default of rcl_action. */
  static final Duration RESULT_TIMEOUT = Duration.ofSeconds(10);

  private static final UUID NO_ID = new UUID(0, 0);

  private final Node node;
  private final String name;
  private final ActionHandler<G, R, F> handler;
  private final long resultTimeoutNanos;
  private final ActionWire.Ended<R> unknown;
  private final Publisher<ActionWire.Feedback<F>> feedback;
  private final Publisher<GoalStatusArray> status;
  private final List<AutoCloseable> parts;
  // Guarded by this, in the order of their arrival.
  private final Map<UUID, GoalHandle<G, R, F>> goals = new LinkedHashMap<>();

  ActionServer(
      Node node,
      ActionType<G, R, F> type,
      String name,
      ActionHandler<G, R, F> handler,
      Duration resultTimeout) {
    this.node = node;
    this.name = node.resolveTopic(name);
    this.handler = handler;
    this.resultTimeoutNanos = resultTimeout.toNanos();
    var wire = ActionWire.of(type, this.name);
    try (var empty = new OpaqueMessage<>(wire.getResult().response())) {
      unknown = empty.get();
    }
    feedback = node.createPublisher(wire.feedback(), wire.feedbackName(), Qos.DEFAULT);
    status = node.createPublisher(ActionWire.STATUS, wire.statusName(), ActionWire.STATUS_QOS);
    parts =
        List.of(
            node.createService(wire.sendGoal(), wire.sendGoalName(), this::onGoal),
            node.createService(ActionWire.CANCEL_GOAL, wire.cancelGoalName(), this::onCancel),
            node.createService(wire.getResult(), wire.getResultName(), this::onResultRequest),
            feedback,
            status);
  }

  /** Full name, remapped. */
  public String name() {
    return name;
  }

  private void onGoal(ActionWire.SendGoal<G> request, Responder<ActionWire.Accepted> responder) {
    Time stamp = Stamps.of(node.clock().nowNanos());
    boolean known;
    synchronized (this) {
      forgetExpired();
      known = goals.containsKey(request.id());
    }
    GoalResponse response = known ? GoalResponse.REJECT : handler.accept(request.goal());
    if (response == GoalResponse.REJECT) {
      responder.respond(new ActionWire.Accepted(false, stamp));
      return;
    }
    var goal = new GoalHandle<>(this, request.id(), request.goal(), stamp);
    synchronized (this) {
      goals.put(goal.id(), goal);
    }
    responder.respond(new ActionWire.Accepted(true, stamp));
    if (response == GoalResponse.EXECUTE) {
      goal.begin();
    } else {
      publishStatus();
    }
    handler.execute(goal);
  }

  private CancelGoal.Response onCancel(CancelGoal.Request request) {
    List<GoalHandle<G, R, F>> wanted = wanted(request.goalInfo());
    UUID id = ActionWire.id(request.goalInfo());
    boolean one = !id.equals(NO_ID) && Stamps.nanos(request.goalInfo().stamp()) == 0;
    if (one && wanted.isEmpty()) {
      return refusal(CancelGoal.Response.ERROR_UNKNOWN_GOAL_ID);
    }
    if (one && !canBeCanceled(wanted.getFirst())) {
      return refusal(CancelGoal.Response.ERROR_GOAL_TERMINATED);
    }
    var asked = wanted.stream().filter(ActionServer::canBeCanceled).toList();
    var canceling = new ArrayList<GoalInfo>();
    for (GoalHandle<G, R, F> goal : asked) {
      if (handler.cancel(goal)) {
        goal.beginCanceling();
        canceling.add(ActionWire.info(goal.id(), goal.acceptedStamp()));
      }
    }
    return canceling.isEmpty() && !asked.isEmpty()
        ? refusal(CancelGoal.Response.ERROR_REJECTED)
        : new CancelGoal.Response(CancelGoal.Response.ERROR_NONE, canceling);
  }

  private static CancelGoal.Response refusal(byte code) {
    return new CancelGoal.Response(code, List.of());
  }

  private static boolean canBeCanceled(GoalHandle<?, ?, ?> goal) {
    return goal.status() == GoalStatus.ACCEPTED || goal.status() == GoalStatus.EXECUTING;
  }

  /** No id and no stamp: all; an id: that one; a stamp: all accepted until then too. */
  private synchronized List<GoalHandle<G, R, F>> wanted(GoalInfo info) {
    forgetExpired();
    UUID id = ActionWire.id(info);
    long until = Stamps.nanos(info.stamp());
    boolean all = id.equals(NO_ID) && until == 0;
    return goals.values().stream()
        .filter(g -> all || g.id().equals(id) || Stamps.nanos(g.acceptedStamp()) <= until)
        .toList();
  }

  private void onResultRequest(UUID id, Responder<ActionWire.Ended<R>> responder) {
    synchronized (this) {
      forgetExpired();
      GoalHandle<G, R, F> goal = goals.get(id);
      if (goal == null) {
        responder.respond(unknown);
      } else {
        goal.whenEnded(responder);
      }
    }
  }

  void publishFeedback(UUID id, F value) {
    feedback.publish(new ActionWire.Feedback<>(id, value));
  }

  synchronized void publishStatus() {
    forgetExpired();
    status.publish(
        new GoalStatusArray(
            goals.values().stream()
                .map(
                    g ->
                        new dev.reverie.msgs.action_msgs.GoalStatus(
                            ActionWire.info(g.id(), g.acceptedStamp()), g.status().code()))
                .toList()));
  }

  private void forgetExpired() {
    goals.values().removeIf(goal -> goal.hasExpired(resultTimeoutNanos));
  }

  /** Goals that have not ended stay without an answer. */
  @Override
  public void close() {
    Closing.all(parts);
  }
}
