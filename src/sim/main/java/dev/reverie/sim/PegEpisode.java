package dev.reverie.sim;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The episode in the scene, one after the other: what is observed, what an expert would do, what
 * the arm aims at, and how it ends. Knows nothing of ROS. For one thread at a time.
 */
final class PegEpisode {
  /** End of an episode. */
  record Ending(boolean success, String reason) {}

  private final PegScene scene;
  private final RayCamera camera;
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
    target = scene.jointPositions();
  }

  /**
   * Begins an episode.
   *
   * @param wanted where empty, the colour too is drawn from the seed
   * @param limitTicks after which the episode has failed, counted from the first command
   * @param demonstrate whether an expert says what to do
   * @return what the arm is told to do
   */
  String begin(long seed, Optional<Colour> wanted, int limitTicks, boolean demonstrate) {
    scene.reset(seed, wanted);
    this.limitTicks = limitTicks;
    target = scene.jointPositions();
    expert = demonstrate ? new Expert(scene, Expert.random(seed)) : null;
    running = true;
    commanded = false;
    ticks = 0;
    forget();
    return scene.layout().wanted().instruction();
  }

  private void forget() {
    readings = null;
    demonstrated = null;
  }

  boolean running() {
    return running;
  }

  /** Tells whether a command came since the episode began. */
  boolean commanded() {
    return commanded;
  }

  /** Readings of the sensors, the same ones until the next tick. */
  SensorReadings readings() {
    if (readings == null) {
      readings =
          new SensorReadings(
              scene.jointPositions(),
              scene.jointVelocities(),
              scene.jointTorques(),
              camera.render());
    }
    return readings;
  }

  /** The expert's command for this observation: [3] rad; the same one until the next tick. */
  Optional<double[]> demonstration() {
    if (demonstrated == null && expert != null && running) {
      demonstrated = expert.command();
    }
    return Optional.ofNullable(demonstrated);
  }

  /**
   * Sets what the arm aims at from the next tick on.
   *
   * @param positions [3] rad
   */
  void command(double[] positions) {
    target = PegArm.withinLimits(positions);
    commanded = true;
  }

  /** The arm goes on aiming where it did, which counts as a command. */
  void hold() {
    commanded = true;
  }

  /** Moves on by one control tick; tells when that ended the episode. */
  Optional<Ending> tick() {
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
