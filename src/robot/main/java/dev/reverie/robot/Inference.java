package dev.reverie.robot;

import dev.reverie.policy.TokenSampler.Sample;
import org.jspecify.annotations.Nullable;

/**
 * Runs the policy on a thread of its own. It never queues: a request that still waits is replaced
 * by a newer one.
 */
final class Inference implements AutoCloseable {

  /** What to do with an outcome, on the inference thread. */
  interface Done {
    void done(Outcome outcome);
  }

  sealed interface Outcome {
    /**
     * @param inferenceNanos of the policy alone
     */
    record Given(Sample sample, long inferenceNanos) implements Outcome {}

    record Failed(String reason) implements Outcome {}
  }

  /** One inference: from the observation to the tokens drawn. */
  interface Job {
    Outcome run();
  }

  private record Request(Job job, Done done) {}

  private final Thread thread = new Thread(this::work, "inference");
  private @Nullable Request waiting; // guarded by this
  private boolean closed; // guarded by this

  Inference() {
    thread.setDaemon(true);
    thread.start();
  }

  synchronized void request(Job job, Done done) {
    waiting = new Request(job, done);
    notifyAll();
  }

  private void work() {
    for (Request request = take(); request != null; request = take()) {
      Outcome outcome;
      try {
        outcome = request.job.run();
      } catch (RuntimeException e) {
        outcome = new Outcome.Failed(String.valueOf(e.getMessage()));
      }
      request.done.done(outcome);
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
