package dev.reverie.replay;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reverie.arm.PlanarArm;
import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.msgs.reverie.Outcome;
import dev.reverie.msgs.sensor_msgs.JointState;
import dev.reverie.msgs.std_msgs.Header;
import dev.reverie.policy.BundleSpec;
import dev.reverie.rcljava.Clock;
import dev.reverie.rcljava.Publisher;
import dev.reverie.rcljava.Qos;
import dev.reverie.robot.RunningRobot;
import dev.reverie.robot.TestArm;
import dev.reverie.robot.TestBundles;
import dev.reverie.robot.sense.JointReader;
import dev.reverie.rollout.Episode;
import dev.reverie.testing.Prepared;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bags of an arm whose joints came from two publishers, under other names than the policy's. */
@Prepared
class SeveralDriversReplayTest {
  @TempDir Path folder;

  private static JointState arm(JointState state) {
    return state
        .withName(List.of("left_shoulder", "left_elbow"))
        .withPosition(new double[] {state.position()[0], state.position()[1]});
  }

  private static void wrist(TestArm arm, Publisher<JointState> joints) {
    joints.publish(
        new JointState()
            .withHeader(new Header(Stamps.time(Clock.SYSTEM.nowNanos()), ""))
            .withName(List.of("w"))
            .withPosition(new double[] {arm.positions[2]}));
  }

  private Path record(Path bundle) throws Exception {
    try (var robot =
            new RunningRobot(
                bundle,
                folder.resolve("rollouts"),
                "joint_prefix:=left_",
                "joint_names:=['w=wrist']");
        ScheduledExecutorService gripper = Executors.newSingleThreadScheduledExecutor()) {
      robot.arm.describe(
          PlanarArm.xml()
              .replaceAll("(name|link)=\"(\\w+)\"", "$1=\"left_$2\"")
              .replace("\"left_wrist\"", "\"w\""));
      Publisher<JointState> joints =
          robot.arm.node.createPublisher(JointState.TYPE, "joint_states", Qos.reliable(10));
      var _ =
          gripper.scheduleAtFixedRate(() -> wrist(robot.arm, joints), 0, 7, TimeUnit.MILLISECONDS);
      robot.arm.driver = SeveralDriversReplayTest::arm;
      robot.arm.run(10);
      var handle = robot.send(RunningRobot.goal());
      for (int i = 0; i < 12; i++) {
        robot.arm.await(Command.POLICY);
      }
      robot.label("", Outcome.SUCCESS, 0);
      return Path.of(RunningRobot.end(handle).bag());
    }
  }

  @Test
  void replayAndReaderSeeTheJointsThatTheNodeSaw() throws Exception {
    Path bundle = folder.resolve("bundle");
    BundleSpec spec = TestBundles.spec();
    TestBundles.seeing(spec, 3).save(bundle);
    Path bag = record(bundle);

    Episode episode = Episode.read(bag);
    RecordedBag recorded = RecordedBag.open(bag, spec, BagOptions.NONE);
    var reader = new JointReader(spec.jointNames(), recorded.names());
    List<double[]> seen = new ArrayList<>();
    recorded.forEachObservation(
        observation -> seen.add(reader.read(observation.joints(), 0).orElseThrow().positions()));
    assertEquals(episode.steps().size() + 1, seen.size());
    for (int i = 0; i < episode.steps().size(); i++) {
      var step = episode.steps().get(i);
      assertArrayEquals(step.observation().jointPositions(), seen.get(i));
      if (step.command().source().equals(Command.POLICY)) {
        assertArrayEquals(step.command().measuredPositions(), seen.get(i), "as the node saw it");
      }
    }

    for (String how : List.of("--as-recorded", "--recorded-speed")) {
      JsonNode result = ReplayTest.replay(0, folder, "result", bag, "--policy", bundle, how);
      int observations = result.at("/counts/observations").asInt();
      int answered = result.at("/counts/answered").asInt();
      assertTrue(answered > observations / 2, how + ": " + answered + " of " + observations);
    }
  }
}
