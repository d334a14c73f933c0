package dev.reverie.sim;

import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.control_msgs.FollowJointTrajectory;
import dev.reverie.msgs.control_msgs.GripperCommandAction;
import dev.reverie.msgs.std_msgs.Float64MultiArray;
import dev.reverie.msgs.std_msgs.Header;
import dev.reverie.msgs.std_srvs.Trigger;
import dev.reverie.msgs.trajectory_msgs.JointTrajectory;
import dev.reverie.msgs.trajectory_msgs.JointTrajectoryPoint;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.Parameter;
import dev.reverie.rcljava.ParameterDeclaration;
import dev.reverie.rcljava.Qos;
import dev.reverie.rcljava.action.GoalStatus;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/**
 * An arm as its drivers show it, in real time: controllers as ros2_control's, joint states and
 * pictures at rates of their own, with noise, latency, losses and faults. It measures what it was
 * asked to do.
 */
final class MockDrivers implements Pace {
  /** Topic of trajectories, of ros2_control's usual name. */
  static final String TRAJECTORIES = "joint_trajectory_controller/joint_trajectory";

  /** Topic of positions. */
  static final String POSITIONS = "forward_command_controller/commands";

  /** Action beside the topic of trajectories. */
  static final String FOLLOW = "joint_trajectory_controller/follow_joint_trajectory";

  /** Action of a gripper that has a controller of its own. */
  static final String GRIP = "gripper_controller/gripper_cmd";

  /** Speed at which a gripper follows its action, rad/s or m/s. */
  private static final double GRIP_SPEED = 2;

  /** Time in which a gripper gets to where it is asked to be, or stalls. */
  private static final long GRIP_SETTLES_NANOS = 300_000_000L;

  /** Distance from there at which it stalls, rad or m. */
  private static final double GRIP_STALLED = 0.03;

  /** Beyond which a pause of this process is skipped, not caught up with. */
  private static final long MOST_LATE_NANOS = 250_000_000L;

  private final Node node;
  private final SceneArm arm;
  private final SceneEpisode episode;
  private final ArmTopics topics;
  private final MockSensors sensors;
  private final SceneSettings settings;
  private final List<String> armJoints; // all, or all but the gripper's
  private final int gripper; // index of its joint; -1: none
  private final JointController armController;
  private final Optional<JointController> gripperController;
  private final List<ControllerAction<?, ?, ?>> actions = new ArrayList<>();
  private final SplittableRandom losses;
  private final long periodNanos;
  private final int instantsPerTick;
  private final double[] stalled; // where a motor stands, NaN where it turns
  private volatile Faults faults;
  private MotionMeasure measure;
  private long instantNanos; // of the newest instant of the controllers
  private int instants;

  /**
   * Starts the drivers.
   *
   * @param tickNanos at which an episode is judged and its expert acts
   */
  MockDrivers(
      Node node,
      SceneArm arm,
      SceneEpisode episode,
      ArmTopics topics,
      MockSensors sensors,
      SceneSettings settings,
      long tickNanos) {
    this.node = node;
    this.arm = arm;
    this.episode = episode;
    this.topics = topics;
    this.sensors = sensors;
    this.settings = settings;
    losses = new SplittableRandom(~settings.seed());
    periodNanos = Math.round(1e9 / settings.jointRateHz());
    instantsPerTick = (int) Math.max(1, Math.round((double) tickNanos / periodNanos));
    gripper = settings.gripperController() ? arm.names().indexOf(settings.gripper(arm)) : -1;
    armJoints =
        arm.names().stream()
            .filter(joint -> gripper < 0 || !joint.equals(settings.gripperJoint()))
            .toList();
    stalled = new double[arm.names().size()];
    Arrays.fill(stalled, Double.NaN);
    List<String> names = new ArrayList<>(arm.names());
    names.addAll(sensors.cameras());
    faults =
        Faults.of(
            node.declareParameter(
                ParameterDeclaration.of("faults", List.of(""))
                    .describedAs("what is broken now, as camera_stop:front")),
            names);
    var _ = node.parameters().validate(changed -> fault(changed, names));
    var _ = node.parameters().onChange(changed -> changed(changed, names));
    measure = newMeasure();
    node.createService(Trigger.TYPE, "~/measure", this::measured);
    instantNanos = node.clock().nowNanos();
    armController = controller(armJoints, "");
    gripperController =
        settings.gripperController()
            ? Optional.of(controller(List.of(settings.gripperJoint()), "gripper_controller"))
            : Optional.empty();
  }

  private JointController controller(List<String> joints, String name) {
    double[] at = values(joints, arm.positions());
    if (!settings.forward()) {
      var trajectories = new TrajectoryController(joints, at, settings.endsMoving());
      node.createSubscription(
          JointTrajectory.TYPE,
          name.isEmpty() ? TRAJECTORIES : name + "/joint_trajectory",
          Qos.reliable(10),
          message -> {
            var _ = taken(trajectories, message);
          });
      if (name.isEmpty()) {
        follow(trajectories, joints);
      } else {
        grip(trajectories, joints);
      }
      return trajectories;
    }
    var forward = new ForwardController(at);
    node.createSubscription(
        Float64MultiArray.TYPE,
        name.isEmpty() ? POSITIONS : name + "/commands",
        Qos.reliable(10),
        message -> {
          var _ = offered(() -> forward.offer(message.data()));
        });
    return forward;
  }

  private Optional<String> taken(TrajectoryController controller, JointTrajectory message) {
    return offered(() -> controller.offer(message, node.clock().nowNanos()));
  }

