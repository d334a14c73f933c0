package dev.reverie.robot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.arm.PlanarArm;
import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.builtin_interfaces.Duration;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.msgs.reverie.Hold;
import dev.reverie.msgs.reverie.Outcome;
import dev.reverie.msgs.reverie.RunPolicy;
import dev.reverie.msgs.reverie.Status;
import dev.reverie.msgs.std_msgs.Header;
import dev.reverie.msgs.trajectory_msgs.JointTrajectory;
import dev.reverie.msgs.trajectory_msgs.JointTrajectoryPoint;
import dev.reverie.rcljava.Context;
import dev.reverie.rcljava.Executor;
import dev.reverie.rcljava.Parameter;
import dev.reverie.rcljava.Qos;
import dev.reverie.robot.setup.RobotException;
import dev.reverie.testing.Prepared;
import dev.reverie.testing.Refusal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Other nodes as the node sees them. */
@Prepared
class SurroundingsTest {
  private static final double MAX_VELOCITY = 12; // rad/s, of the planar arm's wrist
  private static final double AHEAD = 0.03; // rad, near enough to be where it was told to rest
  private static final double MAX_ACCELERATION = 4 * MAX_VELOCITY; // full speed in 0.25 s

  @TempDir Path folder;

  private RunningRobot robot(String... parameters) {
    Path bundle = folder.resolve("bundle");
    TestBundles.bundle(TestBundles.spec(), 0.1, 0).save(bundle);
    var robot = new RunningRobot(bundle, folder.resolve("rollouts"), parameters);
    robot.arm.describe(PlanarArm.xml());
    return robot;
  }

  private Context context(String namespace, String... more) {
    List<String> args = new ArrayList<>(List.of("--ros-args", "-r", "__ns:=" + namespace));
    args.addAll(List.of("-p", "bundle:=" + Parameter.quoted(folder.resolve("bundle"))));
    args.addAll(List.of("-p", "rollouts_dir:=" + Parameter.quoted(folder.resolve("others"))));
    args.addAll(List.of(more));
    return Context.init(args.toArray(String[]::new));
  }

  private static Status awaitHold(TestArm arm, byte kind) throws InterruptedException {
    while (true) {
      Status status = TestArm.take(arm.statuses, "status with the hold " + kind);
      if (status.hold().kind() == kind) {
        return status;
      }
    }
  }

  @Test
  void aSecondRobotNodeOfTheNameRefusesToStart() throws Exception {
    try (var first = robot();
        var context = context(first.arm.node.namespace());
        var executor = new Executor(context)) {
      TestArm.take(first.arm.statuses, "status");
      Refusal.of(
          RobotException.class,
          () -> { // it may be discovered late
            try (var second = RobotNode.start(context, executor)) {
              second.spin();
            }
          },
          "named " + first.arm.node.namespace() + "/robot runs",
          "-r __node:=NAME");
    }
  }

  @Test
  void anotherNameStartsBesideIt() throws Exception {
    try (var first = robot();
        var context = context(first.arm.node.namespace(), "-r", "__node:=other");
        var executor = new Executor(context);
        var _ = RobotNode.start(context, executor)) {
      assertTrue(context.isOk());
    }
  }

  @Test
  void anyNodeOfTheNameHoldsTheArmUntilItIsGone() throws Exception {
    try (var robot = robot()) {
      robot.arm.run(30);
      var handle = robot.send(RunningRobot.goal());
      TestArm.take(robot.arm.trajectories, "trajectory");
      try (var context = context(robot.arm.node.namespace());
          var second = context.createNode("robot")) {
        Status held = awaitHold(robot.arm, Hold.DUPLICATE_NODE);
        assertEquals(second.fullName(), held.hold().about());
        assertTrue(held.holdReason().contains("stop one of them"), held.holdReason());
      }
      awaitHold(robot.arm, Hold.NONE);
      robot.label(TestArm.take(robot.arm.chunks, "chunk").episodeId(), Outcome.SUCCESS, 0);
      assertEquals(Outcome.SUCCESS, RunningRobot.end(handle).outcome().outcome());
    }
  }

