package dev.reverie.sim;

import dev.reverie.sim.PegArm.Tip;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * The planar arm with its peg, in the scene of a task. The same seed and commands give the same
 * states, bit for bit. For one thread at a time.
 */
abstract class PlanarScene implements TaskScene {
  /** Step of physics, as the scenes say. */
  static final double TIMESTEP_S = 0.004;

  /** Steps of physics in a control tick of 0.1 s. */
  static final int STEPS_PER_TICK = 25;

  /** The camera's name in the scenes. */
  static final String CAMERA = "side";

  /** Error of the actuators along x and z, standard deviation. */
  static final double ACTUATION_NOISE_M = 0.002;

  /** Heights of the end of a slot's wall and of a peg that jammed. */
  static final double RIM_Z_M = 0.27;

  /** Height of what carries a slot's walls: the table's top. */
  static final double TABLE_Z_M = 0.10;

  private static final int JOINTS = PegArm.JOINTS.size();

  /** Height of what a task hides: far below the picture. */
  private static final double AWAY_Z_M = -5;

  private final Simulation simulation;
  private final int stepsPerTick;
  private final int tip;
  private RandomGenerator noise = new SplittableRandom(0);

  /**
   * Compiles the scene.
   *
   * @param mjcf with the arm, whose joints are the first ones, and the task's bodies
   */
  PlanarScene(String mjcf, int stepsPerTick) {
    this.stepsPerTick = stepsPerTick;
    simulation = Simulation.of(mjcf);
    tip = simulation.siteId("tip");
  }

  @Override
  public final List<String> joints() {
    return PegArm.JOINTS;
  }

  @Override
  public final String urdf() {
    return PlanarMjcf.resource("peg-arm.urdf");
  }

  @Override
  public final List<View> views(int side, int samples) {
    return List.of(new View("camera", new RayCamera(simulation, CAMERA, side, samples)));
  }

  /** Back to the scene's initial state, before a task puts its bodies to their places. */
  final void clear(RandomGenerator noise) {
    this.noise = noise;
    simulation.reset();
  }

  /** Puts a mocap body to a place on the table. */
  final void put(int mocap, double x) {
    place(mocap, x, TABLE_Z_M);
  }

  /** Takes a mocap body out of the scene. */
  final void take(int mocap) {
    place(mocap, 0, AWAY_Z_M);
  }

  private void place(int mocap, double x, double z) {
    simulation.mocapPositions().set(3 * mocap, x);
    simulation.mocapPositions().set(3 * mocap + 1, 0);
    simulation.mocapPositions().set(3 * mocap + 2, z);
  }

  /** Puts the arm to where an episode begins, after all else has its place. */
  final void begin(Tip at) {
    double[] q = PegArm.inverse(at);
    for (int joint = 0; joint < JOINTS; joint++) {
      simulation.jointPositions().set(joint, q[joint]);
    }
    simulation.control(q);
    simulation.forward();
  }

  /**
   * {@inheritDoc}
   *
   * <p>The actuators miss their target by a little: the tip that the command means is moved by the
   * noise and kept inside the workspace, and the joints follow.
   */
  @Override
  public void tick(double[] command) {
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

  @Override
  public final double periodS() {
    return stepsPerTick * simulation.timestepS();
  }

  @Override
  public final double[] jointPositions() {
    return simulation.jointPositions().toArray(0, JOINTS);
  }

  /** [3] rad/s. */
  final double[] jointVelocities() {
    return simulation.jointVelocities().toArray(0, JOINTS);
  }

  /** [3] N m. */
  final double[] jointTorques() {
    return simulation.actuatorForces().toArray();
  }

  @Override
  public final SensorReadings readings(List<byte[]> pictures) {
    return new SensorReadings(jointPositions(), jointVelocities(), jointTorques(), pictures);
  }

  @Override
  public final double[] withinLimits(double[] positions) {
    return PegArm.withinLimits(positions);
  }

  /**
   * Returns how far something in a slot was pushed down, metres; of the slots in the scene's order.
   */
  final double pushedDown(int slot) {
    return -simulation.jointPositions().get(JOINTS + slot);
  }

  /** The true tip, a leaning peg included. */
  final Tip tip() {
    return new Tip(
        simulation.sitePositions().get(3 * tip), simulation.sitePositions().get(3 * tip + 2));
  }

  @Override
  public final Simulation simulation() {
    return simulation;
  }

  @Override
  public final void close() {
    simulation.close();
  }
}
