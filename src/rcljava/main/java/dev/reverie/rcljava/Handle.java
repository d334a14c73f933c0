package dev.reverie.rcljava;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Represents something that rcl holds for us. It is released once, after its close, by whoever used
 * it last, and it keeps what it was made from until then: no thread ever meets a finalised
 * structure, and closing waits for nobody.
 */
abstract class Handle implements AutoCloseable {
  private static final int CLOSED = Integer.MIN_VALUE;
  private static final Map<String, Integer> LIVE = new ConcurrentHashMap<>();

  private final @Nullable Handle parent;

  /** The number of its users, the owner included, and the sign bit once it is closed. */
  private final AtomicInteger users = new AtomicInteger(1);

  /**
   * Enters the parent.
   *
   * @param parent the handle that this was made from, kept until this is released
   * @throws ClosedException when the parent is closed
   */
  Handle(@Nullable Handle parent) {
    this.parent = parent;
    if (parent != null && !parent.enter()) {
      throw new ClosedException(
          "the %s is closed: nothing can be made from it any more"
              .formatted(parent.getClass().getSimpleName().toLowerCase(Locale.ROOT)));
    }
  }

  /** Makes what {@link #release} gives back; where that fails this handle never was. */
  final void acquire(Runnable making) {
    try {
      making.run();
    } catch (RuntimeException | Error e) {
      users.set(CLOSED);
      if (parent != null) {
        parent.exit();
      }
      throw e;
    }
    LIVE.merge(getClass().getSimpleName(), 1, Integer::sum);
  }

  /** Begins a use; false when it is closed. Each true is followed by one {@link #exit}. */
  final boolean enter() {
    int seen;
    do {
      seen = users.get();
      if (seen < 0) {
        return false;
      }
    } while (!users.compareAndSet(seen, seen + 1));
    return true;
  }

  /** Ends a use. */
  final void exit() {
    if (users.decrementAndGet() == CLOSED) {
      LIVE.merge(getClass().getSimpleName(), -1, Integer::sum);
      try {
        release();
      } finally {
        if (parent != null) {
          parent.exit();
        }
      }
    }
  }

  final boolean isOpen() {
    return users.get() > 0;
  }

  /** Gives back to rcl. Called once, when nobody uses it. */
  abstract void release();

  /** Does what has to happen between the decision to close and the release. */
  void leave() {}

  /** Closes it, the first time only. */
  @Override
  public void close() {
    int before = users.getAndUpdate(n -> n | CLOSED);
    if (before > 0) {
      try {
        leave();
      } finally {
        exit();
      }
    }
  }

  /** Counts the handles of each class that are not released yet, for a search for leaks. */
  static Map<String, Integer> live() {
    var live = new TreeMap<>(LIVE);
    live.values().removeIf(n -> n == 0);
    return live;
  }
}
