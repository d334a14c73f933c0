package dev.reverie.round;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The simulated arm and a robot node beside it, in lock-step, and the client that runs episodes.
 */
final class ArmCell implements AutoCloseable {

  /** DDS and JVM threads of two small nodes share the two cores with the trainer. */
  private static final Map<String, String> ENVIRONMENT = Map.of("OMP_NUM_THREADS", "1");

  private final NodeProcess arm;
  private final NodeProcess robot;
  private final EpisodeRunner runner;

  /**
   * @param bundle policy that the node starts with
   * @param rollouts folder that the node records into
   * @param logs folder of the two log files
   */
  private ArmCell(Path bundle, Path rollouts, Path logs) {
    arm =
        NodeProcess.start(
            logs.resolve("simulated_arm.log"),
            ENVIRONMENT,
            List.of("simulated-arm", "--ros-args", "-p", "lock_step:=true"));
    robot =
        NodeProcess.start(
            logs.resolve("robot.log"),
            ENVIRONMENT,
            List.of(
                "robot",
                "--ros-args",
                "-p",
                "lock_step:=true",
                "-p",
                "use_sim_time:=true",
                "-p",
                "bundle:=" + bundle.toAbsolutePath(),
                "-p",
                "rollouts_dir:=" + rollouts.toAbsolutePath()));
    try {
      runner = new EpisodeRunner("round");
    } catch (RuntimeException e) {
      robot.close();
      arm.close();
      throw e;
    }
  }

  /** Starts both and waits until they answer; bags and logs go to folders of {@code out}. */
  static ArmCell start(Path bundle, Path out) {
    var cell = new ArmCell(bundle, out.resolve("recording"), out.resolve("logs"));
    try {
      cell.runner.awaitNodes(cell::requireAlive);
      return cell;
    } catch (RuntimeException e) {
      cell.close();
      throw e;
    }
  }

  EpisodeResult run(EpisodeRequest request) {
    requireAlive();
    return runner.run(request);
  }

  String swap(Path bundle) {
    return runner.swap(bundle);
  }

  private void requireAlive() {
    arm.requireAlive();
    robot.requireAlive();
  }

  @Override
  public void close() {
    runner.close();
    robot.close();
    arm.close();
  }
}
