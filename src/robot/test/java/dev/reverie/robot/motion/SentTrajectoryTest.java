package dev.reverie.robot.motion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.arm.JointBounds;
import dev.reverie.arm.JointSpace;
import dev.reverie.arm.Reference;
import dev.reverie.msgs.trajectory_msgs.JointTrajectory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The motion that a controller asks of an arm that was sent a trajectory. */
class SentTrajectoryTest {
  private static final long MS = 1_000_000;

  /** Part of the limit that is kept from what the node cannot know: when a message comes. */
  private static final double EASY = 0.75;

  private static final double ACCELERATION = 12;
  private static final JointSpace JOINT =
      new JointSpace(List.of(new JointBounds("j", "rad", false, -3, 3, 3, ACCELERATION, 240, 1)));

  @Test
  void aControllerThatIsBehindComesBackToThePlanWithinTheLimitOfAcceleration() {
    var reference = new Reference(JOINT, 0.1, new double[1], 0);
    List<double[]> targets =
        List.of(new double[] {0.05}, new double[] {0.1}, new double[] {0.15}, new double[] {0.2});
    var _ = reference.follow(0, 0, targets, true, 0.1);
    long now = 150_000_000L;
    MotionState planned = MotionState.of(reference.plan(), now, 1);
    double[] behind = {planned.position()[0] - 0.03};
    var asked = new MotionState(behind, planned.velocity(), planned.acceleration());
    var points = Trajectories.points(reference.plan(), reference.limits(), asked, behind, now);
    var sent = SentTrajectory.of(asked, points, now);
    assertArrayEquals(behind, sent.at(now).position(), 1e-9);
    for (long t = now; t < now + 1_000_000_000L; t += 5_000_000L) {
      double acceleration = Math.abs(sent.at(t).acceleration()[0]);
      assertTrue(acceleration <= EASY * ACCELERATION, "%.1f rad/s^2".formatted(acceleration));
    }
    assertArrayEquals(reference.plan().end(), sent.at(now + 2_000_000_000L).position(), 1e-9);
  }

  @Test
  void aControllerThatHearsLateOfAMotionFromRestCatchesUpEasily() {
    long now = System.nanoTime();
    var reference = new Reference(JOINT, 0.1, new double[1], now - 200 * MS);
    List<JointTrajectory> messages = new ArrayList<>();
    var trajectories = new Trajectories(List.of("j"), messages::add);
    trajectories.follow(reference);
    List<double[]> targets =
        IntStream.rangeClosed(1, 8).mapToObj(k -> new double[] {0.05 * k}).toList();
    var _ = reference.follow(now - 60 * MS, now - 60 * MS, targets, true, 0.1);
    trajectories.planned(new double[1]);
    var rests = new MotionState(new double[1], new double[1], new double[1]);
    var sent = SentTrajectory.of(rests, messages.getFirst().points(), 0);
    for (long t = 0; t < 1000 * MS; t += 5 * MS) {
      double acceleration = Math.abs(sent.at(t).acceleration()[0]);
      assertTrue(acceleration <= EASY * ACCELERATION, "%.1f rad/s^2".formatted(acceleration));
    }
  }

  @Test
  void anArmThatIsAboutToRestIsNotToldAnewWhichWouldPutItsRestOff() {
    var now = new AtomicLong(1000 * MS);
    var reference = new Reference(JOINT, 0.1, new double[1], now.get());
    List<JointTrajectory> messages = new ArrayList<>();
    var trajectories = new Trajectories(List.of("j"), messages::add, now::get);
    trajectories.follow(reference);
    List<double[]> targets =
        IntStream.rangeClosed(1, 8).mapToObj(k -> new double[] {0.05 * k}).toList();
    var _ = reference.follow(now.get(), now.get(), targets, true, 0.1);
    trajectories.planned(new double[1]);
    now.addAndGet(400 * MS);
    reference.rest(now.get());
    trajectories.planned(new double[1]);
    long rests = reference.plan().endNanos();
    for (; now.get() < rests; now.addAndGet(10 * MS)) {
      trajectories.planned(new double[1]);
    }
    MotionState last = trajectories.asked().orElseThrow().apply(rests + 20 * MS);
    assertArrayEquals(reference.plan().end(), last.position(), 1e-9);
    assertEquals(0, last.velocity()[0], 1e-9);
    int braking = messages.size();
    trajectories.planned(new double[1]);
    assertEquals(braking + 1, messages.size(), "at rest it is told again");
  }
}
