package dev.reverie.robot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.arm.PlanarArm;
import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.msgs.reverie.Hold;
import dev.reverie.msgs.reverie.Outcome;
import dev.reverie.msgs.reverie.Status;
import dev.reverie.msgs.sensor_msgs.JointState;
import dev.reverie.msgs.std_msgs.Header;
import dev.reverie.rcljava.Clock;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.Publisher;
import dev.reverie.rcljava.Qos;
import dev.reverie.robot.setup.RobotException;
import dev.reverie.rollout.Episode;
import dev.reverie.testing.Prepared;
import dev.reverie.testing.Refusal;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An arm whose joints come from several publishers, or under other names. */
@Prepared
class SeveralDriversTest {
  @TempDir Path folder;

  private Path bundle;

  @BeforeEach
  void save() {
    bundle = folder.resolve("bundle");
    TestBundles.bundle(TestBundles.spec(), 0.1, 0).save(bundle);
  }

  /** A node of its own that publishes the wrist 40 times a second. */
  private static final class Wrist implements AutoCloseable {
    private final Node node;
    private final Publisher<JointState> joints;
    private final ScheduledExecutorService time = Executors.newSingleThreadScheduledExecutor();
    private volatile boolean silent;

    Wrist(TestArm arm) {
      node = arm.context.createNode("gripper");
      joints = node.createPublisher(JointState.TYPE, "joint_states", Qos.reliable(10));
      var _ = time.scheduleAtFixedRate(() -> tell(arm), 0, 25, TimeUnit.MILLISECONDS);
    }

    private void tell(TestArm arm) {
      if (!silent) {
        joints.publish(
            new JointState()
                .withHeader(new Header(Stamps.time(Clock.SYSTEM.nowNanos()), ""))
                .withName(List.of("wrist"))
                .withPosition(new double[] {arm.positions[2]}));
      }
    }

    @Override
    public void close() {
      time.close();
      node.close();
    }
  }

  private static JointState withoutWrist(JointState state) {
    return state
        .withName(state.name().subList(0, 2))
        .withPosition(new double[] {state.position()[0], state.position()[1]});
  }

  @Test
  void anArmAndItsGripperThatPublishApartAreMovedAndRecordedAsOne() throws Exception {
    try (var robot = new RunningRobot(bundle, folder.resolve("rollouts"));
        var wrist = new Wrist(robot.arm)) {
      robot.arm.describe(PlanarArm.xml());
      robot.arm.driver = SeveralDriversTest::withoutWrist;
      robot.arm.run(10);
      var handle = robot.send(RunningRobot.goal());
      for (int i = 0; i < 10; i++) {
        Command command = robot.arm.await(Command.POLICY);
        assertEquals(3, command.measuredPositions().length);
        assertTrue(Double.isFinite(command.measuredPositions()[2]));
      }
      wrist.silent = true;
      Status status = robot.arm.awaitHold("joint state of 'wrist'");
      assertEquals(new Hold(Hold.STALE, "wrist"), status.hold());
      wrist.silent = false;
      robot.arm.commands.clear();
      robot.arm.await(Command.POLICY);
      robot.label("", Outcome.SUCCESS, 0);
      Episode episode = Episode.read(Path.of(RunningRobot.end(handle).bag()));
      assertEquals(PlanarArm.JOINTS, episode.jointNames());
      assertTrue(episode.steps().size() > 5, episode.steps().size() + " steps");
    }
  }

