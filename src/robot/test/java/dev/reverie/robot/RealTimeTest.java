package dev.reverie.robot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.arm.PlanarArm;
import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.builtin_interfaces.Duration;
import dev.reverie.msgs.reverie.ActionChunk;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.msgs.reverie.Hold;
import dev.reverie.msgs.reverie.Outcome;
import dev.reverie.msgs.reverie.RunPolicy;
import dev.reverie.msgs.reverie.Status;
import dev.reverie.msgs.sensor_msgs.CompressedImage;
import dev.reverie.msgs.sensor_msgs.Image;
import dev.reverie.policy.BundleSpec;
import dev.reverie.rcljava.Qos;
import dev.reverie.rcljava.action.GoalStatus;
import dev.reverie.robot.setup.RobotException;
import dev.reverie.rollout.Episode;
import dev.reverie.testing.Prepared;
import dev.reverie.testing.Refusal;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Prepared
class RealTimeTest {
  @TempDir Path folder;

  private RunningRobot robot(String... parameters) {
    Path bundle = folder.resolve("bundle");
    TestBundles.bundle(TestBundles.spec(), 0.1, 0).save(bundle);
    var robot = new RunningRobot(bundle, folder.resolve("rollouts"), parameters);
    robot.arm.describe(PlanarArm.xml());
    return robot;
  }

  @Test
  void thePolicyPlaysAtTheControlRateAndTheTimeLimitEndsTheEpisode() throws Exception {
    try (var robot = robot()) {
      robot.arm.run(30);
      var handle = robot.send(RunningRobot.goal().withTimeLimit(new Duration(2, 0)));
      RunPolicy.Result result = RunningRobot.end(handle);
      assertEquals(Outcome.FAILURE, result.outcome().outcome());
      assertEquals("time_limit", result.outcome().labeller());
      ActionChunk chunk = TestArm.take(robot.arm.chunks, "chunk");
      long latency = Stamps.nanos(chunk.latency());
      assertTrue(latency > 0 && latency < 1_000_000_000L, chunk.latency().toString());
      assertTrue(Stamps.nanos(chunk.inference()) > 0);
      Episode episode = Episode.read(Path.of(result.bag()));
      assertEquals(result.ticks(), episode.steps().size(), 3);
      // A busy machine may miss some, but none is made up for: the usual distance is the period.
      assertTrue(result.ticks() <= 22, result.ticks() + " ticks in 2 s");
      long[] apart =
          IntStream.range(1, episode.steps().size())
              .mapToLong(t -> stampNanos(episode, t) - stampNanos(episode, t - 1))
              .sorted()
              .toArray();
      assertEquals(100, apart[apart.length / 2] / 1e6, 34, "ms, of a camera at 30 Hz");
    }
  }

  private static long stampNanos(Episode episode, int t) {
    return Stamps.nanos(episode.steps().get(t).command().header().stamp());
  }

  @Test
  void whatAnInferenceGivesAfterTheEndOfItsEpisodeIsNotPublished() throws Exception {
    Path slow = folder.resolve("slow");
    TestBundles.thinking(TestBundles.spec(), 30, 0.1, 0).save(slow);
    Path other = folder.resolve("other");
    TestBundles.bundle(TestBundles.spec(), -0.1, 0).save(other);
    try (var robot = new RunningRobot(slow, folder.resolve("rollouts"))) {
      robot.arm.describe(PlanarArm.xml());
      robot.arm.run(10);
      var goal = RunningRobot.goal().withTimeLimit(new Duration(0, 100_000_000));
      RunPolicy.Result result = RunningRobot.end(robot.send(goal));
      assertEquals("time_limit", result.outcome().labeller());
      assertTrue(robot.swap(other).success(), "it waits for the inference that runs");
      robot.send(RunningRobot.goal());
      String episode = TestArm.take(robot.arm.chunks, "chunk").episodeId();
      assertFalse(episode.equals(result.episodeId()), "a chunk of the episode that had ended");
    }
  }

