package dev.reverie.rcljava;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Represents something of a node that an executor serves. */
abstract sealed class Waitable extends Handle
    permits Subscription, ServiceEndpoint, Timer, QosEventHandler, GraphListener, TypeDescriptions {
  enum Kind {
    SUBSCRIPTION,
    GUARD_CONDITION,
    CLIENT,
    SERVICE,
    EVENT,
    /** A timer, which rcl does not wait for: the executor knows when it is due. */
    TIMER,
    /**
     * An entity that is polled, which nobody waits for: looked at once a second, because waiting
     * for it would cost each wait.
     */
    POLLED,
    /** An entity that is served by hand, by no executor: its owner takes. */
    BY_HAND;

    boolean isWaitedFor() {
      return compareTo(TIMER) < 0;
    }
  }

  private final Kind kind;
  private final Node node;
  private final CallbackGroup group;
  private final MemorySegment pointer = DynamicLinker.zeroed(Arena.ofAuto(), 64);

  /** The claim of the worker that serves it now, where the executor has workers. */
  private volatile Workers.@Nullable Claim claim;

  Waitable(Kind kind, Node node, CallbackGroup group) {
    super(node);
    this.kind = kind;
    this.node = node;
    this.group = group;
  }

  final Kind kind() {
    return kind;
  }

  final Node node() {
    return node;
  }

  final CallbackGroup group() {
    return group;
  }

  /** Returns the rcl_subscription_t, rcl_client_t and so on. */
  MemorySegment pointer() {
    return pointer;
  }

  /**
   * Takes and handles one message or whatever it is; false when there was nothing. On a thread of
   * the executor, one at a time until {@link #taken}.
   */
  abstract boolean work();

  /** Works, as {@link #work}, unless it is closed; it is not released meanwhile. */
  final boolean workIfOpen() {
    if (!enter()) {
      return false;
    }
    try {
      return work();
    } finally {
      exit();
    }
  }

  /**
   * Notes that the callback that follows needs nothing of this any more: in a reentrant group the
   * next message may be taken beside it.
   */
  final void taken() {
    Workers.Claim current = claim;
    if (current != null && group.isReentrant()) {
      current.end();
    }
  }

  /** Returns whether a worker could begin to serve it. */
  final boolean isFree() {
    return claim == null && group.isFree();
  }

  final void claim(Workers.@Nullable Claim by) {
    claim = by;
  }

  @Override
  void leave() {
    node.remove(this);
  }
}
