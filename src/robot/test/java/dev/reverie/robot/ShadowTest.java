package dev.reverie.robot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.arm.PlanarArm;
import dev.reverie.msgs.diagnostic_msgs.DiagnosticArray;
import dev.reverie.msgs.diagnostic_msgs.DiagnosticStatus;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.msgs.reverie.Hold;
import dev.reverie.msgs.reverie.Outcome;
import dev.reverie.msgs.reverie.RunPolicy;
import dev.reverie.msgs.reverie.Status;
import dev.reverie.msgs.trajectory_msgs.JointTrajectory;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.BundleSpec.Lineage;
import dev.reverie.policy.BundleSpec.Measured;
import dev.reverie.rcljava.Qos;
import dev.reverie.rollout.BagMessages;
import dev.reverie.testing.Prepared;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A policy that has never moved the arm. */
@Prepared
class ShadowTest {
  @TempDir Path folder;

  private Path bundle(String name, String parent, double action) {
    Path saved = folder.resolve(name);
    BundleSpec spec =
        TestBundles.spec()
            .withLineage(new Lineage(parent, List.of(), new TreeMap<>(), new Measured(0, 0)));
    TestBundles.bundle(spec, action, 0).save(saved);
    return saved;
  }

  private RunningRobot robot(Path bundle, String... parameters) throws Exception {
    Path file = Files.writeString(folder.resolve("arm.yaml"), ArmFileAloneTest.ARM);
    List<String> all = new ArrayList<>(List.of(parameters));
    all.add("arm:=" + file);
    var robot = new RunningRobot(bundle, folder.resolve("rollouts"), all.toArray(String[]::new));
    robot.arm.describe(PlanarArm.xml());
    robot.arm.run(30);
    return robot;
  }

  private static Status awaitStatus(RunningRobot robot, boolean shadow) throws Exception {
    robot.arm.statuses.clear();
    while (true) {
      Status status = TestArm.take(robot.arm.statuses, "status with shadow " + shadow);
      if (status.shadow() == shadow) {
        return status;
      }
    }
  }

  /** Runs an episode, which ends as a success; returns how it was told. */
  private static RunPolicy.Result episode(RunningRobot robot) throws Exception {
    robot.arm.commands.clear();
    var handle = robot.send(RunningRobot.goal());
    for (int i = 0; i < 3; i++) {
      robot.arm.await(Command.POLICY);
    }
    robot.label("", Outcome.SUCCESS, 0);
    return RunningRobot.end(handle);
  }

  private static boolean sentBeside(RunPolicy.Result result) throws Exception {
    return BagMessages.open(Path.of(result.bag())).types().keySet().stream()
        .anyMatch(topic -> topic.endsWith("/robot/shadow/joint_trajectory"));
  }

  @Test
  void itIsWatchedUntilAPersonLetsItMoveTheArmAndThenItIsKnown() throws Exception {
    Path first = bundle("first", "", 0.1);
    String id;
    try (var robot = robot(first)) {
      BlockingQueue<JointTrajectory> beside = new LinkedBlockingQueue<>();
      BlockingQueue<DiagnosticStatus> told = new LinkedBlockingQueue<>();
      robot.arm.node.createSubscription(
          JointTrajectory.TYPE, "robot/shadow/joint_trajectory", Qos.reliable(100), beside::add);
      robot.arm.node.createSubscription(
          DiagnosticArray.TYPE,
          "/diagnostics",
          Qos.reliable(100),
          array ->
              array.status().stream()
                  .filter(status -> status.name().endsWith(": shadow"))
                  .filter(status -> !status.values().isEmpty())
                  .forEach(told::add));
      Status status = awaitStatus(robot, true);
      id = status.policyId();
      assertTrue(
          status.notices().stream().anyMatch(text -> text.contains("~/go_live")),
          status.notices().toString());
      double[] before = robot.arm.positions.clone();
      RunPolicy.Result result = episode(robot);
      assertEquals(Outcome.ABORTED, result.outcome().outcome());
      assertTrue(result.outcome().reason().startsWith("in shadow"), result.outcome().reason());
      assertFalse(robot.label(result.episodeId(), Outcome.SUCCESS, 0).success());
      TestArm.take(beside, "trajectory beside the arm");
      assertEquals(PlanarArm.JOINTS, keys(TestArm.take(told, "difference")));
      assertArrayEquals(before, robot.arm.positions, "nothing moved");
      assertTrue(sentBeside(result));

      assertTrue(robot.trigger("go_live").success());
      assertFalse(robot.trigger("go_live").success());
      awaitStatus(robot, false);
      RunPolicy.Result moved = episode(robot);
      assertEquals(Outcome.SUCCESS, moved.outcome().outcome());
      assertFalse(sentBeside(moved));
      assertTrue(robot.arm.positions[0] != before[0], "it moved");
    }
    Path child = bundle("child", id, 0.2);
    Path stranger = bundle("stranger", "somebody's", 0.3);
    try (var robot = robot(first)) {
      awaitStatus(robot, false);
      assertTrue(robot.swap(child).success());
      assertEquals(Outcome.SUCCESS, episode(robot).outcome().outcome());
      var running = robot.send(RunningRobot.goal());
      robot.arm.await(Command.POLICY);
      assertTrue(robot.swap(stranger).success());
      Outcome ended = RunningRobot.end(running).outcome();
      assertTrue(ended.reason().contains("has never moved this arm"), ended.reason());
      awaitStatus(robot, true);
    }
    try (var robot = robot(stranger, "shadow:=never")) {
      awaitStatus(robot, false);
    }
  }

  @Test
  void nothingOfTheArmsControllerIsNeededUntilThePolicyMovesTheArm() throws Exception {
    try (var robot =
        robot(
            bundle("first", "", 0.1),
            "output:=follow_joint_trajectory",
            "controller.topic:=nobody/joint_trajectory")) {
      awaitStatus(robot, true);
      RunPolicy.Result result = episode(robot);
      assertTrue(result.outcome().reason().startsWith("in shadow"), result.outcome().reason());
      robot.arm.statuses.forEach(
          status -> assertFalse(status.hold().kind() == Hold.NO_CONTROLLER, status.holdReason()));
      assertTrue(robot.trigger("go_live").success());
      robot.send(RunningRobot.goal());
      robot.arm.awaitHold("has no server");
    }
  }

  private static List<String> keys(DiagnosticStatus status) {
    return status.values().stream().map(value -> value.key()).toList();
  }
}
