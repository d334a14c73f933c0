package dev.reverie.robot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.arm.ArmException;
import dev.reverie.arm.PlanarArm;
import dev.reverie.msgs.control_msgs.FollowJointTrajectory;
import dev.reverie.msgs.control_msgs.GripperCommand;
import dev.reverie.msgs.control_msgs.GripperCommandAction;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.msgs.reverie.Hold;
import dev.reverie.msgs.reverie.Outcome;
import dev.reverie.msgs.reverie.Status;
import dev.reverie.msgs.trajectory_msgs.JointTrajectory;
import dev.reverie.rcljava.action.ActionHandler;
import dev.reverie.rcljava.action.ActionServer;
import dev.reverie.rcljava.action.GoalHandle;
import dev.reverie.rcljava.action.GoalResponse;
import dev.reverie.rollout.BagMessages;
import dev.reverie.testing.Prepared;
import dev.reverie.testing.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The node beside drivers that have actions and no topics. */
@Prepared
class ActionDriversTest {
  private static final String ACTION = "arm_controller/follow_joint_trajectory";
  private static final String ARM =
      """
      name: planar
      joints: [shoulder, elbow, wrist]
      cameras:
        camera: {width: 16, height: 16}
      action:
        space: {kind: joint_deltas, joints: [shoulder, elbow, wrist], scale_rad: [0.1, 0.1, 0.1]}
      controller:
        kind: follow_joint_trajectory
        topic: arm_controller/joint_trajectory
        gripper: gripper_controller/gripper_cmd
        gripper_joint: wrist
        gripper_effort: 5
      """;

  @TempDir Path folder;

  /** A driver that goes where the newest goal says, aborts the one before, and ends none. */
  private static final class Driver
      implements ActionHandler<
              FollowJointTrajectory.Goal,
              FollowJointTrajectory.Result,
              FollowJointTrajectory.Feedback>,
          AutoCloseable {
    final BlockingQueue<JointTrajectory> goals = new LinkedBlockingQueue<>();
    final AtomicInteger cancelled = new AtomicInteger();
    volatile boolean rejects;
    volatile String aborts = "";
    private final TestArm arm;
    private final ActionServer<?, ?, ?> server;
    private @Nullable
        GoalHandle<
            FollowJointTrajectory.Goal,
            FollowJointTrajectory.Result,
            FollowJointTrajectory.Feedback>
        newest;

    Driver(TestArm arm) {
      this.arm = arm;
      server = new ActionServer<>(arm.node, FollowJointTrajectory.TYPE, ACTION, this);
    }

    @Override
    public GoalResponse accept(FollowJointTrajectory.Goal goal) {
      return rejects ? GoalResponse.REJECT : GoalResponse.EXECUTE;
    }

    @Override
    public void execute(
        GoalHandle<
                FollowJointTrajectory.Goal,
                FollowJointTrajectory.Result,
                FollowJointTrajectory.Feedback>
            goal) {
      if (newest != null) {
        newest.abort(
            new FollowJointTrajectory.Result(
                FollowJointTrajectory.Result.INVALID_GOAL, "another goal came"));
      }
      newest = aborts.isEmpty() ? goal : null;
      if (!aborts.isEmpty()) {
        goal.abort(
            new FollowJointTrajectory.Result(
                FollowJointTrajectory.Result.PATH_TOLERANCE_VIOLATED, aborts));
      } else if (goal.goal().trajectory().jointNames().equals(PlanarArm.JOINTS)) {
        arm.trajectories.add(goal.goal().trajectory());
      }
      goals.add(goal.goal().trajectory());
    }

    @Override
    public boolean cancel(
        GoalHandle<
                FollowJointTrajectory.Goal,
                FollowJointTrajectory.Result,
                FollowJointTrajectory.Feedback>
            goal) {
      cancelled.incrementAndGet();
      return true;
    }

    @Override
    public void close() {
      ActionDriversTest.close(server, arm);
    }
  }

  /** Closes a server on the arm's thread, which may serve a goal of it just now. */
  private static void close(ActionServer<?, ?, ?> server, TestArm arm) {
    CompletableFuture.runAsync(server::close, arm.node.executor().orElseThrow())
        .orTimeout(20, TimeUnit.SECONDS)
        .join();
  }

