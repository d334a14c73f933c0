package dev.reverie.rcljava;

import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Waits for messages, requests, responses, events and timers of its nodes and runs their callbacks.
 * The thread that spins should be a platform thread, since it waits inside of native code.
 *
 * <p>{@link #Executor(Context)} runs the callbacks one after the other on the thread that spins;
 * the others have threads of their own for them, and {@link CallbackGroup} says which callbacks may
 * overlap.
 */
public final class Executor implements java.util.concurrent.Executor, AutoCloseable {
  private static final long POLL_NANOS = Duration.ofSeconds(1).toNanos();

  private final Context context;
  private final GuardCondition guard;
  private final Runnable onShutdown;
  private final @Nullable Workers workers;
  private final Predicate<Waitable> server;
  private final List<Node> nodes = new CopyOnWriteArrayList<>();
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean changed = new AtomicBoolean(true);
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  /**
   * Held from before each wait until after the callbacks that run on the spinning thread; fair, so
   * that whoever wants to release something that is waited for comes in between.
   */
  private final ReentrantLock turn = new ReentrantLock(true);

  /**
   * The number of threads that want their turn; while there is one, the spinning thread must not
   * wait.
   */
  private final AtomicInteger waiting = new AtomicInteger();

  private volatile boolean open = true;

  // Guarded by turn.
  private @Nullable WaitSet waitSet;
  private Timer[] timers = {};
  private QosEventHandler<?>[] polled = {};
  private long nextPoll = System.nanoTime();

  /** Creates an executor that runs callbacks one at a time on the spinning thread. */
  public Executor(Context context) {
    this(context, 0, Thread.ofPlatform().factory());
  }

  /** Creates an executor with this many platform threads for callbacks. */
  public Executor(Context context, int threads) {
    this(context, atLeastOne(threads), Thread.ofPlatform().name("ros-callbacks-", 0).factory());
  }

  /**
   * Creates an executor with this many threads for callbacks, such as the ones of {@code
   * Thread.ofVirtual().factory()} where they block a lot.
   *
   * @param threads 0: callbacks run on the thread that spins
   */
  public Executor(Context context, int threads, ThreadFactory factory) {
    this.context = context;
    guard = new GuardCondition(context);
    workers =
        threads == 0
            ? null
            : new Workers(threads, factory, guard::trigger, e -> failure.compareAndSet(null, e));
    server = workers == null ? Waitable::workIfOpen : workers::serve;
    onShutdown = guard::trigger;
    context.own(this);
    context.onShutdown(onShutdown);
  }

  private static int atLeastOne(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("an executor needs 1 thread or more, not " + threads);
    }
    return threads;
  }

  /** Serves this node too; a node belongs to one executor at most. */
  public void add(Node node) {
    node.attach(this);
    nodes.add(node);
    partsChanged();
  }

  /** Serves this node no longer. */
  public void remove(Node node) {
    if (nodes.remove(node)) {
      node.detach();
      forgetWaitSet();
    }
  }

  /**
   * Runs callbacks until the context is shut down or this executor is closed. What a callback
   * throws comes out here.
   */
  public void spin() {
    while (open && context.isOk()) {
      runOnce(Long.MAX_VALUE);
    }
  }

  /**
   * Runs what is ready, and waits for it this long at most.
   *
   * @return whether anything ran, or was given to another thread to run
   */
  public boolean spinOnce(Duration timeout) {
    return spinOnce(timeout.toNanos());
  }

  /** Runs what is ready, as {@link #spinOnce(Duration)}, with nanoseconds; 0 looks only. */
  public boolean spinOnce(long timeoutNanos) {
    return open && context.isOk() && runOnce(timeoutNanos);
  }

  /** Runs a task soon on the spinning thread. May be called from any thread. */
  @Override
  public void execute(Runnable task) {
    tasks.add(task);
    trigger();
  }

  private boolean runOnce(long timeoutNanos) {
    turn.lock();
    try {
      if (turn.getHoldCount() > 1) {
        throw new IllegalStateException("a callback must not spin the executor that runs it");
      }
      if (!open) {
        return false;
      }
      boolean ran = runTasks();
      ran |= serveTimers();
      poll();
      rethrow();
      if (!open) {
        return ran;
      }
      WaitSet set = waitSet();
      boolean ready = set.await(ran ? 0 : waitNanos(timeoutNanos));
      return (ready && open && set.serveReady(server)) || ran;
    } finally {
      turn.unlock();
    }
  }

  /** Runs the tasks that are there now; a task may queue another one for the next turn. */
  private boolean runTasks() {
    if (tasks.isEmpty()) {
      return false;
    }
    int count = tasks.size();
    for (int i = 0; i < count; i++) {
      Runnable task = tasks.poll();
      if (task != null) {
        task.run();
      }
    }
    return true;
  }

  private boolean serveTimers() {
    boolean ran = false;
    for (Timer timer : timers) {
      ran |= open && timer.delayNanos() <= 0 && server.test(timer);
    }
    return ran;
  }

  private void poll() {
    if (System.nanoTime() - nextPoll >= 0) {
      nextPoll = System.nanoTime() + POLL_NANOS;
      for (QosEventHandler<?> each : polled) {
        each.workIfOpen();
      }
    }
  }

  /** Throws what a callback of another thread threw. */
  private void rethrow() {
    Throwable thrown = failure.get();
    if (thrown != null && failure.compareAndSet(thrown, null)) {
      throw DynamicLinker.unchecked(thrown);
    }
  }

  private long waitNanos(long timeoutNanos) {
    long nanos = timeoutNanos;
    if (!tasks.isEmpty() || waiting.get() > 0 || !context.isOk() || failure.get() != null) {
      return 0;
    }
    if (polled.length > 0) {
      nanos = Math.min(nanos, nextPoll - System.nanoTime());
    }
    for (Timer timer : timers) {
      if (timer.isFree()) {
        nanos = Math.min(nanos, timer.delayNanos());
      }
    }
    return Math.max(0, nanos);
  }

  /** Returns the set of all that the nodes have now. */
  private WaitSet waitSet() {
    WaitSet set = waitSet;
    if (changed.getAndSet(false) || set == null) {
      if (set != null) {
        waitSet = null;
        set.close();
      }
      List<Waitable> parts = nodes.stream().flatMap(node -> node.waitables().stream()).toList();
      timers = parts.stream().filter(Timer.class::isInstance).toArray(Timer[]::new);
      polled =
          parts.stream()
              .filter(part -> part.kind() == Waitable.Kind.POLLED)
              .toArray(QosEventHandler<?>[]::new);
      set = new WaitSet(context, guard, parts);
      waitSet = set;
    }
    return set;
  }

  /** Notes that there is more to wait for. */
  void partsChanged() {
    changed.set(true);
    trigger();
  }

  /**
   * Notes that there is less to wait for: what was closed is released before this returns, unless a
   * callback of this executor's spinning thread calls it; then after that callback.
   */
  void forgetWaitSet() {
    changed.set(true);
    exclusively(
        () -> {
          WaitSet set = waitSet;
          waitSet = null;
          if (set != null) {
            set.close();
          }
        },
        () -> {});
  }

  /**
   * Runs the first action while nothing is waited for and no callback runs on the spinning thread;
   * the other one where this is that thread.
   */
  private void exclusively(Runnable action, Runnable insideOfCallback) {
    if (turn.isHeldByCurrentThread()) {
      insideOfCallback.run();
      return;
    }
    waiting.incrementAndGet();
    guard.trigger();
    turn.lock();
    try {
      waiting.decrementAndGet();
      action.run();
    } finally {
      turn.unlock();
    }
  }

  private void trigger() {
    // The spinning thread looks again before it waits.
    if (!turn.isHeldByCurrentThread()) {
      guard.trigger();
    }
  }

  /** Closes the executor: {@link #spin} returns; its nodes stay open. */
  @Override
  public void close() {
    exclusively(this::end, this::end);
    if (workers != null) {
      workers.close();
    }
  }

  private void end() {
    if (!open) {
      return;
    }
    open = false;
    context.forgetShutdownListener(onShutdown);
    context.disown(this);
    nodes.forEach(Node::detach);
    WaitSet set = waitSet;
    waitSet = null;
    if (set != null) {
      set.close();
    }
    guard.close();
  }
}
