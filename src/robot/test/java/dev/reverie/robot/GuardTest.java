package dev.reverie.robot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.arm.PlanarArm;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.msgs.reverie.Hold;
import dev.reverie.msgs.reverie.Outcome;
import dev.reverie.msgs.reverie.RunPolicy;
import dev.reverie.msgs.reverie.SafetyEvent;
import dev.reverie.msgs.reverie.Status;
import dev.reverie.msgs.sensor_msgs.JointState;
import dev.reverie.msgs.std_msgs.Float64MultiArray;
import dev.reverie.msgs.trajectory_msgs.JointTrajectory;
import dev.reverie.rcljava.Qos;
import dev.reverie.rollout.BagMessages;
import dev.reverie.testing.Prepared;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Guards of a moving arm, in the node in real time. */
@Prepared
class GuardTest {
  @TempDir Path folder;

  private RunningRobot robot(String... parameters) {
    Path bundle = folder.resolve("bundle");
    TestBundles.bundle(TestBundles.spec(), 0.1, 0).save(bundle);
    var robot = new RunningRobot(bundle, folder.resolve("rollouts"), parameters);
    robot.arm.describe(PlanarArm.xml());
    robot.arm.run(30);
    return robot;
  }

  private static List<SafetyEvent> events(RunPolicy.Result result, byte kind) {
    List<SafetyEvent> found = new ArrayList<>();
    BagMessages bag = BagMessages.open(Path.of(result.bag()));
    bag.forEach(
        bag.types().keySet().stream()
            .filter(topic -> topic.endsWith("/robot/safety_event"))
            .collect(Collectors.toSet()),
        message -> found.add(SafetyEvent.TYPE.decode(message.data())));
    return found.stream().filter(event -> event.kind() == kind).toList();
  }

  private static Status awaitNotice(RunningRobot robot, String words) throws Exception {
    while (true) {
      Status status = TestArm.take(robot.arm.statuses, "status with the notice " + words);
      if (status.notices().stream().anyMatch(text -> text.contains(words))) {
        return status;
      }
    }
  }

  @Test
  void anArmWhoseControlThreadHangsIsBroughtToRestByATrajectoryThatEndsAtRest() throws Exception {
    try (var robot = robot()) {
      var handle = robot.send(RunningRobot.goal());
      robot.arm.await(Command.POLICY);
      List<JointTrajectory> sent = Collections.synchronizedList(new ArrayList<>());
      robot.arm.node.createSubscription(
          JointTrajectory.TYPE, "joint_trajectory", Qos.reliable(100), sent::add);
      while (sent.isEmpty()) {
        robot.arm.await(Command.POLICY);
      }
      robot.hang(Duration.ofSeconds(2));
      awaitNotice(robot, "no control tick for");
      for (JointTrajectory trajectory : sent) {
        assertArrayEquals(new double[3], trajectory.points().getLast().velocities(), 1e-9);
      }
      robot.arm.commands.clear();
      robot.arm.await(Command.POLICY); // it goes on
      robot.label("", Outcome.SUCCESS, 0);
      RunPolicy.Result result = RunningRobot.end(handle);
      List<SafetyEvent> braked = events(result, SafetyEvent.BRAKED);
      assertFalse(braked.isEmpty());
      assertEquals(result.episodeId(), braked.getFirst().episodeId());
    }
  }

  @Test
  void aStreamComesToRestWhileTheControlThreadHangs() throws Exception {
    try (var robot = robot("output:=stream", "require_listener:=false")) {
      List<double[]> sent = Collections.synchronizedList(new ArrayList<>());
      robot.arm.node.createSubscription(
          Float64MultiArray.TYPE,
          "forward_position_controller/commands",
          Qos.reliable(100),
          message -> {
            sent.add(message.data());
            robot.arm.positions = message.data();
          });
      robot.send(RunningRobot.goal());
      robot.arm.await(Command.POLICY);
      robot.arm.await(Command.POLICY);
      robot.hang(Duration.ofSeconds(3));
      Thread.sleep(1500);
      double[] then = sent.getLast();
      Thread.sleep(500);
      assertArrayEquals(then, sent.getLast(), "it rests, and the stream goes on");
      awaitNotice(robot, "no control tick for");
    }
  }

  /** Positions that stay as they were when this was made. */
  private static UnaryOperator<JointState> frozen(TestArm arm, double noise) {
    double[] stay = arm.positions.clone();
    var random = new Random(1);
    return state -> {
      double[] positions = stay.clone();
      for (int j = 0; j < positions.length; j++) {
        positions[j] += noise * random.nextGaussian();
      }
      return state.withPosition(positions);
    };
  }

  private void doesNotFollow(double noise, String words, String... parameters) throws Exception {
    try (var robot = robot(parameters)) {
      var handle = robot.send(RunningRobot.goal());
      robot.arm.await(Command.POLICY);
      robot.arm.driver = frozen(robot.arm, noise);
      Status status = robot.arm.awaitHold(words);
      assertEquals(Hold.NOT_FOLLOWING, status.hold().kind());
      assertTrue(PlanarArm.JOINTS.contains(status.hold().about()), status.hold().about());
      assertTrue(status.holdReason().contains("follow_tolerance_rad"), status.holdReason());
      robot.arm.commands.clear();
      robot.arm.driver = UnaryOperator.identity();
      robot.arm.await(Command.POLICY);
      robot.label("", Outcome.SUCCESS, 0);
      RunPolicy.Result result = RunningRobot.end(handle);
      assertTrue(
          events(result, SafetyEvent.NOTICED).stream().anyMatch(e -> e.reason().contains(words)));
      assertTrue(
          events(result, SafetyEvent.HELD).stream()
              .anyMatch(e -> e.why().kind() == Hold.NOT_FOLLOWING));
    }
  }

  @Test
  void anArmThatStaysWhereItIsHoldsWithTheJointThatDoesNotFollow() throws Exception {
    doesNotFollow(0.002, "from all that it was told in the last 0.3 s");
  }

  @Test
  void anArmOfWhichNoPositionChangesHoldsLongBeforeItShouldBeFarAway() throws Exception {
    doesNotFollow(0, "and the arm stands still");
  }

  @Test
  void anArmThatStandsStillHoldsAlsoWhereDeltasAddToWhatIsMeasured() throws Exception {
    doesNotFollow(0, "and the arm stands still", "deltas_from:=measured");
  }
}
