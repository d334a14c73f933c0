package dev.reverie.rcljava;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Runs callbacks for an executor, whose own thread only waits, on threads of its own. */
final class Workers implements AutoCloseable {
  private static final long END_SECONDS = 10;

  private final ExecutorService threads;
  private final ThreadLocal<Boolean> mine = ThreadLocal.withInitial(() -> false);
  private final Runnable onFree;
  private final Consumer<Throwable> onFailure;

  /**
   * Starts the threads.
   *
   * @param onFree called when something can be served again
   * @param onFailure called with what a callback threw
   */
  Workers(int count, ThreadFactory factory, Runnable onFree, Consumer<Throwable> onFailure) {
    this.threads = Executors.newFixedThreadPool(count, factory);
    this.onFree = onFree;
    this.onFailure = onFailure;
  }

  /** Lets a worker serve it; false when another one does, or its group is busy. */
  boolean serve(Waitable waitable) {
    if (!waitable.isFree() || !waitable.group().tryEnter()) {
      return false;
    }
    if (!waitable.enter()) {
      waitable.group().leave();
      return false;
    }
    var claim = new Claim(waitable);
    waitable.claim(claim);
    threads.execute(claim);
    return true;
  }

  /** Holds the right to serve one waitable, given back once. */
  final class Claim implements Runnable {
    private final Waitable waitable;
    private boolean held = true; // of the worker's thread

    private Claim(Waitable waitable) {
      this.waitable = waitable;
    }

    @Override
    public void run() {
      mine.set(true);
      try {
        waitable.work();
      } catch (Throwable e) {
        onFailure.accept(e);
      } finally {
        end();
        waitable.exit();
      }
    }

    void end() {
      if (held) {
        held = false;
        waitable.claim(null);
        waitable.group().leave();
        onFree.run();
      }
    }
  }

  /** Begins nothing new and waits for the callbacks that run, unless it is one of them. */
  @Override
  public void close() {
    threads.shutdown();
    if (mine.get()) {
      return;
    }
    try {
      if (!threads.awaitTermination(END_SECONDS, TimeUnit.SECONDS)) {
        System.getLogger("rcljava")
            .log(
                System.Logger.Level.WARNING,
                "a callback still runs %d s after its executor was closed".formatted(END_SECONDS));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
