package dev.reverie.sim;

import dev.reverie.sim.PegArm.Tip;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * A three-joint planar arm with a peg, above three coloured slots; the peg shall go into the slot
 * of the colour that the instruction names. The same seed and commands give the same states, bit
 * for bit. For one thread at a time.
 */
final class PegScene implements AutoCloseable {
  /** Step of physics, as the scene says. */
  static final double TIMESTEP_S = 0.004;

  /** Steps of physics in a control tick of 0.1 s. */
  static final int STEPS_PER_TICK = 25;

  /** Time after which an episode has failed. */
  static final long TIME_LIMIT_NANOS = 3_200_000_000L;

  static final int TIME_LIMIT_TICKS = 32;

  /** The camera's name in the scene. */
  static final String CAMERA = "side";

  /** Error of the actuators along x and z, standard deviation. */
  static final double ACTUATION_NOISE_M = 0.002;

  /** Heights of the end of a slot's wall and of a peg that jammed. */
  static final double RIM_Z_M = 0.27;

  /** Half the slot less half the peg, and a little for a peg that leans. */
  private static final double SUCCESS_OFFSET_M = 0.075 - 0.035 + 0.005;

  private static final double SUCCESS_Z_M = 0.155;
  private static final double SLOT_BODY_Z_M = 0.10;

  private final Simulation simulation;
  private final int stepsPerTick;
  private final int tip;
  private PegLayout layout = PegLayout.draw(new SplittableRandom(0));
  private RandomGenerator noise = new SplittableRandom(0);

  PegScene() {
    this(STEPS_PER_TICK);
  }

  PegScene(int stepsPerTick) {
    this.stepsPerTick = stepsPerTick;
    simulation = Simulation.of(resource("peg-scene.xml"));
    tip = simulation.siteId("tip");
    reset(layout, noise);
  }

  static String resource(String name) {
    try (InputStream in = PegScene.class.getResourceAsStream(name)) {
      byte[] bytes = Objects.requireNonNull(in, () -> name + " is not in the jar").readAllBytes();
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Begins an episode.
   *
   * @param wanted where empty, the colour too is drawn from the seed
   */
  void reset(long seed, Optional<Colour> wanted) {
    var random = new SplittableRandom(seed);
    PegLayout drawn = PegLayout.draw(random.split());
    reset(wanted.map(drawn::withWanted).orElse(drawn), random.split());
  }

  /**
   * Loads the scene.
   *
   * @param noise of the actuators
   */
  void reset(PegLayout layout, RandomGenerator noise) {
    this.layout = layout;
    this.noise = noise;
    simulation.reset();
    for (int slot = 0; slot < 3; slot++) {
      int body = layout.colours().get(slot).ordinal();
      simulation.mocapPositions().set(3 * body, layout.slotX().get(slot));
      simulation.mocapPositions().set(3 * body + 1, 0);
      simulation.mocapPositions().set(3 * body + 2, SLOT_BODY_Z_M);
    }
    double[] q = PegArm.inverse(layout.tip());
    simulation.jointPositions().set(q);
    simulation.control(q);
    simulation.forward();
  }

  /**
   * One control tick. The actuators miss their target by a little: the tip that the command means
   * is moved by the noise and kept inside the workspace, and the joints follow.
   *
   * @param command [3] joint positions, rad
   */
  void tick(double[] command) {
    Tip meant = PegArm.forward(command);
    Tip aimed =
        meant
            .plus(
                ACTUATION_NOISE_M * noise.nextGaussian(), ACTUATION_NOISE_M * noise.nextGaussian())
            .clamped();
    double[] from = PegArm.inverse(meant);
    double[] to = PegArm.inverse(aimed);
    double[] control = new double[command.length];
    for (int joint = 0; joint < control.length; joint++) {
      control[joint] = command[joint] + to[joint] - from[joint];
    }
    simulation.control(control);
    simulation.step(stepsPerTick);
  }

  /** The time of a control tick. */
  double periodS() {
    return stepsPerTick * simulation.timestepS();
  }

  /** [3] rad, as a sensor in each joint measures them. */
  double[] jointPositions() {
    return simulation.jointPositions().toArray();
  }

  /** [3] rad/s. */
  double[] jointVelocities() {
    return simulation.jointVelocities().toArray();
  }

  /** [3] N m. */
  double[] jointTorques() {
    return simulation.actuatorForces().toArray();
  }

  /** The true tip, a leaning peg included. */
  Tip tip() {
    return new Tip(
        simulation.sitePositions().get(3 * tip), simulation.sitePositions().get(3 * tip + 2));
  }

  PegLayout layout() {
    return layout;
  }

  /** Tells whether the peg is down in the wanted slot. */
  boolean succeeded() {
    Tip at = tip();
    return Math.abs(at.x() - layout.wantedX()) <= SUCCESS_OFFSET_M && at.z() < SUCCESS_Z_M;
  }

  Simulation simulation() {
    return simulation;
  }

  @Override
  public void close() {
    simulation.close();
  }
}
