package dev.reverie.rcljava.action;

import dev.reverie.msgs.ActionType;
import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.action_msgs.CancelGoal;
import dev.reverie.msgs.action_msgs.GoalInfo;
import dev.reverie.msgs.action_msgs.GoalStatusArray;
import dev.reverie.msgs.builtin_interfaces.Time;
import dev.reverie.rcljava.CallbackGroup;
import dev.reverie.rcljava.Clock;
import dev.reverie.rcljava.ClosedException;
import dev.reverie.rcljava.DefaultMessages;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.Publisher;
import dev.reverie.rcljava.Qos;
import dev.reverie.rcljava.Responder;
import dev.reverie.rcljava.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Serves an action. Results are kept for a while after a goal's end, as rcl_action does; {@link
 * ActionServerOptions} says for how long and how many goals execute at a time.
 *
 * @param <G> goal
 * @param <R> result
 * @param <F> feedback
 */
public final class ActionServer<G, R, F> implements AutoCloseable {
  static final UUID NO_ID = new UUID(0, 0);

  /** The period of looking for results whose time is over. */
  private static final Duration EXPIRY_PERIOD = Duration.ofMillis(500);

  private final Node node;
  private final String name;
  private final ActionHandler<G, R, F> handler;
  private final long resultTimeoutNanos;
  private final Timer expiry;
  private final ActionWire.Ended<R> unknown;
  private final Publisher<ActionWire.Feedback<F>> feedback;
  private final Publisher<GoalStatusArray> status;
  private final List<AutoCloseable> parts;
  // Guarded by this, in the order of their arrival.
  private final Map<UUID, GoalHandle<G, R, F>> goals = new LinkedHashMap<>();
  // Guarded by this.
  private final GoalQueue<GoalHandle<G, R, F>> queue;
  // Guarded by this.
  private boolean closed;

  /** Creates a server of concurrent goals, with callbacks in the node's own group. */
  public ActionServer(
      Node node, ActionType<G, R, F> type, String name, ActionHandler<G, R, F> handler) {
    this(node, type, name, handler, ActionServerOptions.DEFAULT);
  }

  /** Creates a server whose options say how it deals with goals. */
  public ActionServer(
      Node node,
      ActionType<G, R, F> type,
      String name,
      ActionHandler<G, R, F> handler,
      ActionServerOptions options) {
    this.node = node;
    this.name = node.resolveTopic(name);
    this.handler = handler;
    this.resultTimeoutNanos = options.resultTimeout().toNanos();
    this.queue = new GoalQueue<>(options.goals());
    CallbackGroup group = options.group().orElse(node.group());
    var wire = ActionWire.of(type, this.name);
    unknown = DefaultMessages.of(wire.getResult().response());
    feedback = node.createPublisher(wire.feedback(), wire.feedbackName(), Qos.DEFAULT);
    status = node.createPublisher(ActionWire.STATUS, wire.statusName(), ActionWire.STATUS_QOS);
    expiry = node.createTimer(Clock.STEADY, EXPIRY_PERIOD, group, this::expire);
    expiry.cancel();
    parts =
        List.of(
            node.createService(wire.sendGoal(), wire.sendGoalName(), group, this::onGoal),
            node.createService(
                ActionWire.CANCEL_GOAL,
                wire.cancelGoalName(),
                group,
                (request, responder) -> answer(responder, onCancel(request))),
            node.createService(
                wire.getResult(), wire.getResultName(), group, this::onResultRequest),
            feedback,
            status,
            expiry);
  }

  /** Returns the action's full name, remapped. */
  public String name() {
    return name;
  }

  private void onGoal(ActionWire.SendGoal<G> request, Responder<ActionWire.Accepted> responder) {
    Time stamp = Stamps.time(node.clock().nowNanos());
    boolean refused;
    synchronized (this) {
      forgetExpired();
      refused = goals.containsKey(request.id()) || queue.isFull();
    }
    GoalResponse response = refused ? GoalResponse.REJECT : handler.accept(request.goal());
    if (response == GoalResponse.REJECT) {
      answer(responder, new ActionWire.Accepted(false, stamp));
      return;
    }
    var goal =
        new GoalHandle<>(
            this, request.id(), request.goal(), stamp, response == GoalResponse.EXECUTE);
    GoalQueue.Turn<GoalHandle<G, R, F>> turn;
    synchronized (this) {
      if (closed) {
        return; // nobody is told that it was accepted
      }
      goals.put(goal.id(), goal);
      turn = queue.add(goal);
    }
    answer(responder, new ActionWire.Accepted(true, stamp));
    publishStatus();
    turn.dropped().forEach(this::drop);
    if (turn.starts()) {
      start(goal);
    }
    turn.preempted().ifPresent(this::preempt);
  }