  @Test
  void aJointOfTwoNodesHoldsTheArmUntilOneIsStopped() throws Exception {
    try (var robot = new RunningRobot(bundle, folder.resolve("rollouts"))) {
      robot.arm.describe(PlanarArm.xml());
      robot.arm.run(10);
      var handle = robot.send(RunningRobot.goal());
      robot.arm.await(Command.POLICY);
      try (var _ = new Wrist(robot.arm)) {
        Status status = robot.arm.awaitHold("joint 'wrist' comes from two publishers");
        assertEquals(new Hold(Hold.DUPLICATE_JOINT, "wrist"), status.hold());
        String namespace = robot.arm.node.namespace();
        // A publisher may be discovered before its node is.
        status = robot.arm.awaitHold("of %1$s/arm and of %1$s/gripper".formatted(namespace));
        assertEquals(new Hold(Hold.DUPLICATE_JOINT, "wrist"), status.hold());
      }
      robot.arm.commands.clear();
      robot.arm.await(Command.POLICY);
      var _ = handle.cancel();
    }
  }

  private static JointState renamed(JointState state) {
    return state.withName(List.of("left_shoulder", "left_elbow", "w"));
  }

  /** The planar arm as the left one of two: all names have a prefix, but for the wrist. */
  private static String leftArm() {
    return PlanarArm.xml()
        .replaceAll("(name|link)=\"(\\w+)\"", "$1=\"left_$2\"")
        .replace("\"left_wrist\"", "\"w\"");
  }

  @Test
  void jointsAndLinksMayHaveAPrefixAndOtherNames() throws Exception {
    try (var robot =
        new RunningRobot(
            bundle,
            folder.resolve("rollouts"),
            "joint_prefix:=left_",
            "joint_names:=['w=wrist']")) {
      robot.arm.describe(leftArm());
      robot.arm.driver = SeveralDriversTest::renamed;
      robot.arm.run(10);
      var handle = robot.send(RunningRobot.goal());
      Command command = robot.arm.await(Command.POLICY);
      assertEquals(PlanarArm.JOINTS, command.jointNames(), "the policy's own names");
      for (int i = 0; i < 5; i++) {
        robot.arm.await(Command.POLICY);
      }
      robot.label("", Outcome.SUCCESS, 0);
      Episode episode = Episode.read(Path.of(RunningRobot.end(handle).bag()));
      assertEquals(PlanarArm.JOINTS, episode.jointNames());
      assertTrue(episode.steps().size() > 3, episode.steps().size() + " steps");
    }
  }

  @Test
  void theControllerGetsTheNamesThatItKnows() throws Exception {
    try (var robot =
        new RunningRobot(
            bundle,
            folder.resolve("rollouts"),
            "joint_prefix:=left_",
            "joint_names:=['w=wrist']")) {
      robot.arm.describe(leftArm());
      robot.arm.driver = SeveralDriversTest::renamed;
      robot.send(RunningRobot.goal());
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
      while (robot.arm.trajectories.isEmpty() && System.nanoTime() < end) {
        robot.arm.observe(Clock.SYSTEM.nowNanos());
        Thread.sleep(50);
      }
      assertEquals(
          List.of("left_shoulder", "left_elbow", "w"),
          TestArm.take(robot.arm.trajectories, "trajectory").jointNames());
    }
  }

  @Test
  void anArmWithAPrefixThatIsNotSetEndsTheNodeWithTheNearestNames() throws Exception {
    try (var robot = new RunningRobot(bundle, folder.resolve("rollouts"))) {
      robot.arm.describe(leftArm());
      String reason = RunningRobot.get(robot.ended);
      assertTrue(reason.contains("nearest: 'left_shoulder'"), reason);
      assertTrue(reason.contains("joint_prefix"), reason);
    }
  }

  @Test
  void namesThatNameNoJointOrOneTwiceEndTheNodeAtItsStart() {
    refused("joint_names:=['wrist']", "parameter joint_names: 'wrist' names no joint");
    refused(
        "joint_names:=['w=wirst']",
        "'wirst' is none of the joints [shoulder, elbow, wrist]; nearest: 'wrist'");
    refused("joint_names:=['elbow=shoulder']", "'shoulder' and 'elbow' are both called 'elbow'");
  }

  private void refused(String parameter, String told) {
    Refusal.of(
        RobotException.class,
        () -> new RunningRobot(bundle, folder.resolve("rollouts"), parameter),
        told);
  }
}