  @Test
  void aFirstInferenceThatTakesLongerThanAnObservationMayBeOldIsWaitedForWithoutAHold()
      throws Exception {
    Path slow = folder.resolve("slow");
    TestBundles.thinking(TestBundles.spec(), 12, 0.1, 0).save(slow);
    try (var robot =
        new RunningRobot(slow, folder.resolve("rollouts"), "max_observation_age_s:=0.2")) {
      robot.arm.describe(PlanarArm.xml());
      robot.arm.run(50);
      var handle = robot.send(RunningRobot.goal());
      ActionChunk first = TestArm.take(robot.arm.chunks, "chunk");
      Command command = TestArm.take(robot.arm.commands, "command");
      assertEquals(Command.POLICY, command.source());
      assertEquals(0, command.action());
      long seen = Stamps.nanos(first.observationStamps().getFirst());
      boolean late = Stamps.nanos(first.inference()) > 250_000_000L;
      assertTrue(
          !late || Stamps.nanos(command.header().stamp()) > seen, "what is measured is newer");
      var _ = handle.cancel();
      RunningRobot.end(handle);
    }
  }

  @Test
  void aStaleJointStateHoldsTheArmUntilItIsFreshAgain() throws Exception {
    try (var robot = robot()) {
      robot.arm.run(10);
      var handle = robot.send(RunningRobot.goal());
      robot.arm.await(Command.POLICY);
      robot.arm.driver =
          s ->
              s.withHeader(
                  s.header()
                      .withStamp(Stamps.time(Stamps.nanos(s.header().stamp()) - 2_000_000_000L)));
      Status status = robot.arm.awaitHold("joint state of 'shoulder'");
      assertTrue(status.holdReason().contains("synchronise the clocks"), status.holdReason());
      assertEquals(new Hold(Hold.STALE, "shoulder"), status.hold());
      robot.arm.commands.clear();
      robot.arm.driver = s -> s;
      robot.arm.await(Command.POLICY);
      robot.label("", Outcome.SUCCESS, 0);
      assertEquals(Outcome.SUCCESS, RunningRobot.end(handle).outcome().outcome());
    }
  }

  @Test
  void observationsThatAreAllOldAreNotActedOn() throws Exception {
    try (var robot = robot("observation_timeout_s:=1.0")) {
      robot.arm.driver =
          s ->
              s.withHeader(
                  s.header()
                      .withStamp(Stamps.time(Stamps.nanos(s.header().stamp()) - 500_000_000L)));
      robot.arm.camera =
          i ->
              i.withHeader(
                  i.header()
                      .withStamp(Stamps.time(Stamps.nanos(i.header().stamp()) - 500_000_000L)));
      robot.arm.run(10);
      String reason = RunningRobot.end(robot.send(RunningRobot.goal())).outcome().reason();
      assertTrue(reason.contains("s old") && reason.contains("max_observation_age_s"), reason);
      assertEquals(0, robot.arm.commands.size());
    }
  }

  @Test
  void aCameraThatIsSilentEndsTheEpisodeWithItsName() throws Exception {
    try (var robot = robot("observation_timeout_s:=1.0", "camera.camera.topic:=other/image_raw");
        var silent =
            robot.arm.node.createPublisher(Image.TYPE, "other/image_raw", Qos.reliable(10))) {
      robot.arm.run(10);
      var result = RunningRobot.end(robot.send(RunningRobot.goal()));
      assertEquals(Outcome.ABORTED, result.outcome().outcome());
      String reason = result.outcome().reason();
      assertTrue(reason.contains("no image of camera 'camera' on 'other/image_raw'"), reason);
      assertTrue(reason.contains("set camera.camera.topic"), reason);
      assertEquals("", result.bag());
      assertEquals("/", silent.topic().substring(0, 1));
    }
  }

  @Test
  void aMissingJointEndsTheEpisodeWithItsName() throws Exception {
    try (var robot = robot("observation_timeout_s:=1.0")) {
      robot.arm.driver = s -> s.withName(List.of("shoulder", "elbow")).withPosition(new double[2]);
      robot.arm.run(10);
      String reason = RunningRobot.end(robot.send(RunningRobot.goal())).outcome().reason();
      assertTrue(reason.contains("joint 'wrist' is not in the joint state"), reason);
    }
  }

  @Test
  void anArmWhoseUrdfLacksAJointLaterIsNotMoved() throws Exception {
    try (var robot = robot("observation_timeout_s:=1.0")) {
      robot.arm.run(10);
      robot.send(RunningRobot.goal());
      robot.arm.await(Command.POLICY);
      assertTrue(robot.label("", Outcome.SUCCESS, 0).success());
      robot.arm.describe(PlanarArm.xml().replace("\"wrist\"", "\"gripper\""));
      var goal = RunningRobot.goal().withTimeLimit(new Duration(0, 300_000_000));
      String reason = "";
      for (int i = 0; i < 20 && !reason.contains("'gripper'"); i++) { // until it has come
        reason = RunningRobot.end(robot.send(goal)).outcome().reason();
      }
      assertTrue(reason.contains("'gripper'"), reason);
      assertFalse(robot.ended.isDone());
    }
  }

