package dev.reverie.rcljava;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * Handles the events of one publisher or subscription: warns of endpoints that do not fit until
 * somebody wants to know of them himself.
 */
final class EndpointEvents {
  private final QosEventHandler.Endpoint endpoint;
  private final Node node;
  private final CallbackGroup group;
  private final List<AutoCloseable> handlers = new CopyOnWriteArrayList<>();
  private final AutoCloseable warning;

  EndpointEvents(
      Handle handle,
      MemorySegment pointer,
      String topic,
      boolean publishes,
      Node node,
      CallbackGroup group) {
    endpoint = new QosEventHandler.Endpoint(handle, pointer, topic, publishes);
    this.node = node;
    this.group = group;
    warning = QosEventHandler.watchCompatibility(endpoint, node, group);
    handlers.add(warning);
  }

  <E extends QosEvent> QosEventHandler<E> on(Class<E> kind, Consumer<E> handler) {
    if (kind == QosEvent.IncompatibleQos.class && handlers.remove(warning)) {
      CloseAll.close(List.of(warning));
    }
    var created = QosEventHandler.of(endpoint, node, group, kind, handler);
    handlers.add(created);
    return created;
  }

  /** Closes the handlers that nobody closed. */
  void close() {
    CloseAll.close(handlers);
  }
}
