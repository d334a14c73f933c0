package dev.reverie.robot.motion;

import dev.reverie.arm.ArmFile;
import dev.reverie.arm.ArmFile.Controller;
import dev.reverie.arm.ArmFile.Controller.Kind;
import dev.reverie.arm.Reference;
import dev.reverie.msgs.trajectory_msgs.JointTrajectory;
import dev.reverie.msgs.trajectory_msgs.JointTrajectoryPoint;
import dev.reverie.rcljava.Node;
import dev.reverie.robot.record.Output;
import dev.reverie.robot.setup.RobotParameters;
import dev.reverie.rollout.RolloutTopic;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** Chooses what brings the commands to the arm's controller. */
public final class Drives {
  private Drives() {}

  /** Returns the topic of the trajectories, in the graph or only in the bag. */
  public static String trajectories(RobotParameters parameters) {
    return parameters.output() == Kind.FOLLOW_JOINT_TRAJECTORY
        ? RolloutTopic.JOINT_TRAJECTORY.name()
        : parameters.trajectoryTopic();
  }

  /**
   * Creates what the parameters ask for.
   *
   * @param stood takes the length of a silence, ns, in which an arm that was to move was sent
   *     nothing
   */
  public static Drive of(
      Node node,
      RobotParameters parameters,
      Output<JointTrajectory> trajectories,
      LongConsumer stood) {
    List<String> inMessages = inMessages(parameters);
    Optional<Controller> gripper = gripper(parameters);
    int apart = apart(parameters);
    int[] others = others(parameters);
    Drive arm =
        switch (parameters.output()) {
          case TRAJECTORY ->
              new Trajectories(inMessages, all -> trajectories.send(some(others, all)));
          case STREAM ->
              new PositionStream(
                  node,
                  parameters.commandTopic().orElseThrow(),
                  others,
                  parameters.motion().streamRateHz(),
                  stood);
          case FOLLOW_JOINT_TRAJECTORY ->
              new TrajectoryGoals(
                  node,
                  Controller.action(parameters.trajectoryTopic()),
                  inMessages,
                  all -> some(others, all),
                  parameters.periodNanos(),
                  trajectories::record);
        };
    return gripper
        .<Drive>map(
            with ->
                new Gripper(
                    node,
                    with.gripper(),
                    apart,
                    with.gripperEffort(),
                    parameters.periodNanos(),
                    arm))
        .orElse(arm);
  }

  /** The controller that has an action for the gripper; empty where the arm's moves all joints. */
  private static Optional<Controller> gripper(RobotParameters parameters) {
    return parameters
        .arm()
        .map(ArmFile::controller)
        .filter(controller -> !controller.gripper().isEmpty())
        .filter(_ -> !parameters.lockStep());
  }

  /** Index of the gripper's joint; -1 where it is a joint as the others. */
  private static int apart(RobotParameters parameters) {
    List<String> joints = parameters.task().jointNames();
    return gripper(parameters).map(with -> joints.indexOf(with.gripperJoint())).orElse(-1);
  }

  private static int[] others(RobotParameters parameters) {
    int apart = apart(parameters);
    return IntStream.range(0, parameters.task().jointNames().size())
        .filter(j -> j != apart)
        .toArray();
  }

  /**
   * Starts what brakes the arm if this process dies; empty where the arm does not take trajectories
   * on a topic, or where it cannot be started.
   *
   * @param moved what moves the arm just now
   * @param drive what brings it to the controller
   * @param heard counts the subscriptions that this process reaches
   * @param braked takes how long ago it braked the arm, ns
   * @param lost takes why there is nothing that brakes, on any thread
   */
  public static Optional<Lifeline> lifeline(
      Node node,
      RobotParameters parameters,
      Supplier<Optional<Reference>> moved,
      Drive drive,
      IntSupplier heard,
      LongConsumer braked,
      Consumer<String> lost) {
    if (parameters.lockStep() || parameters.output() != Kind.TRAJECTORY) {
      return Optional.empty();
    }
    List<String> joints = inMessages(parameters);
    int[] others = others(parameters);
    try {
      return Optional.of(
          new Lifeline(
              node.namespace(),
              "_" + node.name() + "_brake",
              node.resolveTopic(parameters.trajectoryTopic()),
              IntStream.of(others).mapToObj(joints::get).toList(),
              others,
              moved,
              drive,
              heard,
              braked,
              lost));
    } catch (IOException e) {
      lost.accept("nothing brakes the arm if this process dies: " + e);
      return Optional.empty();
    }
  }

  /** The names of the joints as the controller knows them. */
  private static List<String> inMessages(RobotParameters parameters) {
    return parameters.joints().names().inMessages(parameters.task().jointNames());
  }

  /** Returns a trajectory of some of its joints. */
  private static JointTrajectory some(int[] joints, JointTrajectory all) {
    if (joints.length == all.jointNames().size()) {
      return all;
    }
    return new JointTrajectory(
        all.header(),
        IntStream.of(joints).mapToObj(all.jointNames()::get).toList(),
        all.points().stream().map(point -> some(joints, point)).toList());
  }

  private static JointTrajectoryPoint some(int[] joints, JointTrajectoryPoint point) {
    return point
        .withPositions(some(joints, point.positions()))
        .withVelocities(some(joints, point.velocities()))
        .withAccelerations(
            point.accelerations().length == 0
                ? point.accelerations()
                : some(joints, point.accelerations()));
  }

  /** Returns the values of some joints. */
  static double[] some(int[] joints, double[] all) {
    return IntStream.of(joints).mapToDouble(j -> all[j]).toArray();
  }
}
