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
import dev.reverie.rcljava.Subscription;
import dev.reverie.rcljava.Timer;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * The node simulated_arm: the topics of a real arm with cameras, and a service that resets it. The
 * arm is the planar one with its peg at one of its tasks, or one in a scene of a file.
 */
final class SimulatedArm implements AutoCloseable {
  /** The parts that act behind the topics. */
  private record Parts(Simulation simulation, ArmEpisode episode, Pace pace) {}

  private static final double SCENE_RATE_HZ = 10;

  private final Node node;
  private final Parts parts;
  private final Timer watch;

  SimulatedArm(Context context, Executor executor) {
    // An arm makes its own time; a use_sim_time meant for the other nodes would stop it.
    node = context.createNode("simulated_arm", new NodeOptions("", Map.of("use_sim_time", false)));
    boolean lockStep = node.declareParameter(ParameterDeclaration.of("lock_step", false));
    double timeoutS = node.declareParameter(ParameterDeclaration.of("command_timeout_s", 5.0));
    String scene = node.declareParameter(ParameterDeclaration.of("scene", ""));
    String task = node.declareParameter(ParameterDeclaration.of("task", ""));
    Task what = Task.named(task);
    double usualHz = scene.isEmpty() ? what.ticks().rateHz() : SCENE_RATE_HZ;
    double rateHz = node.declareParameter(ParameterDeclaration.of("control_rate_hz", usualHz));
    Shift shift = Shift.named(node.declareParameter(ParameterDeclaration.of("shift", "")));
    if (!scene.isEmpty() && !(task.isEmpty() && shift == Shift.NONE)) {
      throw new IllegalArgumentException(
          "scene is '%s' and task '%s', shift '%s'; a scene of a file has a task of its own: leave these out"
              .formatted(scene, task, shift.word()));
    }
    if (!(timeoutS > 0 && timeoutS < 1e6)) {
      throw new IllegalArgumentException(
          "command_timeout_s is " + timeoutS + "; give a time above 0");
    }
    long timeoutNanos = (long) (timeoutS * 1e9);
    parts =
        scene.isEmpty()
            ? atTask(what, shift, lockStep, rateHz, timeoutNanos)
            : inScene(context, Path.of(scene), lockStep, rateHz, timeoutNanos);
    Pace pace = parts.pace();
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

  private Parts atTask(Task task, Shift shift, boolean lockStep, double rateHz, long timeoutNanos) {
    int stepsPerTick = steps("control_rate_hz", rateHz, task.ticks().timestepS());
    long size =
        node.declareParameter(ParameterDeclaration.of("image_size", (long) task.pictureSide()));
    long samples = node.declareParameter(ParameterDeclaration.of("image_samples", 2L));
    TaskScene scene = task.opener().open(shift, stepsPerTick);
    try {
      List<TaskScene.View> views = scene.views(limited(size), limited(samples));
      var episode =
          new TaskEpisode(
              scene, views.stream().map(TaskScene.View::lens).toList(), task.limitNanos());
      long periodNanos = Math.round(scene.periodS() * 1e9);
      var topics =
          new ArmTopics(
              node,
              scene.joints(),
              scene.urdf(),
              views.stream()
                  .map(view -> new ArmTopics.Camera(view.name(), view.lens(), Encoding.RGB8))
                  .toList(),
              periodNanos,
              lockStep);
      Subscription<JointTrajectory> commands = commands("joint_trajectory");
      Pace pace =
          lockStep
              ? lockStep(episode, topics, periodNanos, timeoutNanos, commands)
              : new RealTime(node, episode, topics, periodNanos);
      return new Parts(scene.simulation(), episode, pace);
    } catch (RuntimeException e) {
      scene.close();
      throw e;
    }
  }

  private static int limited(long size) {
    return (int) Math.min(size, Integer.MAX_VALUE);
  }

  private Parts inScene(
      Context context, Path file, boolean lockStep, double rateHz, long timeoutNanos) {
    SceneSettings settings = SceneSettings.of(node);
    String urdf = SceneFiles.urdf(node, file);
    SceneArm arm = SceneArm.load(file);
    try {
      double timestepS = arm.simulation().timestepS();
      long periodNanos = Math.round(steps("control_rate_hz", rateHz, timestepS) * timestepS * 1e9);
      List<Lens> lenses = settings.lenses(arm.simulation());
      var topics =
          new ArmTopics(
              node,
              arm.names(),
              urdf,
              lenses.stream()
                  .map(lens -> new ArmTopics.Camera(lens.name(), lens, settings.encoding()))
                  .toList(),
              periodNanos,
              lockStep);
      if (settings.gripperPublisher()) {
        topics.splitGripper(context.createNode("simulated_gripper"), settings.gripper(arm));
      }
      var episode = new SceneEpisode(arm, lenses, periodNanos / 1e9);
      Pace pace;
      if (lockStep) {
        Subscription<JointTrajectory> commands = commands(MockDrivers.TRAJECTORIES);
        pace = lockStep(episode, topics, periodNanos, timeoutNanos, commands);
      } else {
        int _ = steps("joint_rate_hz", settings.jointRateHz(), timestepS);
        var sensors = new MockSensors(arm, topics, file, settings);
        pace = new MockDrivers(node, arm, episode, topics, sensors, settings, periodNanos);
      }
      return new Parts(arm.simulation(), episode, pace);
    } catch (RuntimeException e) {
      arm.close();
      throw e;
    }
  }

  private Subscription<JointTrajectory> commands(String topic) {
    return node.createSubscription(JointTrajectory.TYPE, topic, Qos.reliable(10), this::command);
  }

  private LockStep lockStep(
      ArmEpisode episode,
      ArmTopics topics,
      long periodNanos,
      long timeoutNanos,
      Subscription<JointTrajectory> commands) {
    return new LockStep(node, episode, topics, periodNanos, timeoutNanos, commands::publisherCount);
  }

  /** Steps of physics in a period. */
  private static int steps(String parameter, double rateHz, double timestepS) {
    double steps = 1 / (rateHz * timestepS);
    if (!(rateHz > 0) || steps < 1 || Math.abs(steps - Math.rint(steps)) > 1e-6) {
      throw new IllegalArgumentException(
          "%s is %s; a period must be a whole number of %s s, as with 10, 25 or 50"
              .formatted(parameter, rateHz, timestepS));
    }
    return (int) Math.rint(steps);
  }

  private void command(JointTrajectory message) {
    parts.pace().command(message);
  }

  private ResetArm.Response reset(ResetArm.Request request) {
    long limitNanos = Stamps.nanos(request.timeLimit());
    try {
      if (limitNanos < 0) {
        throw new IllegalArgumentException(
            "time_limit is %.3f s; give 0 for the usual one".formatted(limitNanos / 1e9));
      }
      String instruction =
          parts
              .episode()
              .begin(request.seed(), request.instruction(), limitNanos, request.demonstrate());
      watch.reset();
      return new ResetArm.Response()
          .withSuccess(true)
          .withInstruction(instruction)
          .withStamp(Stamps.time(parts.pace().begin()));
    } catch (IllegalArgumentException e) {
      node.logger().log(Level.ERROR, "reset refused: " + e.getMessage());
      return new ResetArm.Response().withMessage(String.valueOf(e.getMessage()));
    }
  }

  @Override
  public void close() {
    parts.pace().close();
    node.close();
    parts.simulation().close();
  }
}
