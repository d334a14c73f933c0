package dev.reverie.sim;

import java.util.List;
import java.util.Optional;

/**
 * Episodes of an arm in a scene of a file: touch the red cube, which is done when the tool touches
 * it in two ticks, one after the other. A scene without a cube has neither success nor failure.
 */
final class SceneEpisode extends ArmEpisode {
  /** The instruction of the task. */
  static final String INSTRUCTION = "touch the red cube";

  private static final double TIME_LIMIT_S = 4;
  private static final int TOUCHES = 2;

  private final SceneArm arm;
  private final List<Lens> cameras;
  private final double periodS;
  private double[] target;
  private int touches;

  /**
   * Episodes in ticks of this period.
   *
   * @param cameras of the observations
   */
  SceneEpisode(SceneArm arm, List<Lens> cameras, double periodS) {
    this.arm = arm;
    this.cameras = List.copyOf(cameras);
    this.periodS = periodS;
    target = arm.positions();
  }

  @Override
  String begin(long seed, String instruction, long limitNanos, boolean demonstrate) {
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
    target = arm.positions();
    touches = 0;
    begun(
        arm.hasTask(),
        (int) Math.max(1, Math.ceil(limitS / periodS - 1e-9)),
        demonstrate ? Optional.of(new SceneExpert(arm, seed)::command) : Optional.empty());
    return wanted;
  }

  @Override
  SensorReadings look() {
    arm.simulation().look();
    return new SensorReadings(
        arm.positions(),
        arm.velocities(),
        arm.efforts(),
        cameras.stream().map(Lens::render).toList());
  }

  @Override
  void aim(double[] positions) {
    target = positions.clone();
  }

  @Override
  void move() {
    arm.move(target, periodS);
  }

  @Override
  Optional<String> reached() {
    touches = arm.touching() ? touches + 1 : 0;
    return touches >= TOUCHES ? Optional.of("the tool touches the cube") : Optional.empty();
  }
}