  @Test
  void aNodeWhoseBundleIsForAnotherArmEndsAndNamesTheJoint() throws Exception {
    Path bundle = folder.resolve("bundle");
    TestBundles.bundle(TestBundles.spec(), 0.1, 0).save(bundle);
    try (var robot = new RunningRobot(bundle, folder.resolve("rollouts"))) {
      robot.arm.describe(PlanarArm.xml().replace("\"wrist\"", "\"wrist_1\""));
      String described = RunningRobot.get(robot.ended);
      assertTrue(described.contains("joint 'wrist' of the bundle '" + bundle), described);
      assertTrue(described.contains("nearest: 'wrist_1'"), described);
    }
    try (var robot =
        new RunningRobot(bundle, folder.resolve("rollouts"), "observation_timeout_s:=1.0")) {
      robot.arm.driver = s -> s.withName(List.of("shoulder", "elbow")).withPosition(new double[2]);
      robot.arm.run(10);
      String measured = RunningRobot.get(robot.ended);
      assertTrue(measured.contains("joint 'wrist' of the bundle"), measured);
      assertTrue(measured.contains("joint states, which has [elbow, shoulder]"), measured);
    }
  }

  @Test
  void aNodeWhoseBundleSeesACameraThatNobodyPublishesEndsAndNamesIt() throws Exception {
    try (var robot =
        robot("observation_timeout_s:=1.0", "camera.camera.topic:=elsewhere/image_raw")) {
      robot.arm.run(10);
      String reason = RunningRobot.get(robot.ended);
      assertTrue(reason.contains("camera 'camera' of the bundle"), reason);
      assertTrue(reason.contains("/camera/image_raw, "), reason);
      assertTrue(reason.contains("set camera.camera.topic"), reason);
    }
  }

  @Test
  void aNodeWhoseCameraIsOfAnotherTypeEndsAndNamesBoth() throws Exception {
    try (var robot = robot("observation_timeout_s:=4.0", "camera.camera.topic:=camera/jpeg")) {
      robot.arm.node.createPublisher(CompressedImage.TYPE, "camera/jpeg", Qos.reliable(1));
      robot.arm.run(10);
      String reason = RunningRobot.get(robot.ended);
      String types = "is of [sensor_msgs/msg/CompressedImage] and not of sensor_msgs/msg/Image";
      assertTrue(reason.contains("/camera/jpeg' " + types), reason);
      assertTrue(reason.contains("Set camera.camera.topic"), reason);
    }
  }

  @Test
  void aStopEndsTheEpisodeWhereTheArmIsUntilItIsReset() throws Exception {
    try (var robot = robot()) {
      robot.arm.run(10);
      var handle = robot.send(RunningRobot.goal());
      robot.arm.await(Command.POLICY);
      assertTrue(robot.trigger("stop").success());
      var result = RunningRobot.end(handle);
      assertEquals(Outcome.ABORTED, result.outcome().outcome());
      assertTrue(result.outcome().reason().contains("stop"), result.outcome().reason());
      robot.arm.awaitHold("stopped");
      String refusal = RunningRobot.end(robot.send(RunningRobot.goal())).outcome().reason();
      assertTrue(refusal.contains("~/reset_stop"), refusal);
      assertTrue(robot.trigger("reset_stop").success());
      robot.arm.commands.clear();
      var again = robot.send(RunningRobot.goal());
      robot.arm.await(Command.POLICY);
      assertTrue(RunningRobot.get(again.cancel()));
      assertEquals(GoalStatus.CANCELED, RunningRobot.get(again.result()).status());
    }
  }

  @Test
  void aPersonTakesOverAndThePolicyGoesOnWhenTheyLetGo() throws Exception {
    try (var robot = robot()) {
      robot.arm.run(10);
      var handle = robot.send(RunningRobot.goal());
      robot.arm.await(Command.POLICY);
      double[] target = PlanarArm.inverse(0.42, 0.45);
      for (int i = 0; i < 4; i++) {
        robot.arm.command(0, target);
        Thread.sleep(100);
      }
      Command taken = robot.arm.await(Command.TELEOP);
      assertArrayEquals(target, taken.positions(), 0.1);
      robot.arm.await(Command.POLICY);
      robot.label("", Outcome.SUCCESS, 0);
      Episode episode = Episode.read(Path.of(RunningRobot.end(handle).bag()));
      assertTrue(episode.chunks().stream().anyMatch(c -> c.source().equals(Command.TELEOP)));
    }
  }

