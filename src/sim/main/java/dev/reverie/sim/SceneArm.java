package dev.reverie.sim;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * An arm in a scene of a file, which may have a cube to touch. Position motors follow what is asked
 * of the joints; where the scene has no motors, as a URDF, the joints are where they are asked to
 * be. The same seed and motion give the same states, bit for bit. For one thread at a time.
 *
 * <p>Names that mean something: keyframe {@code home}, where the arm begins; body {@code cube},
 * which floats; site {@code tip}, on the body that shall touch it.
 */
final class SceneArm implements AutoCloseable {
  private static final String HOME = "home";
  private static final double HOME_JITTER_RAD = 0.04;
  private static final double CUBE_FORWARD_M = 0.05;
  private static final double CUBE_SIDEWAYS_M = 0.12;

  private final Simulation simulation;
  private final List<SceneModel.Joint> joints;
  private final int tip;
  private final int cube;
  private final boolean[] cubeGeoms;
  private final boolean[] toolGeoms;
  private final boolean motors;
  private double[] reference;

  private SceneArm(Simulation simulation, List<SceneModel.Joint> joints) {
    this.simulation = simulation;
    this.joints = joints;
    SceneModel model = simulation.model();
    motors = model.hasMotors();
    tip = model.findSite("tip");
    cube = model.floatingBody("cube");
    boolean task = tip >= 0 && cube >= 0;
    cubeGeoms = task ? model.geomsOf(model.bodyId("cube")) : new boolean[0];
    toolGeoms = task ? model.geomsOf(model.bodyOfSite(tip)) : new boolean[0];
    reference = new double[joints.size()];
    reset(Optional.empty());
  }

  /**
   * Loads a scene.
   *
   * @param file MJCF or URDF
   */
  static SceneArm load(Path file) {
    Simulation simulation = Simulation.load(file);
    try {
      List<SceneModel.Joint> joints = simulation.model().movedJoints();
      if (joints.isEmpty() || joints.stream().anyMatch(joint -> joint.name().isEmpty())) {
        throw new MujocoException(
            "%s has the joints %s; an arm needs some, each with a name"
                .formatted(file, joints.stream().map(SceneModel.Joint::name).toList()));
      }
      return new SceneArm(simulation, joints);
    } catch (RuntimeException e) {
      simulation.close();
      throw e;
    }
  }

  /** Puts the arm and the cube to places drawn from the seed. */
  void reset(long seed) {
    reset(Optional.of(new SplittableRandom(seed)));
  }

  private void reset(Optional<RandomGenerator> random) {
    simulation.reset(HOME);
    Doubles q = simulation.jointPositions();
    random.ifPresent(
        r -> {
          for (SceneModel.Joint joint : joints) {
            double moved = q.get(joint.position()) + HOME_JITTER_RAD * r.nextDouble(-1, 1);
            q.set(joint.position(), Math.clamp(moved, joint.lower(), joint.upper()));
          }
          if (cube >= 0) {
            q.set(cube, q.get(cube) + CUBE_FORWARD_M * r.nextDouble(-1, 1));
            q.set(cube + 1, q.get(cube + 1) + CUBE_SIDEWAYS_M * r.nextDouble(-1, 1));
            double half = Math.PI / 4 * r.nextDouble(-1, 1);
            q.set(cube + 3, StrictMath.cos(half));
            q.set(cube + 6, StrictMath.sin(half));
          }
        });
    reference = positions();
    if (motors) {
      simulation.control(reference);
    }
    simulation.forward();
  }

  /**
   * Puts everything to a state.
   *
   * @param qpos [nq] rad or m
   */
  void place(double[] qpos) {
    simulation.reset();
    simulation.jointPositions().set(qpos);
    reference = positions();
    if (motors) {
      simulation.control(reference);
    }
    simulation.forward();
  }

  List<String> names() {
    return joints.stream().map(SceneModel.Joint::name).toList();
  }

  List<SceneModel.Joint> joints() {
    return joints;
  }

  Simulation simulation() {
    return simulation;
  }

  /** Measured positions of the joints, rad or m. */
  double[] positions() {
    return joints.stream()
        .mapToDouble(joint -> simulation.jointPositions().get(joint.position()))
        .toArray();
  }

  /** rad/s or m/s. */
  double[] velocities() {
    return joints.stream()
        .mapToDouble(joint -> simulation.jointVelocities().get(joint.velocity()))
        .toArray();
  }

  /** N m or N; zeros where the scene has no motors. */
  double[] efforts() {
    return Arrays.copyOf(simulation.actuatorForces().toArray(), joints.size());
  }

  /** Returns what was asked of the joints last. */
  double[] reference() {
    return reference.clone();
  }

  /** The nearest positions within the end stops. */
  double[] withinLimits(double[] positions) {
    double[] bounded = positions.clone();
    for (int i = 0; i < bounded.length; i++) {
      SceneModel.Joint joint = joints.get(i);
      bounded[i] = Math.clamp(bounded[i], joint.lower(), joint.upper());
    }
    return bounded;
  }

  /**
   * Moves on for about so long, while what is asked of the joints goes evenly to new positions.
   *
   * @return the time that passed: whole steps of the physics, at least one
   */
  double move(double[] to, double seconds) {
    int steps = (int) Math.max(1, Math.rint(seconds / simulation.timestepS()));
    double[] bounded = withinLimits(to);
    if (motors) {
      simulation.step(reference, bounded, steps);
    } else {
      for (int i = 0; i < bounded.length; i++) {
        simulation.jointPositions().set(joints.get(i).position(), bounded[i]);
        double moved = (bounded[i] - reference[i]) / (steps * simulation.timestepS());
        simulation.jointVelocities().set(joints.get(i).velocity(), moved);
      }
      simulation.forward();
    }
    reference = bounded;
    return steps * simulation.timestepS();
  }

  /** Tells whether the scene has a cube to touch and something to touch it with. */
  boolean hasTask() {
    return toolGeoms.length > 0;
  }

  /** Tells whether the tool touches the cube. */
  boolean touching() {
    return hasTask() && simulation.touching(toolGeoms, cubeGeoms);
  }

  /** [3] metres. */
  double[] tip() {
    return simulation.sitePositions().toArray(3 * tip, 3);
  }

  /** [3] metres. */
  double[] cube() {
    return simulation.jointPositions().toArray(cube, 3);
  }

  /** [3][joints] how the tip moves with the joints, metres a radian. */
  double[][] tipJacobian() {
    double[] all = simulation.siteJacobian(tip);
    double[][] moved = new double[3][joints.size()];
    for (int axis = 0; axis < 3; axis++) {
      for (int i = 0; i < joints.size(); i++) {
        moved[axis][i] = all[axis * all.length / 3 + joints.get(i).velocity()];
      }
    }
    return moved;
  }

  @Override
  public void close() {
    simulation.close();
  }
}
