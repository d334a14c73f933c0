package dev.reverie.sim;

import java.util.List;
import java.util.Optional;

/** Episodes of the planar arm with its peg. */
final class PegEpisode extends ArmEpisode {
  private final PegScene scene;
  private final RayCamera camera;
  private final long periodNanos;
  private double[] target;

  PegEpisode(PegScene scene, RayCamera camera) {
    this.scene = scene;
    this.camera = camera;
    periodNanos = Math.round(scene.periodS() * 1e9);
    target = scene.jointPositions();
  }

  @Override
  String begin(long seed, String instruction, long limitNanos, boolean demonstrate) {
    Optional<Colour> wanted = Colour.named(instruction);
    scene.reset(seed, wanted);
    long limit = limitNanos == 0 ? PegScene.TIME_LIMIT_NANOS : limitNanos;
    target = scene.jointPositions();
    begun(
        true,
        Math.clamp(Math.ceilDiv(limit, periodNanos), 1, Integer.MAX_VALUE),
        demonstrate
            ? Optional.of(new Expert(scene, Expert.random(seed))::command)
            : Optional.empty());
    return wanted.isPresent() ? instruction : scene.layout().wanted().instruction();
  }

  @Override
  SensorReadings look() {
    return new SensorReadings(
        scene.jointPositions(),
        scene.jointVelocities(),
        scene.jointTorques(),
        List.of(camera.render()));
  }

  @Override
  void aim(double[] positions) {
    target = PegArm.withinLimits(positions);
  }

  @Override
  void move() {
    scene.tick(target);
  }

  @Override
  Optional<String> reached() {
    return scene.succeeded() ? Optional.of("the peg is in the wanted slot") : Optional.empty();
  }
}
