package dev.reverie.sim;

import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.reverie.ResetArm;
import dev.reverie.msgs.trajectory_msgs.JointTrajectory;
import dev.reverie.rcljava.Context;
import dev.reverie.rcljava.Executor;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.NodeOptions;
import dev.reverie.rcljava.ParameterDeclaration;
import dev.reverie.rcljava.Qos;
import dev.reverie.rcljava.Timer;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** The node simulated_arm: the topics of a real arm with a camera, and a service that resets it. */
final class SimulatedArm implements AutoCloseable {
  private final Node node;
  private final PegScene scene;
  private final PegEpisode episode;
  private final Pace pace;
  private final Timer watch;
  private final long periodNanos;

  SimulatedArm(Context context, Executor executor) {
    // An arm makes its own time; a use_sim_time meant for the other nodes would stop it.
    node = context.createNode("simulated_arm", new NodeOptions("", Map.of("use_sim_time", false)));
    boolean lockStep = node.declareParameter(ParameterDeclaration.of("lock_step", false));
    int stepsPerTick =
        stepsPerTick(node.declareParameter(ParameterDeclaration.of("control_rate_hz", 10.0)));
    double timeoutS = node.declareParameter(ParameterDeclaration.of("command_timeout_s", 5.0));
    long size = node.declareParameter(ParameterDeclaration.of("image_size", 48L));
    long samples = node.declareParameter(ParameterDeclaration.of("image_samples", 2L));
    if (!(timeoutS > 0 && timeoutS < 1e6)) {
      throw new IllegalArgumentException(
          "command_timeout_s is " + timeoutS + "; give a time above 0");
    }
    scene = new PegScene(stepsPerTick);
    try {
      periodNanos = Math.round(stepsPerTick * scene.simulation().timestepS() * 1e9);
      var camera =
          new RayCamera(
              scene.simulation(),
              PegScene.CAMERA,
              (int) Math.min(size, Integer.MAX_VALUE),
              (int) Math.min(samples, Integer.MAX_VALUE));
      episode = new PegEpisode(scene, camera);
      var topics = new ArmTopics(node, camera, periodNanos, lockStep);
      var commands =
          node.createSubscription(
              JointTrajectory.TYPE, "joint_trajectory", Qos.reliable(10), this::command);
      pace =
          lockStep
              ? new LockStep(
                  node,
                  episode,
                  topics,
                  periodNanos,
                  (long) (timeoutS * 1e9),
                  commands::publisherCount)
              : new RealTime(node, episode, topics, periodNanos);
    } catch (RuntimeException e) {
      scene.close();
      throw e;
    }
    watch = node.createTimer(Duration.ofNanos(pace.watchPeriodNanos()), pace::watch);
    node.createService(ResetArm.TYPE, "~/reset", this::reset);
    executor.add(node);
    node.logger()
        .log(
            Level.INFO,
            lockStep
                ? "in lock-step: call ~/reset, then answer each observation with one command"
                : "in real time: call ~/reset to begin an episode");
  }

  private static int stepsPerTick(double rateHz) {
    double steps = 1 / (rateHz * PegScene.TIMESTEP_S);
    if (!(rateHz > 0) || steps < 1 || Math.abs(steps - Math.rint(steps)) > 1e-6) {
      throw new IllegalArgumentException(
          "control_rate_hz is %s; a period must be a whole number of %s s, as with 10, 25 or 50"
              .formatted(rateHz, PegScene.TIMESTEP_S));
    }
    return (int) Math.rint(steps);
  }

  private void command(JointTrajectory message) {
    pace.command(message);
  }

  private ResetArm.Response reset(ResetArm.Request request) {
    Optional<Colour> wanted;
    long limitNanos = Stamps.nanos(request.timeLimit());
    try {
      wanted = Colour.named(request.instruction());
      if (limitNanos < 0) {
        throw new IllegalArgumentException(
            "time_limit is %.3f s; give 0 for the usual one".formatted(limitNanos / 1e9));
      }
    } catch (IllegalArgumentException e) {
      node.logger().log(Level.ERROR, "reset refused: " + e.getMessage());
      return new ResetArm.Response().withMessage(String.valueOf(e.getMessage()));
    }
    long limit = limitNanos == 0 ? PegScene.TIME_LIMIT_NANOS : limitNanos;
    int limitTicks = Math.clamp(Math.ceilDiv(limit, periodNanos), 1, Integer.MAX_VALUE);
    String instruction = episode.begin(request.seed(), wanted, limitTicks, request.demonstrate());
    watch.reset();
    return new ResetArm.Response()
        .withSuccess(true)
        .withInstruction(wanted.isPresent() ? request.instruction() : instruction)
        .withStamp(Stamps.time(pace.begin()));
  }

  @Override
  public void close() {
    node.close();
    scene.close();
  }
}