  @Test
  void aGoalThatCannotRunSaysWhy() throws Exception {
    try (var robot = robot()) {
      robot.arm.run(10);
      String words =
          RunningRobot.end(robot.send(RunningRobot.goal().withInstruction("fly home")))
              .outcome()
              .reason();
      assertTrue(words.contains("'fly'"), words);
      String cold =
          RunningRobot.end(robot.send(RunningRobot.goal().withTemperature(-1))).outcome().reason();
      assertTrue(cold.contains("temperature is -1.0"), cold);
      var first = robot.send(RunningRobot.goal());
      robot.arm.await(Command.POLICY);
      String second = RunningRobot.end(robot.send(RunningRobot.goal())).outcome().reason();
      assertTrue(second.contains("cancel it"), second);
      assertFalse(first.result().isDone());
    }
  }

  @Test
  void anEpisodeThatHasEndedCanStillBeLabelled() throws Exception {
    try (var robot = robot()) {
      robot.arm.run(10);
      var result =
          RunningRobot.end(
              robot.send(RunningRobot.goal().withTimeLimit(new Duration(0, 300_000_000))));
      assertEquals(Outcome.FAILURE, result.outcome().outcome());
      var label =
          robot.label(
              result.episodeId(), Outcome.SUCCESS, Stamps.nanos(result.outcome().header().stamp()));
      assertTrue(label.success(), label.message());
      assertTrue(Episode.read(Path.of(result.bag())).outcome().success());
      var unknown = robot.label("nonsense", Outcome.SUCCESS, 0);
      assertFalse(unknown.success());
      assertTrue(unknown.message().contains("'nonsense'"), unknown.message());
    }
  }

  @Test
  void aPersonWhoseInstructionIsKnownBeginsAnEpisodeByTakingOver() throws Exception {
    try (var robot = robot()) {
      robot.arm.run(10);
      double[] target = PlanarArm.inverse(0.42, 0.45);
      while (robot.arm.commands.size() < 3) { // so that what the first did was seen
        robot.arm.instruct(TestBundles.INSTRUCTION);
        robot.arm.command(0, target);
        Thread.sleep(50);
      }
      String id = robot.arm.await(Command.TELEOP).episodeId();
      assertTrue(robot.label("", Outcome.SUCCESS, 0).success());
      Path bag = folder.resolve("rollouts").resolve(id);
      robot.label(id, Outcome.SUCCESS, 0); // answers when the bag is closed
      Episode episode = Episode.read(bag);
      assertEquals(Command.TELEOP, episode.source());
      assertEquals(TestBundles.INSTRUCTION, episode.instruction());
    }
  }

  @Test
  void aPersonWhoseInstructionCannotBeOneIsToldWhyNothingMoves() throws Exception {
    try (var robot = robot()) {
      robot.arm.run(10);
      for (String[] wrong :
          new String[][] {
            {" ", "send a goal to ~/run_policy with teleop"},
            {"push ".repeat(2000), "has 10000 characters; give at most 1000"}
          }) {
        robot.arm.statuses.clear();
        while (robot.arm.statuses.stream().noneMatch(s -> s.holdReason().contains(wrong[1]))) {
          robot.arm.instruct(wrong[0]);
          robot.arm.command(0, PlanarArm.inverse(0.42, 0.45));
          Thread.sleep(50);
        }
      }
      assertTrue(robot.arm.commands.isEmpty());
    }
  }

  @Test
  void picturesAreRectifiedAsTheirCameraInfoSays() throws Exception {
    var camera =
        new BundleSpec.Camera(
            "camera", TestBundles.PIXELS, TestBundles.PIXELS, true, BundleSpec.Crop.NONE);
    var spec = TestBundles.spec(camera, PlanarArm.JOINTS, PlanarArm.SPACE, 0.1);
    Path bundle = folder.resolve("rectifying");
    TestBundles.bundle(spec, 0, 0).save(bundle);
    Refusal.of(
        RobotException.class,
        () -> new RunningRobot(bundle, folder.resolve("r"), "observation_timeout_s:=0.5").close(),
        "no camera_info came on {camera=camera/camera_info}");
    try (var robot = new RunningRobot(bundle, folder.resolve("rollouts"), arm -> arm.run(10))) {
      robot.arm.describe(PlanarArm.xml());
      robot.send(RunningRobot.goal());
      robot.arm.await(Command.POLICY);
    }
  }
}
