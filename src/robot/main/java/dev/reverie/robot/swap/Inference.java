package dev.reverie.robot.swap;

import dev.reverie.policy.Sample;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs the policy on a thread of its own. It never queues: a request that still waits is replaced
 * by a newer one. An inference that does not end can be left to itself, on a thread that nobody
 * waits for.
 */
public final class Inference {
  public sealed interface Outcome {
    /**
     * Actions that the policy gave.
     *
     * @param inferenceNanos of the policy alone
     */
    record Given(Sample sample, long inferenceNanos) implements Outcome {}

    record Failed(String reason) implements Outcome {}
  }

  /** A node that ends waits so long for the inference that runs. */
  private static final Duration ENDS = Duration.ofSeconds(2);

  private static final AtomicInteger RUNNING = new AtomicInteger();

  private record Request(Supplier<Outcome> job, Consumer<Outcome> done) {}

  private Thread thread; // guarded by this
  private @Nullable Request waiting; // guarded by this
  private boolean closed; // guarded by this

  private Inference() {
    thread = worker();
  }

  public static Inference start() {
    var inference = new Inference();
    synchronized (inference) {
      inference.thread.start();
    }
    return inference;
  }

  private Thread worker() {
    return Thread.ofPlatform().name("inference").daemon().unstarted(this::work);
  }

  /**
   * Asks for an inference.
   *
   * @param job from the observation to the actions drawn
   * @param done takes the outcome, on the inference thread
   */
  public synchronized void request(Supplier<Outcome> job, Consumer<Outcome> done) {
    waiting = new Request(job, done);
    notifyAll();
  }

  /** Leaves the inference that runs to itself, whose outcome comes late or never, and goes on. */
  public synchronized void leave() {
    thread = worker();
    thread.start();
  }

  /**
   * Returns whether an inference runs in this process. A process that ends meanwhile in the usual
   * way breaks down ({@link ProcessEnd}).
   */
  public static boolean isAnyRunning() {
    return RUNNING.get() > 0;
  }

  private void work() {
    for (Request request = take(); request != null; request = take()) {
      Outcome outcome;
      RUNNING.incrementAndGet();
      try {
        outcome = request.job.get();
      } catch (RuntimeException | Error e) { // else every tick to come would wait for it
        outcome =
            new Outcome.Failed(e instanceof Error ? e.toString() : String.valueOf(e.getMessage()));
      } finally {
        RUNNING.decrementAndGet();
      }
      request.done.accept(outcome);
    }
  }

  private synchronized @Nullable Request take() {
    while (waiting == null && isMine()) {
      try {
        wait();
      } catch (InterruptedException e) {
        return null;
      }
    }
    if (!isMine()) {
      return null;
    }
    Request taken = waiting;
    waiting = null;
    return taken;
  }

  /** Returns whether this thread is the one that works. */
  private synchronized boolean isMine() {
    return !closed && Thread.currentThread().equals(thread);
  }

  /**
   * Ends when the inference that runs does; waits for it for some time, and says whether it did.
   */
  public boolean end() {
    Thread last;
    synchronized (this) {
      closed = true;
      notifyAll();
      last = thread;
    }
    try {
      return last.join(ENDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
