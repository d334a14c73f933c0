package dev.reverie.sim;

import dev.reverie.rcljava.RclException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Joint states and pictures of an arm as its drivers publish them: with noise, latency, losses and
 * faults.
 */
final class MockSensors implements AutoCloseable {
  private final SceneArm arm;
  private final ArmTopics topics;
  private final List<String> cameras;
  private final CameraThread shutter;
  private final SceneSettings settings;
  private final SplittableRandom random;
  private final SplittableRandom pictureLosses; // on the cameras' thread
  private final Map<String, byte[]> shown = new HashMap<>(); // on the cameras' thread
  private final ScheduledExecutorService delays =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("delays").daemon().factory());
  private volatile Faults faults = new Faults(Set.of());
  private Optional<double[]> frozen = Optional.empty();
  private long pictureNanos = Long.MIN_VALUE; // when the next one is due

  /**
   * Shows an arm.
   *
   * @param scene its file
   */
  MockSensors(SceneArm arm, ArmTopics topics, Path scene, SceneSettings settings) {
    this.arm = arm;
    this.topics = topics;
    this.settings = settings;
    random = new SplittableRandom(settings.seed());
    pictureLosses = random.split();
    shutter = new CameraThread(scene, settings::lenses, this::pictures);
    cameras = shutter.names();
  }

  List<String> cameras() {
    return cameras;
  }

  /** Publishes the joint states, and the pictures where they are due. */
  void publish(long stampNanos, Faults now) {
    faults = now;
    jointStates(stampNanos);
    if (stampNanos >= pictureNanos && shutter.show(arm.simulation(), stampNanos)) {
      long period = Math.round(1e9 / settings.cameraRateHz());
      pictureNanos =
          pictureNanos < stampNanos - period ? stampNanos + period : pictureNanos + period;
    }
  }

  private void jointStates(long stampNanos) {
    if (faults.has("joints_stop") || random.nextDouble() < settings.jointDrops()) {
      return;
    }
    double[] positions = arm.positions();
    for (int i = 0; i < positions.length; i++) {
      positions[i] += settings.noiseRad() * random.nextGaussian();
      if (faults.has("joints_nan", arm.names().get(i))) {
        positions[i] = Double.NaN;
      }
    }
    if (faults.has("joints_freeze")) {
      double[] first = frozen.orElse(positions);
      frozen = Optional.of(first);
      positions = first;
    } else {
      frozen = Optional.empty();
    }
    var seen = new SensorReadings(positions, arm.velocities(), arm.efforts(), List.of());
    later(settings.jointLatencyS(), () -> topics.jointStates(stampNanos, seen));
  }

  private void pictures(long stampNanos, List<byte[]> pictures) {
    for (int camera = 0; camera < pictures.size(); camera++) {
      String name = cameras.get(camera);
      if (!faults.has("camera_freeze", name) || !shown.containsKey(name)) {
        shown.put(name, pictures.get(camera));
      }
      byte[] picture = shown.getOrDefault(name, pictures.get(camera));
      boolean lost = pictureLosses.nextDouble() < settings.cameraDrops();
      if (!lost && !faults.has("camera_stop", name)) {
        int index = camera;
        later(settings.cameraLatencyS(), () -> topics.picture(index, stampNanos, picture));
      }
    }
  }

  private void later(double seconds, Runnable publication) {
    if (seconds == 0) {
      publication.run();
      return;
    }
    var _ =
        delays.schedule(
            () -> {
              try {
                publication.run();
              } catch (RclException e) {
                if (!delays.isShutdown()) { // else the context has gone before us
                  throw e;
                }
              }
            },
            Math.round(seconds * 1e9),
            TimeUnit.NANOSECONDS);
  }

  @Override
  public void close() {
    delays.shutdownNow();
    shutter.close();
  }
}
