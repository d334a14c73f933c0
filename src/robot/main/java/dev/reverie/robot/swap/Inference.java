package dev.reverie.robot.swap;

import dev.reverie.policy.Sample;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs the policy on a thread of its own. It never queues: a request that still waits is replaced
 * by a newer one.
 */
public final class Inference implements AutoCloseable {
  public sealed interface Outcome {
    /**
     * Actions that the policy gave.
     *
     * @param inferenceNanos of the policy alone
     */
    record Given(Sample sample, long inferenceNanos) implements Outcome {}

    record Failed(String reason) implements Outcome {}
  }

  private record Request(Supplier<Outcome> job, Consumer<Outcome> done) {}

  private final Thread thread =
      Thread.ofPlatform().name("inference").daemon().unstarted(this::work);
  private @Nullable Request waiting; // guarded by this
  private boolean closed; // guarded by this

  private Inference() {}

  public static Inference start() {
    var inference = new Inference();
    inference.thread.start();
    return inference;
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

  private void work() {
    for (Request request = take(); request != null; request = take()) {
      Outcome outcome;
      try {
        outcome = request.job.get();
      } catch (RuntimeException | Error e) { // else every tick to come would wait for it
        outcome =
            new Outcome.Failed(e instanceof Error ? e.toString() : String.valueOf(e.getMessage()));
      }
      request.done.accept(outcome);
    }
  }

  private synchronized @Nullable Request take() {
    while (waiting == null && !closed) {
      try {
        wait();
      } catch (InterruptedException e) {
        return null;
      }
    }
    Request taken = closed ? null : waiting;
    waiting = null;
    return taken;
  }

  /** Waits for the inference that runs. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
