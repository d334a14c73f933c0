package dev.reverie.round;

import dev.reverie.rcljava.Parameter;
import dev.reverie.rcljava.RclException;
import dev.reverie.report.ReverieProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** The simulated arm and a robot node beside it, in lock-step, and the client of both. */
final class ArmCell implements AutoCloseable {
  /** DDS and JVM threads of two small nodes share the two cores with the trainer. */
  private static final Map<String, String> ENVIRONMENT = Map.of("OMP_NUM_THREADS", "1");

  /** The folder that the robot node records to. */
  static final String RECORDING = "recording";

  private final ReverieProcess arm;
  private final ReverieProcess robot;
  private final EpisodeRunner runner;

  private ArmCell(ReverieProcess arm, ReverieProcess robot, EpisodeRunner runner) {
    this.arm = arm;
    this.robot = robot;
    this.runner = runner;
  }

  /** Starts both; all actions of a chunk are carried out. */
  static ArmCell start(SimulatedScene scene, Optional<Path> bundle, Path out) {
    return start(scene, bundle, 0, out);
  }

  /**
   * Starts both and waits until they answer.
   *
   * @param bundle policy that the node starts with; empty: none, to record demonstrations
   * @param executed actions of a chunk that are carried out; 0: all
   * @param out gets a folder of the bags being recorded and one of the logs
   */
  static ArmCell start(SimulatedScene scene, Optional<Path> bundle, int executed, Path out) {
    Path logs = out.resolve("logs");
    ReverieProcess simulated = node(logs.resolve("simulated_arm.log"), simulatedArm(scene));
    List<String> beside = robot(scene.arm(), bundle, executed, out.resolve(RECORDING));
    ReverieProcess robot = node(logs.resolve("robot.log"), beside);
    try {
      var ended = CompletableFuture.anyOf(simulated.ended(), robot.ended());
      var cell = new ArmCell(simulated, robot, new EpisodeRunner("round", ended));
      cell.awaitNodes();
      return cell;
    } catch (RuntimeException e) {
      robot.terminate();
      simulated.close();
      robot.close();
      throw e;
    }
  }

  private static ReverieProcess node(Path log, List<String> command) {
    return ReverieProcess.logged(log, ENVIRONMENT, command);
  }

  private static List<String> simulatedArm(SimulatedScene scene) {
    List<String> command = lockStep("simulated-arm");
    command.addAll(scene.arguments());
    return command;
  }

  private static List<String> robot(
      Optional<Path> arm, Optional<Path> bundle, int executed, Path rollouts) {
    List<String> command = lockStep("robot");
    command.addAll(List.of("-p", "use_sim_time:=true", "-p", "executed:=" + executed));
    arm.ifPresent(file -> command.addAll(parameter("arm", file)));
    bundle.ifPresent(folder -> command.addAll(parameter("bundle", folder)));
    command.addAll(parameter("rollouts_dir", rollouts));
    return command;
  }

  private static List<String> lockStep(String node) {
    return new ArrayList<>(List.of(node, "--ros-args", "-p", "lock_step:=true"));
  }

  private static List<String> parameter(String name, Path value) {
    return List.of("-p", name + ":=" + Parameter.quoted(value));
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
    } catch (RclException e) {
      requireAlive(); // a call that the stop of this process came before
      throw e;
    }
  }

  /** Throws when a node has ended, or this process was asked to stop. */
  void requireAlive() {
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
