package dev.reverie.robot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reverie.arm.PlanarArm;
import dev.reverie.msgs.geometry_msgs.Twist;
import dev.reverie.msgs.geometry_msgs.TwistStamped;
import dev.reverie.msgs.geometry_msgs.Vector3;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.msgs.reverie.Hold;
import dev.reverie.msgs.reverie.Outcome;
import dev.reverie.msgs.reverie.RunPolicy;
import dev.reverie.msgs.reverie.Status;
import dev.reverie.msgs.sensor_msgs.JointState;
import dev.reverie.msgs.std_msgs.Float64;
import dev.reverie.msgs.std_msgs.Header;
import dev.reverie.policy.BundleSpec;
import dev.reverie.rcljava.Qos;
import dev.reverie.robot.setup.RobotException;
import dev.reverie.rollout.Alignment;
import dev.reverie.rollout.BagMessages;
import dev.reverie.rollout.Episode;
import dev.reverie.rollout.EpisodeReader;
import dev.reverie.testing.Prepared;
import dev.reverie.testing.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The node with an arm file: without a policy it records demonstrations. */
@Prepared
class ArmFileAloneTest {
  static final String ARM =
      """
      name: planar
      joints: [shoulder, elbow, wrist]
      cameras:
        camera: {width: 16, height: 16}
        wrist: {policy: false}
      action:
        space:
          kind: end_effector_delta
          frame: world
          tip_link: tip
          axes: [x, z]
          scale_m: [0.04, 0.04]
          hold_orientation: true
          workspace: {min: [0.08, 0.08], max: [0.92, 0.6]}
      controller: {topic: joint_trajectory}
      """;

