package dev.reverie.rcljava.lifecycle;

import dev.reverie.msgs.MessageType;
import dev.reverie.msgs.lifecycle_msgs.ChangeState;
import dev.reverie.msgs.lifecycle_msgs.GetAvailableStates;
import dev.reverie.msgs.lifecycle_msgs.GetAvailableTransitions;
import dev.reverie.msgs.lifecycle_msgs.GetState;
import dev.reverie.msgs.lifecycle_msgs.TransitionDescription;
import dev.reverie.msgs.lifecycle_msgs.TransitionEvent;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.Publisher;
import dev.reverie.rcljava.Qos;
import dev.reverie.rcljava.RclException;
import dev.reverie.rcljava.Responder;
import java.lang.System.Logger.Level;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Represents a managed node (design.ros2.org, Managed nodes): {@code ros2 lifecycle}, launch files
 * and other nodes configure, activate and shut it down through the services of lifecycle_msgs, and
 * hear of its steps on {@code ~/transition_event}.
 *
 * <p>{@link #node} is the node itself, for everything else that a node has.
 */
public final class LifecycleNode implements AutoCloseable {
  private final Node node;
  private final LifecycleCallbacks callbacks;
  private final Publisher<TransitionEvent> events;
  // Guarded by this.
  private LifecycleState state = LifecycleState.UNCONFIGURED;

  /** Makes this node a managed one; it is closed with it. */
  public LifecycleNode(Node node, LifecycleCallbacks callbacks) {
    this.node = node;
    this.callbacks = callbacks;
    events = node.createPublisher(TransitionEvent.TYPE, "~/transition_event", Qos.DEFAULT);
    node.createService(ChangeState.TYPE, "~/change_state", this::onChangeState);
    node.createService(
        GetState.TYPE, "~/get_state", request -> new GetState.Response(state().message()));
    node.createService(
        GetAvailableStates.TYPE,
        "~/get_available_states",
        request ->
            new GetAvailableStates.Response(
                Arrays.stream(LifecycleState.values()).map(LifecycleState::message).toList()));
    node.createService(
        GetAvailableTransitions.TYPE,
        "~/get_available_transitions",
        request -> descriptions(LifecycleStep.from(state())));
    node.createService(
        GetAvailableTransitions.TYPE,
        "~/get_transition_graph",
        request -> descriptions(LifecycleStep.ALL));
  }

  private static GetAvailableTransitions.Response descriptions(List<LifecycleStep> steps) {
    List<TransitionDescription> all = steps.stream().map(LifecycleStep::description).toList();
    return new GetAvailableTransitions.Response(all);
  }

  /** Returns the node that is managed. */
  public Node node() {
    return node;
  }

  /** Returns the state that the node is in. */
  public synchronized LifecycleState state() {
    return state;
  }

  /** Creates a publisher that is silent while the node is not active. */
  public <T> ManagedPublisher<T> createPublisher(MessageType<T> type, String topic, Qos qos) {
    return new ManagedPublisher<>(this, node.createPublisher(type, topic, qos));
  }

  /**
   * Begins a transition.
   *
   * @return completed when it has ended: with SUCCESS, or with what kept it from that; then the
   *     node is in the state that follows
   * @throws IllegalStateException when there is no such transition from the state that it is in
   */
  public CompletableFuture<TransitionResult> change(LifecycleTransition transition) {
    CompletableFuture<TransitionResult> result =
        begin(from -> LifecycleStep.named(transition.label(), from));
    if (result == null) {
      throw new IllegalStateException(refusal(transition.label()));
    }
    return result;
  }

  private String refusal(String wanted) {
    return "node %s is %s: it can not '%s', but %s"
        .formatted(
            node.fullName(),
            state().message().label(),
            wanted,
            LifecycleStep.from(state()).stream().map(LifecycleStep::label).toList());
  }

  private void onChangeState(
      ChangeState.Request request, Responder<ChangeState.Response> responder) {
    String label = request.transition().label();
    int id = Byte.toUnsignedInt(request.transition().id());
    CompletableFuture<TransitionResult> result =
        begin(
            from ->
                from.isTransition()
                    ? Optional.empty() // how it ends is for the callback to say
                    : label.isEmpty()
                        ? LifecycleStep.numbered(id, from)
                        : LifecycleStep.named(label, from));
    if (result == null) {
      warn(refusal(label.isEmpty() ? "transition " + id : label));
      responder.respond(new ChangeState.Response(false));
      return;
    }
    var _ =
        result.thenAccept(
            ended ->
                responder.respond(new ChangeState.Response(ended == TransitionResult.SUCCESS)));
  }

  private interface Choice {
    Optional<LifecycleStep> from(LifecycleState state);
  }

  /** Begins a transition and returns its end; null where there is no such one. */
  private @Nullable CompletableFuture<TransitionResult> begin(Choice choice) {
    LifecycleStep step;
    synchronized (this) {
      Optional<LifecycleStep> found = choice.from(state);
      if (found.isEmpty()) {
        return null;
      }
      step = found.get();
      take(step);
    }
    return run(() -> callback(step))
        .thenCompose(
            result -> {
              end(step.to(), result);
              return result == TransitionResult.ERROR
                  ? recover(step.to())
                  : CompletableFuture.completedFuture(result);
            });
  }

  private CompletionStage<TransitionResult> callback(LifecycleStep step) {
    return switch (step.to()) {
      case CONFIGURING -> callbacks.onConfigure();
      case ACTIVATING -> callbacks.onActivate();
      case DEACTIVATING -> callbacks.onDeactivate();
      case CLEANINGUP -> callbacks.onCleanup();
      case SHUTTINGDOWN -> callbacks.onShutdown(step.from());
      default -> throw new IllegalStateException(step.toString());
    };
  }

  private CompletableFuture<TransitionResult> recover(LifecycleState during) {
    return run(() -> callbacks.onError(during))
        .thenApply(
            result -> {
              end(LifecycleState.ERRORPROCESSING, result);
              return TransitionResult.ERROR;
            });
  }

  private interface Callback {
    CompletionStage<TransitionResult> run();
  }

  private CompletableFuture<TransitionResult> run(Callback callback) {
    CompletionStage<TransitionResult> stage;
    try {
      stage = callback.run();
    } catch (RuntimeException e) {
      stage = CompletableFuture.failedFuture(e);
    }
    return stage.toCompletableFuture().exceptionally(this::broken);
  }

  private TransitionResult broken(Throwable thrown) {
    node.logger().log(Level.ERROR, "a transition of " + node.fullName() + " broke", thrown);
    return TransitionResult.ERROR;
  }

  private synchronized void end(LifecycleState transition, TransitionResult result) {
    take(LifecycleStep.ending(transition, result));
  }

  private void take(LifecycleStep step) {
    state = step.to();
    try {
      events.publish(
          new TransitionEvent(
              node.clock().nowNanos(),
              step.transition(),
              step.from().message(),
              step.to().message()));
    } catch (RclException e) {
      // Closed in the middle of a transition: nobody is told of its end.
      node.logger().log(Level.DEBUG, "no transition event", e);
    }
  }

  void warn(String text) {
    node.logger().log(Level.WARNING, text);
  }

  /** Closes the node, in whatever state it is. */
  @Override
  public void close() {
    node.close();
  }
}