  private RunningRobot robot() {
    Path bundle = folder.resolve("bundle");
    TestBundles.bundle(TestBundles.spec(), 0.1, 0).save(bundle);
    var robot =
        new RunningRobot(
            bundle,
            folder.resolve("rollouts"),
            "output:=follow_joint_trajectory",
            "controller.topic:=arm_controller/joint_trajectory");
    robot.arm.describe(PlanarArm.xml());
    robot.arm.run(30);
    return robot;
  }

  private static Status awaitHold(TestArm arm, byte kind) throws InterruptedException {
    while (true) {
      Status status = TestArm.take(arm.statuses, "status with the hold " + kind);
      if (status.hold().kind() == kind) {
        return status;
      }
    }
  }

  private static String awaitRefusal(RunningRobot robot) throws InterruptedException {
    Status held = awaitHold(robot.arm, Hold.NO_CONTROLLER);
    assertEquals(robot.arm.node.namespace() + "/" + ACTION, held.hold().about());
    return held.holdReason();
  }

  @Test
  void theMotionAheadIsAGoalAndEachReplacesTheOneBefore() throws Exception {
    try (var robot = robot();
        var driver = new Driver(robot.arm)) {
      double[] before = robot.arm.positions.clone();
      var handle = robot.send(RunningRobot.goal());
      for (int i = 0; i < 8; i++) {
        JointTrajectory goal = TestArm.take(driver.goals, "goal");
        assertEquals(PlanarArm.JOINTS, goal.jointNames());
        assertEquals(0, goal.header().stamp().sec());
        assertArrayEquals(new double[3], goal.points().getLast().velocities());
      }
      assertFalse(Arrays.equals(before, robot.arm.positions), "it moves");
      robot.arm.statuses.forEach(
          status -> assertFalse(status.hold().kind() == Hold.NO_CONTROLLER, status.holdReason()));
      robot.label("", Outcome.SUCCESS, 0);
      BagMessages bag = BagMessages.open(Path.of(RunningRobot.end(handle).bag()));
      assertTrue(
          bag.types().keySet().stream().anyMatch(topic -> topic.endsWith("/joint_trajectory")),
          bag.types().toString());
    }
  }

  @Test
  void aDriverThatRejectsHoldsTheArmUntilItAccepts() throws Exception {
    try (var robot = robot();
        var driver = new Driver(robot.arm)) {
      robot.send(RunningRobot.goal());
      robot.arm.await(Command.POLICY);
      driver.rejects = true;
      String reason = awaitRefusal(robot);
      assertTrue(reason.contains("takes no goal"), reason);
      assertTrue(reason.contains("look at the controller's log"), reason);
      driver.rejects = false;
      awaitHold(robot.arm, Hold.NONE);
      robot.arm.commands.clear();
      robot.arm.await(Command.POLICY);
    }
  }

  @Test
  void aDriverThatAbortsIsToldWithItsCodeAndWords() throws Exception {
    try (var robot = robot();
        var driver = new Driver(robot.arm)) {
      robot.send(RunningRobot.goal());
      robot.arm.await(Command.POLICY);
      driver.aborts = "the elbow is stuck";
      String reason = awaitRefusal(robot);
      assertTrue(reason.contains("PATH_TOLERANCE_VIOLATED, 'the elbow is stuck'"), reason);
    }
  }

  @Test
  void anActionWithoutAServerHoldsTheArmUntilItIsThere() throws Exception {
    try (var robot = robot()) {
      robot.send(RunningRobot.goal());
      String reason = awaitRefusal(robot);
      assertTrue(reason.contains("has no server; start the arm's controller"), reason);
      try (var driver = new Driver(robot.arm)) {
        awaitHold(robot.arm, Hold.NONE);
        TestArm.take(driver.goals, "goal");
      }
      awaitRefusal(robot);
    }
  }

  @Test
  void stopBrakesAndThenCancels() throws Exception {
    try (var robot = robot();
        var driver = new Driver(robot.arm)) {
      robot.send(RunningRobot.goal());
      robot.arm.await(Command.POLICY);
      TestArm.take(driver.goals, "goal");
      assertTrue(robot.trigger("stop").success());
      for (int i = 0; i < 500 && driver.cancelled.get() == 0; i++) {
        Thread.sleep(10);
      }
      assertEquals(1, driver.cancelled.get());
      driver.goals.clear();
      Thread.sleep(300);
      assertEquals(0, driver.goals.size());
    }
  }

