package dev.reverie.sim;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A thread for native calls that may fail. MuJoCo's functions neither return an error nor may they
 * run on after one, so the thread on which an error arises is parked for ever inside the call; the
 * caller gets a {@link MujocoException}. What the call worked on is lost with the thread.
 */
final class NativeThread implements AutoCloseable {
  /** Stack as large as that of a main thread, which MuJoCo's recursive readers are made for. */
  private static final long STACK_BYTES = 8L << 20;

  private static final ThreadLocal<@Nullable NativeThread> CURRENT = new ThreadLocal<>();

  private record Job(Supplier<?> body, CompletableFuture<Object> result) {}

  private static final Job END = new Job(() -> 0, new CompletableFuture<>());

  private final BlockingQueue<Job> jobs = new LinkedBlockingQueue<>();
  private final Thread thread = new Thread(null, this::work, "mujoco", STACK_BYTES);
  private volatile @Nullable Job running;
  private volatile @Nullable String lost;
  private volatile boolean closed;

  NativeThread() {
    thread.setDaemon(true); // a parked thread must not keep the process alive
    thread.start();
  }

  void run(Runnable body) {
    call(
        () -> {
          body.run();
          return true;
        });
  }

  /** Runs the body on this thread and waits for it. For one caller at a time. */
  <T> T call(Supplier<T> body) {
    if (lost != null) {
      throw new MujocoException("the simulation was lost to an earlier error: " + lost);
    }
    if (closed) {
      throw new IllegalStateException("the simulation is closed");
    }
    var result = new CompletableFuture<Object>();
    jobs.add(new Job(body, result));
    try {
      @SuppressWarnings("unchecked") // the job completes it with what the body returned
      T value = (T) result.join();
      return value;
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException refusal) {
        throw refusal;
      }
      throw e;
    }
  }

  /** Tells whether an error has parked the thread. */
  boolean isLost() {
    return lost != null;
  }

  /** Ends the thread, unless an error has parked it. */
  @Override
  public void close() {
    closed = true;
    jobs.add(END);
  }

  private void work() {
    CURRENT.set(this);
    try {
      for (Job job = jobs.take(); job != END; job = jobs.take()) {
        running = job;
        try {
          job.result.complete(job.body.get());
        } catch (Throwable e) {
          job.result.completeExceptionally(e);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // nobody interrupts it; end all the same
    }
  }

  /** Serves MuJoCo's error handler: tells the caller and never returns. */
  static void failAndPark(String message) {
    NativeThread self = CURRENT.get();
    if (self != null) {
      self.lost = message;
      Job job = self.running;
      if (job != null) {
        job.result.completeExceptionally(new MujocoException("MuJoCo: " + message));
      }
    }
    while (true) {
      LockSupport.park();
      var _ = Thread.interrupted(); // an interrupted thread would not park again
    }
  }
}