  private void start(GoalHandle<G, R, F> goal) {
    if (isClosed()) {
      return; // it was aborted with the others
    }
    if (goal.beginsAtOnce()) {
      goal.begin();
    }
    handler.execute(goal);
  }

  /** Starts a goal on the thread that spins, or at once where none does. */
  private void startSoon(GoalHandle<G, R, F> goal) {
    Runnable task = () -> start(goal);
    node.executor().ifPresentOrElse(executor -> executor.execute(task), task);
  }

  private void preempt(GoalHandle<G, R, F> goal) {
    goal.preempt();
    handler.preempted(goal);
  }

  /**
   * Ends a goal that will never execute; an accepted goal can only be aborted by way of executing.
   */
  private void drop(GoalHandle<G, R, F> goal) {
    goal.begin();
    goal.abort(unknown.result());
  }

  /** Starts the next goal. Called once for each goal, without a lock. */
  void ended(GoalHandle<G, R, F> goal) {
    Optional<GoalHandle<G, R, F>> next;
    synchronized (this) {
      next = queue.ended(goal);
    }
    expiry.reset();
    next.ifPresent(this::startSoon);
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
    List<GoalHandle<G, R, F>> asked = wanted.stream().filter(ActionServer::canBeCanceled).toList();
    var canceling = new ArrayList<GoalInfo>();
    for (GoalHandle<G, R, F> goal : asked) {
      if (handler.cancel(goal)) {
        goal.beginCanceling();
        canceling.add(ActionWire.info(goal.id(), goal.acceptedStamp()));
        boolean waits;
        synchronized (this) {
          waits = queue.remove(goal);
        }
        if (waits) {
          goal.canceled(unknown.result());
        }
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

  /**
   * Returns the goals to cancel. No id and no stamp: all; an id: that one; a stamp: all accepted
   * until then too.
   */
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
        answer(responder, unknown);
      } else {
        goal.whenEnded(responder);
      }
    }
  }

  /** Number of the goals whose results clients wait for. */
  synchronized long awaited() {
    return goals.values().stream().filter(GoalHandle::isAwaited).count();
  }

  synchronized boolean isClosed() {
    return closed;
  }

  /** Answers, unless the service is closed: who asked sees its end and not that of the caller. */
  static <S> void answer(Responder<S> responder, S response) {
    unlessClosed(() -> responder.respond(response));
  }

  /** Sends something, which a close on another thread may overtake at any time. */
  private static void unlessClosed(Runnable send) {
    try {
      send.run();
    } catch (ClosedException e) {
      return; // those who would hear it see that the server is gone
    }
  }

  void publishFeedback(UUID id, F value) {
    unlessClosed(() -> feedback.publish(new ActionWire.Feedback<>(id, value)));
  }

  synchronized void publishStatus() {
    forgetExpired();
    var all =
        new GoalStatusArray(
            goals.values().stream()
                .map(
                    g ->
                        new dev.reverie.msgs.action_msgs.GoalStatus(
                            ActionWire.info(g.id(), g.acceptedStamp()), g.status().code()))
                .toList());
    unlessClosed(() -> status.publish(all));
  }

  private synchronized void expire() {
    forgetExpired();
    if (goals.values().stream().noneMatch(goal -> goal.status().isTerminal())) {
      expiry.cancel();
    }
  }

  private void forgetExpired() {
    goals.values().removeIf(goal -> goal.hasExpired(resultTimeoutNanos));
  }

  /**
   * Closes the server, from any thread and while goals execute: those that have not ended are
   * aborted with an empty result, and their work sees it by {@link GoalHandle#status}.
   */
  @Override
  public void close() {
    synchronized (this) {
      List.copyOf(goals.values()).forEach(goal -> goal.abandon(unknown.result()));
      closed = true;
    }
    node.closeParts(parts);
  }
}
