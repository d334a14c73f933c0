package dev.reverie.robot.motion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.arm.JointBounds;
import dev.reverie.arm.JointSpace;
import dev.reverie.arm.Reference;
import dev.reverie.msgs.trajectory_msgs.JointTrajectoryPoint;
import java.util.List;
import java.util.Optional;
import java.util.function.LongFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BrakeFrameTest {
  private static final BrakeFrame.Way FIRST = new BrakeFrame.Way(1_000_000_000L, List.of());
  private static final BrakeFrame.Way LAST = new BrakeFrame.Way(1_100_000_000L, List.of());

  /** So much later than it was sent a controller heard of a trajectory. */
  private static final long LATE = 20_000_000L;

  private static final double ACCELERATION = 12;
  private static final JointSpace JOINT =
      new JointSpace(List.of(new JointBounds("j", "rad", false, -3, 3, 3, ACCELERATION, 72, 1)));

  private final BrakeFrame frame = new BrakeFrame(List.of(FIRST, LAST));

  @Test
  void theWayIsTheOneThatBeginsNext() {
    assertEquals(Optional.of(FIRST), frame.from(900_000_000L));
    assertEquals(Optional.of(FIRST), frame.from(1_000_000_000L));
    assertEquals(Optional.of(LAST), frame.from(1_000_000_001L));
    assertEquals(Optional.of(LAST), frame.from(1_115_000_000L));
  }

  @Test
  void anArmThatIsFurtherThanAllWaysIsNotThrownBack() {
    assertEquals(Optional.empty(), frame.from(1_130_000_000L));
    assertEquals(Optional.empty(), BrakeFrame.REST.from(0));
  }

  @Test
  void aControllerThatHeardTheLastTrajectoryLateIsBrakedWithinTheLimitOfAcceleration() {
    long now = 10_000_000_000L;
    var reference = new Reference(JOINT, 0.1, new double[1], now);
    List<double[]> targets =
        IntStream.rangeClosed(1, 12).mapToObj(k -> new double[] {0.05 * k}).toList();
    var _ = reference.follow(now, now, targets, true, 0.1);
    long begin = now + 500_000_000L;
    LongFunction<MotionState> asked = at -> MotionState.of(reference.plan(), at, 1);
    BrakeFrame.Way way =
        BrakeFrame.Way.of(
            begin, reference.braking(begin).getFirst(), asked, reference.limits(), new int[] {0});
    List<JointTrajectoryPoint> points =
        way.points().stream().map(point -> BrakeProcess.point(point, begin)).toList();
    var taken = SentTrajectory.of(asked.apply(begin - LATE), points, begin);
    double most = 0;
    for (long at = begin; at < begin + 500_000_000L; at += 1_000_000L) {
      most = Math.max(most, Math.abs(taken.at(at).acceleration()[0]));
    }
    assertTrue(most <= ACCELERATION, "%.1f rad/s^2".formatted(most));
    assertArrayEquals(
        way.points().getLast().positions(), taken.at(begin + 500_000_000L).position(), 1e-9);
  }
}
