package dev.reverie.rcljava;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.function.Consumer;

/**
 * Tells of events of one kind of a publisher or a subscription until it is closed.
 *
 * @param <E> the kind
 */
public final class QosEventHandler<E extends QosEvent> extends Waitable {
  private static final RclFunction TAKE = RclFunction.of("rcl_take_event", 2);
  private static final RclFunction FINI = RclFunction.of("rcl_event_fini", 1);
  private static final MethodHandle PUBLISHER_INIT = init("rcl_publisher_event_init");
  private static final MethodHandle SUBSCRIPTION_INIT = init("rcl_subscription_event_init");

  private final Class<E> kind;
  private final Consumer<E> handler;
  private final Handle endpoint;
  private final MemorySegment status = DynamicLinker.zeroed(Arena.ofAuto(), 64);

  private QosEventHandler(
      Kind waiting,
      Node node,
      CallbackGroup group,
      Endpoint endpoint,
      Class<E> kind,
      Consumer<E> handler) {
    super(waiting, node, group);
    this.kind = kind;
    this.handler = handler;
    this.endpoint = endpoint.handle();
    acquire(() -> init(endpoint));
  }

  /**
   * Names a publisher or a subscription.
   *
   * @param pointer the rcl_publisher_t or rcl_subscription_t
   */
  record Endpoint(Handle handle, MemorySegment pointer, String topic, boolean publishes) {}

  private void init(Endpoint watched) {
    List<Class<? extends QosEvent>> kinds =
        watched.publishes() ? QosEvent.OF_PUBLISHERS : QosEvent.OF_SUBSCRIPTIONS;
    String who =
        (watched.publishes() ? "a publisher" : "a subscription") + " of " + watched.topic();
    if (!kinds.contains(kind)) {
      throw new IllegalArgumentException(
          "%s has no events of kind %s; it has %s"
              .formatted(
                  who, kind.getSimpleName(), kinds.stream().map(Class::getSimpleName).toList()));
    }
    if (!watched.handle().enter()) {
      throw new ClosedException(who + " is closed");
    }
    try {
      RclFunction.check(
          (int)
              (watched.publishes() ? PUBLISHER_INIT : SUBSCRIPTION_INIT)
                  .invokeExact(pointer(), watched.pointer(), kinds.indexOf(kind)),
          "events of kind %s of %s (the middleware may not have them)"
              .formatted(kind.getSimpleName(), who));
    } catch (Throwable e) {
      watched.handle().exit();
      throw DynamicLinker.unchecked(e);
    }
  }

  static <E extends QosEvent> QosEventHandler<E> of(
      Endpoint endpoint, Node node, CallbackGroup group, Class<E> kind, Consumer<E> handler) {
    return node.add(
        new QosEventHandler<>(Waitable.Kind.EVENT, node, group, endpoint, kind, handler));
  }

  /** Warns of endpoints that do not fit; looked for once a second. */
  static AutoCloseable watchCompatibility(Endpoint endpoint, Node node, CallbackGroup group) {
    String other = endpoint.publishes() ? "A subscription" : "A publisher";
    try {
      return node.add(
          new QosEventHandler<>(
              Waitable.Kind.POLLED,
              node,
              group,
              endpoint,
              QosEvent.IncompatibleQos.class,
              event ->
                  node.logger()
                      .log(
                          Level.WARNING,
                          "%s of %s has an incompatible quality of service: no messages will come through. Policy: %s"
                              .formatted(other, endpoint.topic(), event.policy()))));
    } catch (RclException e) {
      return () -> {}; // a middleware without such events
    }
  }

  @Override
  boolean work() {
    if (TAKE.call(pointer(), status) != RclFunction.OK) {
      ErrorState.clear();
      return false;
    }
    E event = QosEvent.read(kind, status);
    if (kind() == Waitable.Kind.POLLED && status.get(JAVA_INT, 4) == 0) {
      return false; // nothing new since the last look
    }
    taken();
    handler.accept(event);
    return true;
  }

  @Override
  void release() {
    try {
      FINI.check(FINI.call(pointer()));
    } finally {
      endpoint.exit();
    }
  }

  @Override
  public void close() {
    super.close();
  }

  private static MethodHandle init(String name) {
    return Librcl.function(name, FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_INT));
  }
}
