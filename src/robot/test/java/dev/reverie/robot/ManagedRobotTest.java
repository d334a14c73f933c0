package dev.reverie.robot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.arm.PlanarArm;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.msgs.reverie.Outcome;
import dev.reverie.msgs.reverie.RunPolicy;
import dev.reverie.rollout.Episode;
import dev.reverie.testing.Prepared;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The robot node as a launch file drives it, through the services of lifecycle_msgs. */
@Prepared
class ManagedRobotTest {
  @TempDir Path folder;

  private RunningRobot robot() {
    Path bundle = folder.resolve("bundle");
    TestBundles.bundle(TestBundles.spec(), 0.1, 0).save(bundle);
    return new RunningRobot(
        bundle, folder.resolve("rollouts"), "autostart:=false", "observation_timeout_s:=3.0");
  }

  @Test
  void itActsOnlyWhileItIsActiveAndCanBeConfiguredAgain() throws Exception {
    try (var robot = robot()) {
      robot.arm.describe(PlanarArm.xml());
      robot.arm.run(30);
      for (int round = 0; round < 2; round++) {
        assertTrue(robot.change("configure"));
        RunPolicy.Result early = RunningRobot.end(robot.send(RunningRobot.goal()));
        assertEquals(Outcome.ABORTED, early.outcome().outcome());
        assertTrue(early.outcome().reason().contains("activate it first"), early.toString());
        assertTrue(robot.change("activate"));
        var handle = robot.send(RunningRobot.goal());
        robot.arm.await(Command.POLICY);
        robot.label("", Outcome.SUCCESS, 0);
        assertEquals(Outcome.SUCCESS, RunningRobot.end(handle).outcome().outcome());

        robot.arm.commands.clear();
        var interrupted = robot.send(RunningRobot.goal());
        robot.arm.await(Command.POLICY);
        robot.arm.await(Command.POLICY);
        robot.arm.await(Command.POLICY);
        assertTrue(robot.change("deactivate"));
        RunPolicy.Result end = RunningRobot.end(interrupted);
        assertEquals(Outcome.ABORTED, end.outcome().outcome());
        assertTrue(end.outcome().reason().contains("deactivated"), end.toString());
        assertTrue(Episode.read(Path.of(end.bag())).steps().size() > 0);
        assertTrue(robot.change("cleanup"));
        robot.arm.commands.clear();
      }
      assertFalse(robot.change("activate"));
      assertTrue(robot.change("shutdown"));
      assertFalse(robot.change("configure"));
    }
  }

  @Test
  void withoutAnObservationActivationIsRefusedWithTheReason() throws Exception {
    try (var robot = robot()) {
      assertTrue(robot.change("configure"));
      assertFalse(robot.change("activate"));
      String reason = robot.arm.awaitHold("inactive").holdReason();
      assertTrue(reason.contains("joint_states"), reason);
      robot.arm.describe(PlanarArm.xml());
      robot.arm.run(30);
      assertTrue(robot.change("activate"));
    }
  }

  @Test
  void anArmOfOtherJointsThanThePolicysIsNotActivated() throws Exception {
    try (var robot = robot()) {
      assertTrue(robot.change("configure"));
      robot.arm.describe(PlanarArm.xml());
      robot.arm.driver = s -> s.withName(List.of("shoulder", "elbow")).withPosition(new double[2]);
      robot.arm.run(30);
      assertFalse(robot.change("activate"));
      String sensed = robot.arm.awaitHold("inactive").holdReason();
      assertTrue(sensed.contains("joint 'wrist' is not in the joint state"), sensed);
      robot.arm.driver = s -> s;
      robot.arm.describe(PlanarArm.xml().replace("\"wrist\"", "\"gripper\""));
      assertFalse(robot.change("activate"));
      String described = robot.arm.awaitHold("gripper").holdReason();
      assertTrue(described.contains("made for this arm"), described);
      robot.arm.describe(PlanarArm.xml());
      assertTrue(robot.change("activate"));
    }
  }

  @Test
  void aBundleThatBreaksAfterTheStartFailsToConfigureUntilItIsWholeAgain() throws Exception {
    try (var robot = robot()) {
      Path weights = folder.resolve("bundle").resolve("policy.safetensors");
      byte[] whole = Files.readAllBytes(weights);
      byte[] broken = whole.clone();
      broken[broken.length - 1] ^= 1;
      Files.write(weights, broken);
      assertFalse(robot.change("configure"));
      assertFalse(robot.isConfigured());
      Files.write(weights, whole);
      assertTrue(robot.change("configure"));
    }
  }
}