  @Test
  void anArmThatNobodyListensForIsNotMoved() throws Exception {
    try (var arm = new TestArm("/unheard_" + ProcessHandle.current().pid())) {
      TestBundles.bundle(TestBundles.spec(), 0.1, 0).save(folder.resolve("bundle"));
      arm.describe(PlanarArm.xml());
      arm.run(30);
      String instruction = "instruction:='%s'".formatted(TestBundles.INSTRUCTION);
      try (var context =
              context(arm.node.namespace(), "-p", "controller.topic:=wrist", "-p", instruction);
          var executor = new Executor(context);
          var robot = RobotNode.start(context, executor)) {
        Thread.ofPlatform().daemon().start(robot::spin);
        while (TestArm.take(arm.statuses, "status").hold().kind() != Hold.NO_EPISODE) {}
        Thread.sleep(1500); // the node looks once a second
        arm.command(0, arm.positions); // begins an episode
        Status held = awaitHold(arm, Hold.NO_CONTROLLER);
        assertEquals(arm.node.namespace() + "/wrist", held.hold().about());
        assertTrue(held.holdReason().contains("-p controller.topic:="), held.holdReason());
        try (var _ =
            arm.node.createSubscription(
                JointTrajectory.TYPE, "wrist", Qos.reliable(10), trajectory -> {})) {
          while (TestArm.take(arm.statuses, "status").hold().kind() == Hold.NO_CONTROLLER) {
            arm.command(0, arm.positions);
          }
        }
        context.shutdown();
      }
    }
  }

  @Test
  void aControllerThatWasGoneIsWaitedForAndTheArmGoesOnSoftlyFromWhereItIs() throws Exception {
    try (var robot = robot()) {
      double[] begun = robot.arm.positions.clone();
      robot.arm.run(30);
      robot.send(RunningRobot.goal());
      robot.arm.await(Command.POLICY);
      for (int times = 0; times < 2; times++) { // a controller manager may be restarted again
        robot.arm.loseController();
        Status held = robot.arm.awaitHold("start the arm's controller");
        assertEquals(Hold.NO_CONTROLLER, held.hold().kind());
        assertEquals(robot.arm.node.namespace() + "/joint_trajectory", held.hold().about());
        robot.arm.await(Command.HOLD);
        robot.arm.commands.clear();
        double[] told = {};
        for (int tick = 0; tick < 10; tick++) {
          Command command = TestArm.take(robot.arm.commands, "command");
          assertEquals(Command.HOLD, command.source());
          told = command.positions();
        }
        double[] rest = pushed(robot.arm, begun, told);
        robot.arm.bringController();
        robot.arm.awaitHold("is back; the arm goes on when it surely rests");
        robot.arm.await(Command.POLICY);
        requireSoft(rest, robot.arm);
      }
    }
  }

  /** Nobody heard that the arm was told to rest: it does so ahead of there, on its way. */
  private static double[] pushed(TestArm arm, double[] begun, double[] told)
      throws InterruptedException {
    double[] rest = told.clone();
    rest[0] += Math.copySign(AHEAD, rest[0] - begun[0]);
    var point = new JointTrajectoryPoint().withPositions(rest).withVelocities(new double[3]);
    arm.trajectories.add(new JointTrajectory(new Header(), List.of(), List.of(point)));
    while (!Arrays.equals(arm.positions, rest)) {
      Thread.sleep(10);
    }
    return rest;
  }

  /**
   * All that the arm is sent begins at rest where it is: no point is further than it gets, and it
   * does not go back.
   */
  private static void requireSoft(double[] rest, TestArm arm) throws InterruptedException {
    JointTrajectory next = TestArm.take(arm.sent, "trajectory");
    boolean moves = false;
    while (!moves) { // until it leads elsewhere, it leads where the arm is
      double[] from = rest;
      double since = 0;
      for (JointTrajectoryPoint point : next.points()) {
        double at = Stamps.nanos(point.timeFromStart()) / 1e9;
        for (int j = 0; j < from.length; j++) {
          double way = Math.abs(point.positions()[j] - from[j]);
          double most = since == 0 ? MAX_ACCELERATION * at * at / 2 : MAX_VELOCITY * (at - since);
          assertTrue(
              way <= most + 1e-3, "%s rad in %s s from %s s on".formatted(way, at - since, since));
          moves |= way > 1e-4;
        }
        from = point.positions();
        since = at;
      }
      next = moves ? next : TestArm.take(arm.sent, "trajectory");
    }
    double way = next.points().getLast().positions()[0] - rest[0];
    double first = next.points().getFirst().positions()[0] - rest[0];
    assertTrue(first / way > -0.01, "%s rad of %s, from its rest".formatted(first, way));
  }

  @Test
  void aNodeThatNeedsNoListenerMovesWithoutOne() throws Exception {
    try (var robot = robot("require_listener:=false")) {
      robot.arm.run(30);
      var handle = robot.send(RunningRobot.goal().withTimeLimit(new Duration(1, 0)));
      RunPolicy.Result result = RunningRobot.end(handle);
      assertEquals("time_limit", result.outcome().labeller());
    }
  }
}
