package dev.reverie.robot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.arm.PlanarArm;
import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.msgs.reverie.Hold;
import dev.reverie.msgs.reverie.RunPolicy;
import dev.reverie.msgs.reverie.Status;
import dev.reverie.msgs.trajectory_msgs.JointTrajectory;
import dev.reverie.msgs.trajectory_msgs.JointTrajectoryPoint;
import dev.reverie.rcljava.Clock;
import dev.reverie.rcljava.Parameter;
import dev.reverie.rcljava.Qos;
import dev.reverie.rcljava.action.ActionClient;
import dev.reverie.testing.Prepared;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The node as a process that is stopped, goes on, and is killed while the arm moves. */
@Prepared
class StoppedNodeTest {
  private static final double VELOCITY = 5; // rad/s, of the planar arm's URDF

  @TempDir Path folder;

  /** A namespace of each test's own: a node that was killed stays listed for some time. */
  private final String namespace =
      "/stopped_%d_%d".formatted(ProcessHandle.current().pid(), System.identityHashCode(this));

  private final BlockingQueue<JointTrajectory> sent = new LinkedBlockingQueue<>();
  private TestArm arm;
  private Process node;

  @BeforeEach
  void aPolicyMovesTheArm() throws Exception {
    Path bundle = folder.resolve("bundle");
    TestBundles.bundle(TestBundles.spec(), 0.1, 0).save(bundle);
    arm = new TestArm(namespace);
    arm.node.createSubscription(
        JointTrajectory.TYPE, "joint_trajectory", Qos.reliable(100), sent::add);
    arm.describe(PlanarArm.xml());
    arm.run(30);
    node = start(bundle);
    var run = new ActionClient<>(arm.node, RunPolicy.TYPE, "robot/run_policy");
    assertTrue(run.waitForServer(Duration.ofSeconds(60)), "the node is there");
    while (TestArm.take(arm.statuses, "status").hold().kind() != Hold.NO_EPISODE) {
      // it is about to be activated, or the process that would brake the arm does not reach it yet
    }
    RunningRobot.get(run.sendGoal(RunningRobot.goal(), feedback -> {}));
    for (int i = 0; i < 5; i++) {
      arm.await(Command.POLICY);
    }
    for (Status status : arm.statuses) {
      assertNotEquals(Hold.NO_CONTROLLER, status.hold().kind(), status.holdReason());
    }
    sent.clear();
    TestArm.take(sent, "trajectory"); // the arm moves just now
  }

  private Process start(Path bundle) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            System.getProperty("java.class.path"),
            RobotCommand.class.getName(),
            "--ros-args",
            "-r",
            "__ns:=" + namespace,
            "-p",
            "bundle:=" + Parameter.quoted(bundle),
            "-p",
            "rollouts_dir:=" + Parameter.quoted(folder.resolve("rollouts")))
        .inheritIO()
        .start();
  }

  @AfterEach
  void end() throws InterruptedException {
    node.destroyForcibly().waitFor();
    arm.close();
  }

  private void signal(String name) throws Exception {
    var kill = new ProcessBuilder("kill", "-" + name, String.valueOf(node.pid())).start();
    assertEquals(0, kill.waitFor());
  }

  /**
   * Waits for the trajectory that brakes, behind what the node had still sent, until the arm is at
   * its end.
   */
  private double[] braked() throws InterruptedException {
    JointTrajectory brake = TestArm.take(sent, "trajectory that brakes");
    for (JointTrajectory next = brake; next != null; next = sent.poll(1, TimeUnit.SECONDS)) {
      brake = next;
    }
    assertEquals(PlanarArm.JOINTS, brake.jointNames());
    long first = Stamps.nanos(brake.points().getFirst().timeFromStart());
    assertTrue(first < 150_000_000L, "the brakes' way begins at once, not as one of the node's");
    JointTrajectoryPoint end = brake.points().getLast();
    assertArrayEquals(new double[3], end.velocities(), 1e-9);
    for (int i = 0; i < 500 && !Arrays.equals(end.positions(), arm.positions); i++) {
      Thread.sleep(10);
    }
    assertArrayEquals(end.positions(), arm.positions);
    return end.positions();
  }

  @Test
  void aNodeThatIsStoppedIsBrakedForAndGoesOnFromThereWithFreshObservations() throws Exception {
    signal("STOP");
    double[] rest = braked();

    arm.commands.clear();
    long went = Clock.SYSTEM.nowNanos();
    signal("CONT");
    JointTrajectory next = TestArm.take(sent, "trajectory");
    double[] from = rest;
    double since = 0;
    for (JointTrajectoryPoint point : next.points()) {
      double at = Stamps.nanos(point.timeFromStart()) / 1e9;
      for (int j = 0; j < from.length; j++) {
        double way = Math.abs(point.positions()[j] - from[j]);
        assertTrue(way <= VELOCITY * (at - since), way + " rad in " + (at - since) + " s");
      }
      from = point.positions();
      since = at;
    }
    Command command = arm.await(Command.POLICY);
    assertTrue(Stamps.nanos(command.header().stamp()) > went, "of a fresh observation");
  }

  @Test
  void aNodeThatIsKilledIsBrakedFor() throws Exception {
    node.destroyForcibly().waitFor();
    braked();
  }
}
