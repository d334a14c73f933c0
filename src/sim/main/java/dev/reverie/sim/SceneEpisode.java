package dev.reverie.sim;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Episodes of an arm in a scene of a file: touch the red cube, which is done when the tool touches
 * it in two ticks, one after the other. A scene without a cube has neither success nor failure.
 */
final class SceneEpisode implements ArmEpisode {
  /** What the arm is to do. */
  static final String INSTRUCTION = "touch the red cube";

  private static final double TIME_LIMIT_S = 4;
  private static final int TOUCHES = 2;

  private final SceneArm arm;
  private final List<RayCamera> cameras;
  private final double periodS;
  private double[] target;
  private boolean running;
  private boolean commanded;
  private int ticks;
  private int touches;
  private int limitTicks;
  private @Nullable SceneExpert expert;
  private double @Nullable [] demonstrated;
  private @Nullable SensorReadings readings;

  /**
   * Episodes in ticks of this period.
   *
   * @param cameras of the observations
   */
  SceneEpisode(SceneArm arm, List<RayCamera> cameras, double periodS) {
    this.arm = arm;
    this.cameras = List.copyOf(cameras);
    this.periodS = periodS;
    target = arm.positions();
  }

  @Override
  public String begin(long seed, String instruction, long limitNanos, boolean demonstrate) {
    String wanted = instruction.isBlank() ? INSTRUCTION : instruction;
    if (arm.hasTask() && !wanted.equals(INSTRUCTION)) {
      throw new IllegalArgumentException(
          "instruction '%s'; what can be done here is '%s'".formatted(instruction, INSTRUCTION));
    }
    if (demonstrate && !arm.hasTask()) {
      throw new IllegalArgumentException(
          "the scene has no body 'cube' or no site 'tip', and so no expert; reset without demonstrate");
    }
    arm.reset(seed);
    double limitS = limitNanos == 0 ? TIME_LIMIT_S : limitNanos / 1e9;
    limitTicks = (int) Math.max(1, Math.ceil(limitS / periodS - 1e-9));
    target = arm.positions();
    expert = demonstrate ? new SceneExpert(arm, seed) : null;
    running = arm.hasTask();
    commanded = false;
    ticks = 0;
    touches = 0;
    forget();
    return wanted;
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
      arm.simulation().look();
      readings =
          new SensorReadings(
              arm.positions(),
              arm.velocities(),
              arm.efforts(),
              cameras.stream().map(RayCamera::render).toList());
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
    target = positions.clone();
    commanded = true;
  }

  @Override
  public void hold() {
    commanded = true;
  }

  @Override
  public Optional<Ending> tick() {
    demonstration(); // an expert acts in every tick, be it followed or not
    arm.move(target, periodS);
    return judge();
  }

  /** Looks how things stand at the end of a tick in which others moved the arm. */
  Optional<Ending> judge() {
    forget();
    if (!running) {
      return Optional.empty();
    }
    ticks += commanded ? 1 : 0;
    touches = arm.touching() ? touches + 1 : 0;
    if (touches >= TOUCHES) {
      return end(true, "the tool touches the cube");
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
