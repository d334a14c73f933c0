package dev.reverie.sim;

import dev.reverie.rcljava.RclException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

/**
 * Renders pictures beside the physics, in a simulation of its own that is put where the other one
 * stands, so that a picture never makes the joints wait. What comes while it renders is not shown.
 */
final class CameraThread implements AutoCloseable {
  /** Takes the pictures of an instant; called on the thread. */
  interface Sink {
    void pictures(long stampNanos, List<byte[]> pictures);
  }

  private final Simulation simulation;
  private final List<Lens> cameras;
  private final Sink sink;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().name("cameras").daemon().factory());
  private final AtomicBoolean busy = new AtomicBoolean();

  /**
   * Loads the scene a second time.
   *
   * @param cameras that look at a simulation
   */
  CameraThread(Path scene, Function<Simulation, List<Lens>> cameras, Sink sink) {
    simulation = Simulation.load(scene);
    this.cameras = cameras.apply(simulation);
    this.sink = sink;
  }

  /** Names of the cameras. */
  List<String> names() {
    return cameras.stream().map(Lens::name).toList();
  }

  /**
   * Shows an instant; false where the one before is not ready.
   *
   * @param from the same scene, whose state is shown
   */
  boolean show(Simulation from, long stampNanos) {
    if (!busy.compareAndSet(false, true)) {
      return false;
    }
    double[] jointPositions = from.jointPositions().toArray();
    thread.execute(
        () -> {
          try {
            simulation.jointPositions().set(jointPositions);
            simulation.look();
            sink.pictures(stampNanos, cameras.stream().map(Lens::render).toList());
          } catch (RclException e) {
            if (!thread.isShutdown()) { // else the context has gone before us
              throw e;
            }
          } finally {
            busy.set(false);
          }
        });
    return true;
  }

  @Override
  public void close() {
    thread.shutdown();
    try {
      var _ = thread.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    simulation.close();
  }
}