  /** Serves trajectories of an action. */
  private void follow(TrajectoryController controller, List<String> joints) {
    actions.add(
        new ControllerAction<>(
            node,
            FollowJointTrajectory.TYPE,
            FOLLOW,
            FollowJointTrajectory.Goal::trajectory,
            message -> taken(controller, message),
            () -> controller.hold(values(joints, arm.reference())),
            how ->
                how == GoalStatus.ABORTED
                    ? new FollowJointTrajectory.Result(
                        FollowJointTrajectory.Result.INVALID_GOAL, "another goal came")
                    : new FollowJointTrajectory.Result(FollowJointTrajectory.Result.SUCCESSFUL, ""),
            0));
  }

  /** Serves the gripper's action. */
  private void grip(TrajectoryController controller, List<String> joints) {
    actions.add(
        new ControllerAction<>(
            node,
            GripperCommandAction.TYPE,
            GRIP,
            goal -> {
              double to = goal.command().position();
              double timeS = Math.abs(to - arm.reference()[gripper]) / GRIP_SPEED;
              var point =
                  new JointTrajectoryPoint()
                      .withPositions(new double[] {to})
                      .withVelocities(new double[1])
                      .withTimeFromStart(Stamps.duration(periodNanos + (long) (timeS * 1e9)));
              return new JointTrajectory(new Header(), joints, List.of(point));
            },
            message -> taken(controller, message),
            () -> controller.hold(values(joints, arm.reference())),
            how -> {
              double at = arm.positions()[gripper];
              boolean stalled = Math.abs(arm.reference()[gripper] - at) > GRIP_STALLED;
              return new GripperCommandAction.Result(at, 0, stalled, !stalled);
            },
            GRIP_SETTLES_NANOS));
  }

  /** Hands a command to its controller; returns why it is dropped, if that is told. */
  private Optional<String> offered(Supplier<Optional<String>> offer) {
    if (faults.has("commands_drop") || losses.nextDouble() < settings.commandDrops()) {
      return Optional.empty();
    }
    Optional<String> dropped =
        faults.has("controller_inactive") ? Optional.of("inactive") : offer.get();
    measure.command(dropped);
    if (dropped.isEmpty()) {
      episode.hold();
    } else {
      node.logger().log(Level.WARNING, "command dropped: " + dropped.get());
    }
    return dropped;
  }

  private Optional<String> fault(List<Parameter> changed, List<String> names) {
    try {
      for (Parameter parameter : changed) {
        if (parameter.name().equals("faults")) {
          Faults.of(parameter.asStrings(), names);
        }
      }
      return Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private void changed(List<Parameter> changed, List<String> names) {
    for (Parameter parameter : changed) {
      if (parameter.name().equals("faults")) {
        faults = Faults.of(parameter.asStrings(), names);
      }
    }
  }

  private Trigger.Response measured(Trigger.Request request) {
    String json = measure.json();
    measure = newMeasure();
    return new Trigger.Response(true, json);
  }

  private MotionMeasure newMeasure() {
    return new MotionMeasure(arm.joints(), periodNanos / 1e9, settings.velocityLimit());
  }

  @Override
  public long begin() {
    armController.hold(values(armJoints, arm.reference()));
    gripperController.ifPresent(c -> c.hold(new double[] {arm.reference()[gripper]}));
    measure.late(0);
    instantNanos = node.clock().nowNanos();
    publish();
    return instantNanos;
  }

  /** Commands come to the controllers. */
  @Override
  public void command(JointTrajectory message) {
    throw new IllegalStateException("the controllers take the commands");
  }

  @Override
  public long watchPeriodNanos() {
    return periodNanos;
  }

  @Override
  public void watch() {
    long now = node.clock().nowNanos();
    long behind = now - instantNanos;
    if (behind > MOST_LATE_NANOS || behind < -MOST_LATE_NANOS) { // slept, or the clock was set
      measure.late((int) (Math.abs(behind) / periodNanos));
      instantNanos = now - periodNanos;
    }
    while (instantNanos + periodNanos <= now) {
      instantNanos += periodNanos;
      instant();
    }
    actions.forEach(action -> action.watch(now));
    publish();
  }

  private void instant() {
    double[] asked = arm.reference();
    if (!faults.has("controller_inactive")) {
      sample(armController, armJoints, asked);
      gripperController.ifPresent(c -> sample(c, List.of(settings.gripperJoint()), asked));
    }
    measure.instant(asked);
    List<String> names = arm.names();
    double[] positions = arm.positions();
    for (int i = 0; i < asked.length; i++) {
      if (!faults.has("motor_stall", names.get(i))) {
        stalled[i] = Double.NaN;
      } else {
        stalled[i] = Double.isNaN(stalled[i]) ? positions[i] : stalled[i];
        asked[i] = stalled[i];
      }
    }
    arm.move(asked, periodNanos / 1e9);
    if (++instants % instantsPerTick == 0) {
      episode.judge().ifPresent(how -> topics.outcome(instantNanos, how));
      topics.demonstration(instantNanos, episode.demonstration());
    }
  }

  private void sample(JointController controller, List<String> joints, double[] into) {
    double[] positions = new double[joints.size()];
    controller.sample(instantNanos, positions, new double[joints.size()]);
    for (int i = 0; i < positions.length; i++) {
      into[arm.names().indexOf(joints.get(i))] = positions[i];
    }
  }

  private void publish() {
    sensors.publish(instantNanos, faults);
  }

  private double[] values(List<String> joints, double[] all) {
    return joints.stream().mapToDouble(joint -> all[arm.names().indexOf(joint)]).toArray();
  }

  @Override
  public void close() {
    sensors.close();
    System.out.println(measure.json());
  }
}
