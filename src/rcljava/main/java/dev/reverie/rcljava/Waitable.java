package dev.reverie.rcljava;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Something of a node that an executor waits for and takes from. What rcl holds of it is released
 * only between two waits.
 */
abstract sealed class Waitable implements AutoCloseable permits Subscription, Client, Service {

  enum Kind {
    SUBSCRIPTION,
    CLIENT,
    SERVICE
  }

  private final Kind kind;
  private final Node node;
  private final MemorySegment pointer = DynamicLinker.zeroed(Arena.ofAuto(), 64);
  private volatile boolean open = true;

  Waitable(Kind kind, Node node) {
    this.kind = kind;
    this.node = node;
  }

  final Kind kind() {
    return kind;
  }

  final Node node() {
    return node;
  }

  /** The rcl_subscription_t, rcl_client_t or rcl_service_t. */
  final MemorySegment pointer() {
    return pointer;
  }

  final boolean isOpen() {
    return open;
  }

  /** Takes and handles one message; false when there was none. On the executor's thread. */
  abstract boolean take();

  /** Releases what rcl holds. */
  abstract void release();

  /** When it returns, no callback runs any more, unless it was called by that callback. */
  @Override
  public final void close() {
    node.exclusively(
        () -> {
          if (open) {
            open = false;
            node.remove(this);
            release();
          }
        });
  }
}
