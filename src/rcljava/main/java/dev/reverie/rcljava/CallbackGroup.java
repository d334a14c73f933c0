package dev.reverie.rcljava;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Says which callbacks of a node may run at the same time where an executor has several threads.
 * Every node has one of its own that is mutually exclusive; what is made without naming a group
 * belongs to it.
 */
public final class CallbackGroup {
  /** Says which callbacks of a group may overlap. */
  public enum Kind {
    /** Callbacks run one at a time. */
    MUTUALLY_EXCLUSIVE,
    /** Callbacks may overlap, even several of one subscription or timer. */
    REENTRANT
  }

  private final Kind kind;
  private final AtomicBoolean busy = new AtomicBoolean();

  CallbackGroup(Kind kind) {
    this.kind = kind;
  }

  /** Returns the kind, which says whether callbacks may overlap. */
  public Kind kind() {
    return kind;
  }

  boolean isReentrant() {
    return kind == Kind.REENTRANT;
  }

  boolean isFree() {
    return isReentrant() || !busy.get();
  }

  boolean tryEnter() {
    return isReentrant() || busy.compareAndSet(false, true);
  }

  void leave() {
    busy.set(false);
  }
}
