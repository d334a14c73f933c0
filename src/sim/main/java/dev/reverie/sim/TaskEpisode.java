package dev.reverie.sim;

import java.util.List;
import java.util.Optional;

/** Episodes of a task, as its cameras see them. */
final class TaskEpisode extends ArmEpisode {
  private final TaskScene scene;
  private final List<Lens> cameras;
  private final long usualLimitNanos;
  private final long periodNanos;
  private double[] target;

  /**
   * Episodes in a scene.
   *
   * @param usualLimitNanos after which an episode has failed where nobody says otherwise
   */
  TaskEpisode(TaskScene scene, List<Lens> cameras, long usualLimitNanos) {
    this.scene = scene;
    this.cameras = List.copyOf(cameras);
    this.usualLimitNanos = usualLimitNanos;
    periodNanos = Math.round(scene.periodS() * 1e9);
    target = scene.jointPositions();
  }

  @Override
  String begin(long seed, String instruction, long limitNanos, boolean demonstrate) {
    String told = scene.reset(seed, instruction);
    long limit = limitNanos == 0 ? usualLimitNanos : limitNanos;
    target = scene.jointPositions();
    begun(
        true,
        Math.clamp(Math.ceilDiv(limit, periodNanos), 1, Integer.MAX_VALUE),
        demonstrate ? Optional.of(scene.expert(seed)) : Optional.empty());
    return told;
  }

  @Override
  SensorReadings look() {
    return scene.readings(cameras.stream().map(Lens::render).toList());
  }

  @Override
  void aim(double[] positions) {
    target = scene.withinLimits(positions);
  }

  @Override
  void move() {
    scene.tick(target);
  }

  @Override
  Optional<String> reached() {
    return scene.reached();
  }
}