  @TempDir Path folder;

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("arm.yaml"), text);
  }

  private Path bundle(BundleSpec spec) {
    Path bundle = folder.resolve("bundle");
    TestBundles.bundle(spec, 0.1, 0).save(bundle);
    return bundle;
  }

  @Test
  void withoutAPolicyAPersonDemonstratesAndAPolicyCanComeLater() throws Exception {
    try (var robot = RunningRobot.withArmFile(file(ARM), folder.resolve("rollouts"))) {
      robot.arm.describe(PlanarArm.xml());
      robot.arm.run(10);
      Status idle = robot.arm.awaitHold("no policy");
      assertEquals("", idle.provider());
      assertEquals(Hold.NO_POLICY, idle.hold().kind());
      assertEquals("planar", idle.arm());
      String refused = RunningRobot.end(robot.send(RunningRobot.goal())).outcome().reason();
      assertTrue(refused.contains("teleop: true"), refused);

      var handle = robot.send(RunningRobot.goal().withTeleop(true));
      double[] target = PlanarArm.inverse(0.42, 0.45);
      while (robot.arm.commands.stream().filter(c -> c.source().equals(Command.TELEOP)).count()
          < 3) {
        robot.arm.command(0, target);
        Thread.sleep(50);
      }
      robot.label("", Outcome.SUCCESS, 0);
      RunPolicy.Result result = RunningRobot.end(handle);
      Path bag = Path.of(result.bag());
      Episode episode = Episode.read(bag);
      assertTrue(episode.outcome().success());
      assertEquals(TestBundles.INSTRUCTION, episode.instruction());
      JsonNode told =
          new ObjectMapper().readTree(EpisodeReader.open(bag, Alignment.DEFAULT).configuration());
      assertEquals("", told.path("bundle").asText());
      assertEquals("planar", told.path("arm").path("name").asText());
      assertEquals(16, told.path("task").path("cameras").path(0).path("width").asInt());

      assertTrue(robot.swap(bundle(TestBundles.spec())).success());
      robot.arm.commands.clear();
      robot.send(RunningRobot.goal());
      robot.arm.await(Command.POLICY);
    }
  }

  @Test
  void aLeaderArmATwistAndAGripperMoveTheArmAndAreRecorded() throws Exception {
    String teleoperation =
        "teleoperation: {leader: leader, twist: twist, tip_link: tip, gripper: grip, gripper_joint: wrist}\n";
    try (var robot =
            RunningRobot.withArmFile(file(ARM + teleoperation), folder.resolve("rollouts"));
        var leader = robot.arm.node.createPublisher(JointState.TYPE, "leader", Qos.reliable(10));
        var twists = robot.arm.node.createPublisher(TwistStamped.TYPE, "twist", Qos.reliable(10));
        var grips = robot.arm.node.createPublisher(Float64.TYPE, "grip", Qos.reliable(10))) {
      robot.arm.describe(PlanarArm.xml());
      robot.arm.run(10);
      robot.arm.awaitHold("no policy");
      var handle = robot.send(RunningRobot.goal().withTeleop(true));
      double[] near = robot.arm.positions.clone();
      near[0] += 0.01;
      awaitPosition(
          robot,
          0,
          near[0],
          () ->
              leader.publish(
                  new JointState().withName(PlanarArm.JOINTS).withPosition(near.clone())));
      awaitPosition(robot, 2, near[2] - 0.02, () -> grips.publish(new Float64(near[2] - 0.02)));
      double before = PlanarArm.forward(robot.arm.positions)[0];
      var left = new TwistStamped(new Header(), new Twist(new Vector3(-0.05, 0, 0), new Vector3()));
      for (int i = 0; i < 300 && PlanarArm.forward(robot.arm.positions)[0] > before - 0.005; i++) {
        twists.publish(left);
        Thread.sleep(20);
      }
      assertTrue(PlanarArm.forward(robot.arm.positions)[0] < before - 0.004, "the tip moved");
      robot.label("", Outcome.SUCCESS, 0);
      BagMessages bag = BagMessages.open(Path.of(RunningRobot.end(handle).bag()));
      Set<String> topics =
          bag.types().keySet().stream()
              .map(name -> name.substring(name.lastIndexOf('/') + 1))
              .collect(Collectors.toSet());
      assertTrue(topics.containsAll(Set.of("leader", "twist", "grip")), topics.toString());
    }
  }

  private static void awaitPosition(RunningRobot robot, int joint, double wanted, Runnable person)
      throws InterruptedException {
    for (int i = 0; i < 300 && Math.abs(robot.arm.positions[joint] - wanted) > 1e-3; i++) {
      person.run();
      Thread.sleep(20);
    }
    assertEquals(wanted, robot.arm.positions[joint], 1e-3);
  }

  @Test
  void aDemonstrationWithoutAnInstructionIsRefusedWithTheRemedy() throws Exception {
    try (var robot = RunningRobot.withArmFile(file(ARM), folder.resolve("rollouts"))) {
      var goal = new RunPolicy.Goal().withTeleop(true);
      String reason = RunningRobot.end(robot.send(goal)).outcome().reason();
      assertTrue(reason.contains("parameter 'instruction'"), reason);
      String huge = "insert the peg ".repeat(1000);
      String refused = RunningRobot.end(robot.send(goal.withInstruction(huge))).outcome().reason();
      assertTrue(refused.contains("15000 characters"), refused);
      assertTrue(refused.length() < 200, refused);
    }
  }

  @Test
  void aBundleAndAnArmFileThatContradictEachOtherAreRefusedWithBothValues() throws Exception {
    Path bundle = bundle(TestBundles.spec());
    refused(bundle, ARM + "# \n", "");
    refused(
        bundle,
        ARM.replace("action:\n", "action:\n  period_s: 0.05\n"),
        "has chunk.period_s 0.1, and arm file '%s' has 0.05".formatted(folder.resolve("arm.yaml")));
    refused(
        bundle,
        ARM.replace("wrist]", "hand]"),
        "it moves joint 'wrist', and the joints of arm file");
    refused(bundle, ARM.replace("wrist]", "wrist, hand]"), "it moves the joints [shoulder, elbow");
    refused(
        bundle, ARM.replace("  camera: {", "  front: {"), "sees camera 'camera', and the cameras");
    refused(bundle, ARM.replace("[0.04, 0.04]", "[0.04, 0.05]"), "scale_m [0.04, 0.05]");
    Refusal.of(
        RobotException.class,
        () -> new RunningRobot(Path.of(""), folder.resolve("r")).close(),
        "./reverie arm init");
  }

  private void refused(Path bundle, String arm, String words) throws IOException {
    String[] parameters = {"arm:=" + file(arm)};
    if (words.isEmpty()) {
      new RunningRobot(bundle, folder.resolve("r"), parameters).close();
      return;
    }
    Refusal.of(
        RobotException.class,
        () -> new RunningRobot(bundle, folder.resolve("r"), parameters).close(),
        words);
  }

  @Test
  void aFirstPolicyOfAnotherArmIsRefused() throws Exception {
    Path other = bundle(TestBundles.spec("side", PlanarArm.JOINTS, PlanarArm.SPACE, 0.1));
    try (var robot = RunningRobot.withArmFile(file(ARM), folder.resolve("rollouts"))) {
      var answer = robot.swap(other);
      assertFalse(answer.success());
      assertTrue(answer.message().contains("its cameras is [side]"), answer.message());
      assertEquals(List.of(), robot.arm.trajectories.stream().toList());
    }
  }
}