  /** A gripper that ends its goals as its driver has it. */
  private static final class Grip
      implements ActionHandler<
              GripperCommandAction.Goal,
              GripperCommandAction.Result,
              GripperCommandAction.Feedback>,
          AutoCloseable {
    final BlockingQueue<GripperCommand> goals = new LinkedBlockingQueue<>();
    final BlockingQueue<GripperCommandAction.Result> ends = new LinkedBlockingQueue<>();
    private final TestArm arm;
    private final ActionServer<?, ?, ?> server;

    Grip(TestArm arm) {
      this.arm = arm;
      server =
          new ActionServer<>(
              arm.node, GripperCommandAction.TYPE, "gripper_controller/gripper_cmd", this);
    }

    @Override
    public void close() {
      ActionDriversTest.close(server, arm);
    }

    @Override
    public void execute(
        GoalHandle<
                GripperCommandAction.Goal,
                GripperCommandAction.Result,
                GripperCommandAction.Feedback>
            goal) {
      goals.add(goal.goal().command());
      GripperCommandAction.Result end = ends.peek();
      if (end == null) {
        goal.succeed(
            new GripperCommandAction.Result(goal.goal().command().position(), 0, false, true));
      } else {
        goal.abort(end);
      }
    }
  }

  @Test
  void aGripperGetsAGoalWhereItsTargetChangesAndTheOthersGetTheTrajectory() throws Exception {
    try (var robot = RunningRobot.withArmFile(file(ARM), folder.resolve("rollouts"));
        var driver = new Driver(robot.arm);
        var grip = new Grip(robot.arm)) {
      robot.arm.describe(PlanarArm.xml());
      robot.arm.run(30);
      robot.arm.awaitHold("no policy");
      robot.send(RunningRobot.goal().withTeleop(true));
      double[] target = robot.arm.positions.clone();
      command(robot, target, 20);
      assertEquals(List.of("shoulder", "elbow"), TestArm.take(driver.goals, "goal").jointNames());
      assertEquals(0, grip.goals.size(), "its target is where it was");
      target[2] -= 0.3;
      command(robot, target, 40);
      List<GripperCommand> goals = new ArrayList<>();
      grip.goals.drainTo(goals);
      assertEquals(target[2], goals.getLast().position(), 1e-3);
      assertEquals(5, goals.getLast().maxEffort());
      assertTrue(goals.size() <= 12, goals.size() + " goals"); // of at least 20 ticks
      command(robot, target, 20);
      assertEquals(0, grip.goals.size(), "its target has not changed");

      grip.ends.add(new GripperCommandAction.Result(0.1, 5, true, false));
      target[2] += 0.3;
      command(robot, target, 40);
      robot.arm.statuses.forEach(
          status -> assertFalse(status.hold().kind() == Hold.NO_CONTROLLER, status.holdReason()));

      grip.ends.clear();
      grip.ends.add(new GripperCommandAction.Result(0.1, 5, false, false));
      target[2] -= 0.3;
      command(robot, target, 40);
      Status held = awaitHold(robot.arm, Hold.NO_CONTROLLER);
      assertTrue(held.hold().about().endsWith("/gripper_cmd"), held.hold().about());
      assertTrue(held.holdReason().contains("neither reached nor stalled"), held.holdReason());
    }
  }

  /** A person holds a pose for a while. */
  private static void command(RunningRobot robot, double[] target, int times)
      throws InterruptedException {
    for (int i = 0; i < times; i++) {
      robot.arm.command(0, target);
      Thread.sleep(50);
    }
  }

  @Test
  void aGripperWithoutItsJointIsRefusedAtTheStart() throws Exception {
    Path arm = file(ARM.replace("  gripper_joint: wrist\n", ""));
    Refusal.of(
        ArmException.class,
        () -> RunningRobot.withArmFile(arm, folder.resolve("r")).close(),
        "without gripper_joint; name the joint that it moves");
  }

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("arm.yaml"), text);
  }
}
