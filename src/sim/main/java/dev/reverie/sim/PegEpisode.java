package dev.reverie.sim;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Episodes of the planar arm with its peg. */
final class PegEpisode implements ArmEpisode {
  private final PegScene scene;
  private final RayCamera camera;
  private final long periodNanos;
  private double[] target;
  private boolean running;
  private boolean commanded;
  private int ticks;
  private int limitTicks;
  private @Nullable Expert expert;
  private double @Nullable [] demonstrated;
  private @Nullable SensorReadings readings;

  PegEpisode(PegScene scene, RayCamera camera) {
    this.scene = scene;
    this.camera = camera;
    periodNanos = Math.round(scene.periodS() * 1e9);
    target = scene.jointPositions();
  }

  @Override
  public String begin(long seed, String instruction, long limitNanos, boolean demonstrate) {
    Optional<Colour> wanted = Colour.named(instruction);
    scene.reset(seed, wanted);
    long limit = limitNanos == 0 ? PegScene.TIME_LIMIT_NANOS : limitNanos;
    limitTicks = Math.clamp(Math.ceilDiv(limit, periodNanos), 1, Integer.MAX_VALUE);
    target = scene.jointPositions();
    expert = demonstrate ? new Expert(scene, Expert.random(seed)) : null;
    running = true;
    commanded = false;
    ticks = 0;
    forget();
    return wanted.isPresent() ? instruction : scene.layout().wanted().instruction();
  }

  private void forget() {
    readings = null;
    demonstrated = null;
  }

  @Override
  public boolean running() {
    return running;
  }

  @Override
  public boolean commanded() {
    return commanded;
  }

  @Override
  public SensorReadings readings() {
    if (readings == null) {
      readings =
          new SensorReadings(
              scene.jointPositions(),
              scene.jointVelocities(),
              scene.jointTorques(),
              List.of(camera.render()));
    }
    return readings;
  }

  @Override
  public Optional<double[]> demonstration() {
    if (demonstrated == null && expert != null && running) {
      demonstrated = expert.command();
    }
    return Optional.ofNullable(demonstrated);
  }

  @Override
  public void command(double[] positions) {
    target = PegArm.withinLimits(positions);
    commanded = true;
  }

  @Override
  public void hold() {
    commanded = true;
  }

  @Override
  public Optional<Ending> tick() {
    demonstration(); // an expert acts in every tick, be it followed or not
    scene.tick(target);
    forget();
    if (!running) {
      return Optional.empty();
    }
    ticks += commanded ? 1 : 0;
    if (scene.succeeded()) {
      return end(true, "the peg is in the wanted slot");
    }
    if (ticks >= limitTicks) {
      return end(false, "the time limit of " + limitTicks + " ticks is over");
    }
    return Optional.empty();
  }

  private Optional<Ending> end(boolean success, String reason) {
    running = false;
    return Optional.of(new Ending(success, reason));
  }
}
