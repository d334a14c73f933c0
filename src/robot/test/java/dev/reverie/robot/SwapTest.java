package dev.reverie.robot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.arm.PlanarArm;
import dev.reverie.msgs.reverie.ActionChunk;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.msgs.reverie.Outcome;
import dev.reverie.msgs.reverie.SwapPolicy;
import dev.reverie.policy.ActionSpace.JointDeltas;
import dev.reverie.policy.BundleSpec;
import dev.reverie.testing.Prepared;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Prepared
class SwapTest {
  private static final long PERIOD = TestArm.PERIOD_NANOS;

  @TempDir Path folder;

  private Path save(String name, BundleSpec spec, double... action) {
    Path bundle = folder.resolve(name);
    TestBundles.bundle(spec, action).save(bundle);
    return bundle;
  }

  private RunningRobot robot() {
    Path bundle = save("right", TestBundles.spec(), 1, 0);
    var robot = new RunningRobot(bundle, folder.resolve("rollouts"), "lock_step:=true");
    robot.arm.describe(PlanarArm.xml());
    return robot;
  }

  private static void refused(RunningRobot robot, Path bundle, String... words) throws Exception {
    var response = robot.swap(bundle);
    assertFalse(response.success());
    for (String word : words) {
      assertTrue(response.message().contains(word), response.message());
    }
  }

  @Test
  void aNewPolicyGoesLiveAtTheBoundaryOfAChunkWithoutATickLost() throws Exception {
    Path left = save("left", TestBundles.spec(), -1, 0);
    try (var robot = robot()) {
      var handle = robot.send(RunningRobot.goal());
      int t = 0;
      tick(robot, ++t);
      var response = robot.beginSwap(left);
      while (!response.isDone() || t % 4 != 0) {
        tick(robot, ++t);
      }
      for (int k = 0; k < 4; k++) {
        tick(robot, ++t);
      }
      assertTrue(RunningRobot.get(response).success(), RunningRobot.get(response).message());
      robot.label("", Outcome.SUCCESS, t * PERIOD);
      RunningRobot.end(handle);
      String policy = "";
      int changes = 0;
      for (int c = 0; c < t / 4; c++) {
        ActionChunk chunk = TestArm.take(robot.arm.chunks, "chunk");
        changes += chunk.policyId().equals(policy) ? 0 : 1;
        policy = chunk.policyId();
        for (int k = 0; k < 4; k++) {
          Command command = TestArm.take(robot.arm.commands, "command");
          assertEquals(
              "policy %d %d".formatted(c, k),
              "%s %d %d".formatted(command.source(), command.chunk(), command.action()));
        }
      }
      assertEquals(2, changes, "the first policy, then the second");
      assertEquals(RunningRobot.get(response).policyId(), policy);
    }
  }

  private static void tick(RunningRobot robot, int t) throws Exception {
    if (t % 8 == 1) {
      robot.arm.positions = PlanarArm.inverse(0.5, 0.4);
    }
    robot.arm.observe(t * PERIOD);
    robot.arm.follow();
  }

  @Test
  void thePolicyBeforeTheLastSwapCanBeBroughtBack() throws Exception {
    Path left = save("left", TestBundles.spec(), -1, 0);
    try (var robot = robot()) {
      String none = robot.trigger("rollback_policy").message();
      assertTrue(none.contains("no earlier policy"), none);
      var swapped = robot.swap(left);
      assertTrue(swapped.success(), swapped.message());
      assertTrue(robot.trigger("rollback_policy").message().contains(swapped.previousPolicyId()));
      var handle = robot.send(RunningRobot.goal());
      robot.arm.observe(PERIOD);
      robot.arm.follow();
      ActionChunk chunk = TestArm.take(robot.arm.chunks, "chunk");
      assertEquals(swapped.previousPolicyId(), chunk.policyId());
      robot.label("", Outcome.FAILURE, PERIOD);
      RunningRobot.end(handle);
    }
  }

  @Test
  void aPolicyIsTriedAtTheLastEpisodesBeforeItGoesLive() throws Exception {
    Path left = save("left", TestBundles.spec(), -1, 0);
    var asked = new SwapPolicy.Request().withBundle(left.toString()).withReplayLast(1);
    try (var robot = robot()) {
      var none = RunningRobot.get(robot.beginSwap(asked));
      assertFalse(none.success());
      assertTrue(none.message().contains("no episode"), none.message());

      var handle = robot.send(RunningRobot.goal());
      for (int t = 1; t <= 6; t++) {
        tick(robot, t);
      }
      robot.label("", Outcome.SUCCESS, 6 * PERIOD);
      RunningRobot.end(handle);

      var refused = RunningRobot.get(robot.beginSwap(asked.withReplayMaxDifference(0.01)));
      assertFalse(refused.success());
      assertTrue(refused.message().contains("replay_max_difference"), refused.message());
      assertEquals(1, refused.replayed().episodes());
      assertTrue(refused.replayed().difference() > 0.01);

      var response = RunningRobot.get(robot.beginSwap(asked));
      assertTrue(response.success(), response.message());
      assertEquals(1, response.replayed().episodes());
      assertEquals(0, response.replayed().limited());
    }
  }

  @Test
  void aBundleThatDoesNotFitIsRefusedAndTheOldPolicyStays() throws Exception {
    var space = PlanarArm.SPACE;
    Path changed = save("changed", TestBundles.spec(), -1, 0);
    Path weights = changed.resolve("policy.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    bytes[bytes.length - 1] ^= 1;
    Files.write(weights, bytes);
    Path arm =
        save(
            "arm",
            TestBundles.spec("camera", List.of("shoulder", "elbow", "gripper"), space, 0.1),
            0,
            0);
    Path camera = save("camera", TestBundles.spec("wrist", PlanarArm.JOINTS, space, 0.1), 0, 0);
    Path actions =
        save(
            "actions",
            TestBundles.spec(
                "camera", PlanarArm.JOINTS, new JointDeltas(List.of("elbow"), List.of(0.1)), 0.1),
            0);
    Path slow = save("slow", TestBundles.spec("camera", PlanarArm.JOINTS, space, 0.5), 0, 0);
    try (var robot = robot()) {
      var handle = robot.send(RunningRobot.goal());
      tick(robot, 1);
      refused(robot, folder.resolve("nowhere"), "nowhere", "no policy bundle");
      refused(robot, changed, "changed", "policy.safetensors", "copy the whole folder again");
      refused(robot, arm, "another arm", "joint_names", "gripper", "wrist");
      refused(robot, camera, "another arm", "cameras", "[wrist]", "[camera]");
      refused(robot, actions, "another arm", "action_space");
      refused(robot, slow, "another arm", "period_s", "0.5");
      for (int t = 2; t <= 5; t++) {
        tick(robot, t);
      }
      ActionChunk before = TestArm.take(robot.arm.chunks, "chunk");
      ActionChunk after = TestArm.take(robot.arm.chunks, "chunk");
      assertEquals(before.policyId(), after.policyId());
      robot.label("", Outcome.FAILURE, 5 * PERIOD);
      RunningRobot.end(handle);
    }
  }
}
