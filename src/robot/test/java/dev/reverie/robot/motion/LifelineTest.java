package dev.reverie.robot.motion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.arm.JointBounds;
import dev.reverie.arm.JointSpace;
import dev.reverie.arm.Reference;
import dev.reverie.msgs.trajectory_msgs.JointTrajectory;
import dev.reverie.rcljava.Context;
import dev.reverie.rcljava.Qos;
import dev.reverie.robot.sense.HoldReason.Kind;
import dev.reverie.testing.Prepared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The process that brakes, and what the node knows of it. */
@Prepared
class LifelineTest {
  private static final JointSpace JOINT =
      new JointSpace(List.of(new JointBounds("j", "rad", false, -3, 3, 3, 12, 240, 1)));

  private final BlockingQueue<String> lost = new LinkedBlockingQueue<>();

  @Test
  void theArmIsNotMovedUntilWhatBrakesItReachesAllThatTheNodeReaches() throws Exception {
    String topic = "/lifeline_%d/trajectory".formatted(ProcessHandle.current().pid());
    try (Context context = Context.init()) {
      var node = context.createNode("arm_" + ProcessHandle.current().pid());
      var publisher = node.createPublisher(JointTrajectory.TYPE, topic, Qos.reliable(10));
      var drive = new Trajectories(List.of("j"), trajectory -> {});
      int[] claimed = {1}; // a subscription that the process cannot find
      try (var lifeline =
          new Lifeline(
              node.namespace(),
              "_brake_" + ProcessHandle.current().pid(),
              topic,
              List.of("j"),
              new int[] {0},
              Optional::empty,
              drive,
              () -> Math.max(claimed[0], publisher.subscriptionCount()),
              ago -> {},
              lost::add)) {
        assertEquals(
            "the process that brakes the arm if this one dies does not reach '%s' yet; where it stays so, end processes that are left over, and restart the node"
                .formatted(topic),
            lifeline.fault().orElseThrow().text());
        assertEquals(Kind.NO_CONTROLLER, lifeline.fault().orElseThrow().kind());

        var controller =
            node.createSubscription(JointTrajectory.TYPE, topic, Qos.reliable(10), m -> {});
        await(() -> lifeline.fault().isEmpty());
        assertFalse(sharesMemory(), "who is stopped with a lock of the segment would stop it too");
        claimed[0] = 2;
        assertTrue(lifeline.fault().isEmpty(), "who listens later does not hold an arm that moves");

        controller.close();
        await(() -> lifeline.fault().isPresent());
      }
      assertTrue(lost.isEmpty());
    }
  }

  /** Returns whether the process that brakes has a segment of Fast DDS's. */
  private static boolean sharesMemory() throws IOException {
    ProcessHandle brakes = ProcessHandle.current().children().findFirst().orElseThrow();
    try (Stream<String> maps = Files.lines(Path.of("/proc", "" + brakes.pid(), "maps"))) {
      return maps.anyMatch(line -> line.contains("/dev/shm/fastrtps_"));
    }
  }

  @Test
  @Timeout(60)
  void whatBrakesTheArmWaitsForNoAnswerOfTheMiddleware() throws Exception {
    String topic = "/lifeline_busy_%d/trajectory".formatted(ProcessHandle.current().pid());
    try (Context context = Context.init()) {
      var node = context.createNode("busy_arm_" + ProcessHandle.current().pid());
      var asked = new CountDownLatch(1);
      var answer = new CountDownLatch(1);
      try (var lifeline =
          new Lifeline(
              node.namespace(),
              "_busy_brake_" + ProcessHandle.current().pid(),
              topic,
              List.of("j"),
              new int[] {0},
              Optional::empty,
              new Trajectories(List.of("j"), trajectory -> {}),
              () -> {
                asked.countDown();
                return waited(answer);
              },
              ago -> {},
              lost::add)) {
        Thread control = Thread.ofPlatform().start(lifeline::fault);
        asked.await();
        lifeline.settle(new Reference(JOINT, 0.1, new double[1], 0));
        answer.countDown();
        control.join();
      }
    }
  }

  private static int waited(CountDownLatch answer) {
    try {
      answer.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return 0;
  }

  private interface Check {
    boolean holds();
  }

  private static void await(Check check) throws InterruptedException {
    long begun = System.nanoTime();
    while (!check.holds()) {
      assertTrue(System.nanoTime() - begun < TimeUnit.SECONDS.toNanos(30), "within 30 s");
      Thread.sleep(10);
    }
  }
}
