package dev.reverie.round;

import dev.reverie.rcljava.Parameter;
import dev.reverie.report.ReverieProcess;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** The simulated arm and a robot node beside it, in lock-step, and the client of both. */
final class ArmCell implements AutoCloseable {
  /** DDS and JVM threads of two small nodes share the two cores with the trainer. */
  private static final Map<String, String> ENVIRONMENT = Map.of("OMP_NUM_THREADS", "1");

  private final ReverieProcess arm;
  private final ReverieProcess robot;
  private final EpisodeRunner runner;

  private ArmCell(ReverieProcess arm, ReverieProcess robot, EpisodeRunner runner) {
    this.arm = arm;
    this.robot = robot;
    this.runner = runner;
  }

  /**
   * Starts both and waits until they answer.
   *
   * @param bundle policy that the node starts with
   * @param out gets a folder of the bags being recorded and one of the logs
   */
  static ArmCell start(Path bundle, Path out) {
    Path logs = out.resolve("logs");
    ReverieProcess arm = node(logs.resolve("simulated_arm.log"), arm());
    ReverieProcess robot = node(logs.resolve("robot.log"), robot(bundle, out.resolve("recording")));
    try {
      var cell =
          new ArmCell(
              arm,
              robot,
              new EpisodeRunner("round", CompletableFuture.anyOf(arm.ended(), robot.ended())));
      cell.awaitNodes();
      return cell;
    } catch (RuntimeException e) {
      robot.terminate();
      arm.close();
      robot.close();
      throw e;
    }
  }

  private static ReverieProcess node(Path log, List<String> command) {
    return ReverieProcess.logged(log, ENVIRONMENT, command);
  }

  private static List<String> arm() {
    return List.of("simulated-arm", "--ros-args", "-p", "lock_step:=true");
  }

  private static List<String> robot(Path bundle, Path rollouts) {
    return List.of(
        "robot",
        "--ros-args",
        "-p",
        "lock_step:=true",
        "-p",
        "use_sim_time:=true",
        "-p",
        "bundle:=" + Parameter.quoted(bundle),
        "-p",
        "rollouts_dir:=" + Parameter.quoted(rollouts));
  }

  private void awaitNodes() {
    try {
      runner.awaitNodes(this::requireAlive);
    } catch (RuntimeException e) {
      runner.close();
      throw e;
    }
  }

  EpisodeResult run(EpisodeRequest request) {
    requireAlive();
    return answered(() -> runner.run(request));
  }

  /** Puts a new policy into the running node; returns its id. */
  String swap(Path bundle) {
    return answered(() -> runner.swap(bundle));
  }

  /** Waits for other work, until it is done or this process is asked to stop. */
  void await(String what, CompletableFuture<Void> work) {
    runner.await(what, work);
  }

  /** Adds what the nodes said last to why there was no answer. */
  private <T> T answered(Supplier<T> call) {
    try {
      return call.get();
    } catch (RoundException e) {
      requireAlive();
      throw new RoundException(e.getMessage() + "; " + robot.lastLines(), e);
    }
  }

  private void requireAlive() {
    runner.requireGoingOn();
    arm.requireAlive();
    robot.requireAlive();
  }

  @Override
  public void close() {
    runner.close();
    robot.terminate();
    arm.close();
    robot.close();
  }
}
