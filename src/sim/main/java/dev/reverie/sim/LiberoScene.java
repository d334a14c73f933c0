package dev.reverie.sim;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/**
 * A scene of LIBERO or robosuite as {@code ./reverie setup --libero} exported it: a Panda of seven
 * joints and two fingers, in ticks of 50 ms. An episode begins in one of the official states, whose
 * object to move is put up to 2 cm aside in LIBERO's: without that all beginnings are alike within
 * 8 mm.
 */
final class LiberoScene implements TaskScene {
  private static final double ASIDE_M = 0.02;

  /** An object's own joint, and where the hand grips. */
  private static final String HAND = "gripper0_grip_site";

  private final SceneArm arm;
  private final ExportedScene told;
  private final SceneGoal goal;
  private final TipMotion hand;
  private final int moved;
  private final double periodS;

  private LiberoScene(SceneArm arm, ExportedScene told, double periodS) {
    this.arm = arm;
    this.periodS = periodS;
    this.told = told;
    goal = new SceneGoal(arm.simulation(), told.goal(), told.bodies(), told.contactGeoms());
    hand = new TipMotion(arm, HAND, told.armBegins());
    moved = arm.simulation().model().floatingBody(body(1));
    String _ = reset(0, "");
  }

  /**
   * Loads an exported scene.
   *
   * @param file MJCF, with its JSON beside it
   */
  static LiberoScene load(Path file, int stepsPerTick) {
    ExportedScene told = ExportedScene.of(file);
    SceneArm arm = SceneArm.load(file);
    try {
      return new LiberoScene(arm, told, stepsPerTick * arm.simulation().timestepS());
    } catch (RuntimeException e) {
      arm.close();
      throw e;
    }
  }

  /** The body of what the goal's first predicate is about. */
  private String body(int part) {
    String name = told.goal().getFirst().get(part);
    return told.bodies().getOrDefault(name, name);
  }

  ExportedScene told() {
    return told;
  }

  SceneArm arm() {
    return arm;
  }

  TipMotion hand() {
    return hand;
  }

  /** [3] where the object is that is to be moved, metres. */
  double[] object() {
    return position(body(1));
  }

  /** [3] where it is to be, metres. */
  double[] place() {
    String name = told.goal().getFirst().get(2);
    return told.bodies().containsKey(name)
        ? position(body(2))
        : arm.simulation().sitePositions().toArray(3 * arm.simulation().siteId(name), 3);
  }

  private double[] position(String body) {
    return arm.simulation().bodyPositions().toArray(3 * arm.simulation().model().bodyId(body), 3);
  }

  @Override
  public String reset(long seed, String instruction) {
    if (!instruction.isBlank() && !instruction.equals(told.instruction())) {
      throw new IllegalArgumentException(
          "instruction '%s'; what can be done here is '%s'"
              .formatted(instruction, told.instruction()));
    }
    var random = new SplittableRandom(seed);
    double[] state = told.states()[random.nextInt(told.states().length)];
    double[] qpos = Arrays.copyOf(state, told.nq());
    boolean narrow = !told.goal().getFirst().getFirst().equals("stack"); // robosuite draws widely
    if (moved >= 0 && narrow) {
      qpos[moved] += ASIDE_M * random.nextDouble(-1, 1);
      qpos[moved + 1] += ASIDE_M * random.nextDouble(-1, 1);
    }
    arm.place(qpos);
    return told.instruction();
  }

  /** Begins in an official state, as it is. */
  void official(int number) {
    arm.place(Arrays.copyOf(told.states()[number], told.nq()));
  }

  @Override
  public void tick(double[] command) {
    double _ = arm.move(command, periodS);
  }

  /** Tells whether the goal holds in a state. */
  boolean holds(double[] qpos) {
    arm.place(qpos);
    return goal.reached();
  }

  @Override
  public Optional<String> reached() {
    return goal.reached() ? Optional.of(told.instruction()) : Optional.empty();
  }

  @Override
  public Supplier<double[]> expert(long seed) {
    return new GraspExpert(this, new SplittableRandom(~seed))::command;
  }

  @Override
  public List<String> joints() {
    return arm.names();
  }

  @Override
  public String urdf() {
    return SceneUrdf.of("panda", simulation().model(), LiberoScene::most);
  }

  /** Franka's own figures for the Panda; the fingers' velocity is that of the hand's motor. */
  private static SceneUrdf.Most most(String joint) {
    if (!joint.startsWith("robot0_joint")) {
      return new SceneUrdf.Most(20, 0.2);
    }
    return joint.charAt(joint.length() - 1) < '5'
        ? new SceneUrdf.Most(87, 2.175)
        : new SceneUrdf.Most(12, 2.61);
  }

  @Override
  public List<View> views(int side, int samples) {
    return List.of(
        new View("agentview", new RasterCamera(simulation(), "agentview", side, side, samples)),
        new View(
            "wrist", new RasterCamera(simulation(), "robot0_eye_in_hand", side, side, samples)));
  }

  @Override
  public double[] jointPositions() {
    return arm.positions();
  }

  @Override
  public SensorReadings readings(List<byte[]> pictures) {
    return new SensorReadings(arm.positions(), arm.velocities(), arm.efforts(), pictures);
  }

  @Override
  public double[] withinLimits(double[] positions) {
    return arm.withinLimits(positions);
  }

  @Override
  public Simulation simulation() {
    return arm.simulation();
  }

  @Override
  public double periodS() {
    return periodS;
  }

  @Override
  public void close() {
    arm.close();
  }
}
