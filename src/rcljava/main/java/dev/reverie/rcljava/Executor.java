package dev.reverie.rcljava;

import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Waits for messages, requests, responses and timers of its nodes and runs their callbacks, one
 * after the other on the thread that spins. That should be a platform thread, since it waits inside
 * of native code.
 */
public final class Executor implements AutoCloseable {

  private static final long QOS_POLL_NANOS = Duration.ofSeconds(1).toNanos();

  private final Context context;
  private final GuardCondition guard;
  private final Runnable onShutdown;
  private final List<Node> nodes = new CopyOnWriteArrayList<>();
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean changed = new AtomicBoolean(true);

  /**
   * Held from before each wait until after its callbacks; fair, so that whoever wants to release
   * something that is waited for comes in between.
   */
  private final ReentrantLock turn = new ReentrantLock(true);

  /** Threads that want their turn; while there is one, the spinning thread must not wait. */
  private final AtomicInteger waiting = new AtomicInteger();

  private volatile boolean open = true;

  // Guarded by turn.
  private @Nullable WaitSet waitSet;
  private List<Timer> timers = List.of();
  private List<QosWatch> qosWatches = List.of();
  private long nextQosPoll = System.nanoTime();

  public Executor(Context context) {
    this.context = context;
    guard = new GuardCondition(context);
    onShutdown = guard::trigger;
    context.own(this);
    context.onShutdown(onShutdown);
  }

  /** Serves this node too; a node belongs to one executor at most. */
  public void add(Node node) {
    node.attach(this);
    nodes.add(node);
    nodesChanged();
  }

  /** Serves this node no longer. */
  public void remove(Node node) {
    exclusively(
        () -> {
          if (nodes.remove(node)) {
            node.detach();
            nodesChanged();
          }
        });
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
   * Runs what is ready, waiting for it this long at most.
   *
   * @return whether anything ran
   */
  public boolean spinOnce(Duration timeout) {
    return open && context.isOk() && runOnce(timeout.toNanos());
  }

  /** Runs this soon on the spinning thread. May be called from any thread. */
  public void wake(Runnable task) {
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
      ran |= runTimers();
      pollQos();
      if (!open) {
        return ran;
      }
      WaitSet set = waitSet();
      return set.await(ran ? 0 : waitNanos(timeoutNanos)) && open && set.take() > 0 || ran;
    } finally {
      turn.unlock();
    }
  }

  /** Those that are there now; a task may queue another one for the next turn. */
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

  private boolean runTimers() {
    boolean ran = false;
    for (Timer timer : timers) {
      ran |= open && timer.runIfDue();
    }
    return ran;
  }

  private void pollQos() {
    if (System.nanoTime() - nextQosPoll >= 0) {
      nextQosPoll = System.nanoTime() + QOS_POLL_NANOS;
      qosWatches.forEach(QosWatch::poll);
    }
  }

  private long waitNanos(long timeoutNanos) {
    long nanos = timeoutNanos;
    if (!tasks.isEmpty() || waiting.get() > 0 || !context.isOk()) {
      return 0;
    }
    if (!qosWatches.isEmpty()) {
      nanos = Math.min(nanos, nextQosPoll - System.nanoTime());
    }
    for (Timer timer : timers) {
      nanos = Math.min(nanos, timer.delayNanos());
    }
    return Math.max(0, nanos);
  }

  /** The set of all that the nodes have now. */
  private WaitSet waitSet() {
    WaitSet set = waitSet;
    if (changed.getAndSet(false) || set == null) {
      if (set != null) {
        waitSet = null;
        set.close();
      }
      set = new WaitSet(context, guard, parts(Waitable.class));
      timers = parts(Timer.class);
      qosWatches = parts(QosWatch.class);
      waitSet = set;
    }
    return set;
  }

  private <P> List<P> parts(Class<P> kind) {
    return nodes.stream().flatMap(node -> node.parts(kind).stream()).toList();
  }

  /** What there is to wait for has changed. */
  void nodesChanged() {
    changed.set(true);
    trigger();
  }

  /** Runs this while nothing is waited for and no callback runs, or inside the caller's own one. */
  void exclusively(Runnable action) {
    if (turn.isHeldByCurrentThread()) {
      action.run();
      return;
    }
    waiting.incrementAndGet();
    guard.trigger();
    turn.lock();
    waiting.decrementAndGet();
    try {
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

  /** Lets {@link #spin} return; its nodes stay open. */
  @Override
  public void close() {
    exclusively(
        () -> {
          if (!open) {
            return;
          }
          open = false;
          context.forgetShutdownListener(onShutdown);
          context.disown(this);
          nodes.forEach(Node::detach);
          if (waitSet != null) {
            waitSet.close();
          }
          guard.close();
        });
  }
}
