package dev.reverie.robot;

import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Runs work on the control thread at intervals; what a busy thread misses is left out. */
final class Ticker implements AutoCloseable {
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          work -> Thread.ofPlatform().name("ticker").daemon().unstarted(work));
  private final Executor control;

  /** Creates one that has nothing to do yet. */
  Ticker(Executor control) {
    this.control = control;
  }

  void every(long periodNanos, Runnable work) {
    var pending = new AtomicBoolean();
    var _ =
        clock.scheduleAtFixedRate(
            () -> {
              if (!pending.getAndSet(true)) {
                control.execute(
                    () -> {
                      pending.set(false);
                      work.run();
                    });
              }
            },
            periodNanos,
            periodNanos,
            TimeUnit.NANOSECONDS);
  }

  @Override
  public void close() {
    clock.shutdownNow();
  }
}
