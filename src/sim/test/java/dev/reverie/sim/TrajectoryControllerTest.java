package dev.reverie.sim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.std_msgs.Header;
import dev.reverie.msgs.trajectory_msgs.JointTrajectory;
import dev.reverie.msgs.trajectory_msgs.JointTrajectoryPoint;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TrajectoryControllerTest {
  private static final long START = 1_700_000_000_000_000_000L;
  private static final long SECOND = 1_000_000_000L;
  private static final double[] NONE = {};

  private final TrajectoryController controller =
      new TrajectoryController(List.of("a", "b"), new double[] {1, 2}, false);

  private static JointTrajectoryPoint point(double s, double[] positions, double[] velocities) {
    return new JointTrajectoryPoint()
        .withTimeFromStart(Stamps.duration(Math.round(s * SECOND)))
        .withPositions(positions)
        .withVelocities(velocities);
  }

  private static JointTrajectory trajectory(
      long stampNanos, List<String> joints, JointTrajectoryPoint... points) {
    return new JointTrajectory(new Header(Stamps.time(stampNanos), ""), joints, List.of(points));
  }

  private static JointTrajectory toward(long stampNanos, double seconds) {
    return trajectory(stampNanos, List.of("a", "b"), point(seconds, new double[] {2, 4}, NONE));
  }

  private double[] at(double s) {
    double[] positions = new double[2];
    controller.sample(START + Math.round(s * SECOND), positions, new double[2]);
    return positions;
  }

  private double[] speedAt(double s) {
    double[] velocities = new double[2];
    controller.sample(START + Math.round(s * SECOND), new double[2], velocities);
    return velocities;
  }

  private String dropped(JointTrajectory message) {
    return controller.offer(message, START).orElse("");
  }

  @Test
  void withoutVelocitiesItGoesStraightAndHoldsAtTheEnd() {
    assertArrayEquals(new double[] {1, 2}, at(5));
    assertEquals("", dropped(toward(0, 2)));
    assertArrayEquals(new double[] {1.5, 3}, at(1), 1e-9);
    assertArrayEquals(new double[] {0.5, 1}, speedAt(1), 1e-9);
    assertArrayEquals(new double[] {2, 4}, at(9), 1e-9);
    assertArrayEquals(new double[] {0, 0}, speedAt(9), 1e-9);
  }

  @Test
  void jointsMayComeInAnyOrder() {
    assertEquals(
        "", dropped(trajectory(0, List.of("b", "a"), point(1, new double[] {4, 2}, NONE))));
    assertArrayEquals(new double[] {2, 4}, at(1), 1e-9);
  }

  @Test
  void withVelocitiesItIsCubicAndWithAccelerationsQuintic() {
    double[] end = {2, 4};
    double[] still = {0, 0};
    assertEquals("", dropped(trajectory(0, List.of("a", "b"), point(2, end, still))));
    assertArrayEquals(new double[] {1.5, 3}, at(1), 1e-9);
    assertArrayEquals(new double[] {0.75, 1.5}, speedAt(1), 1e-9); // 1.5 x the mean
    assertArrayEquals(still, speedAt(0), 1e-9);

    double[] there = {2, 4};
    var first = point(1, new double[] {1, 2}, still).withAccelerations(still);
    var last = point(3, there, still).withAccelerations(still);
    controller.hold(new double[] {1, 2});
    assertEquals("", dropped(trajectory(0, List.of("a", "b"), first, last)));
    assertArrayEquals(new double[] {1.5, 3}, at(2), 1e-9);
    assertArrayEquals(new double[] {0.9375, 1.875}, speedAt(2), 1e-9); // 15/8 x the mean
    assertArrayEquals(still, speedAt(2.999999999), 1e-6);
  }

  @Test
  void aNewTrajectoryTakesOverInMotion() {
    assertEquals("", dropped(toward(0, 2)));
    double[] back = {1, 2};
    var next = trajectory(0, List.of("a", "b"), point(1, back, new double[2]));
    assertEquals(Optional.empty(), controller.offer(next, START + SECOND));
    assertArrayEquals(new double[] {1.5, 3}, at(1), 1e-9);
    assertArrayEquals(new double[] {0.5, 1}, speedAt(1), 1e-9); // no jump in velocity
    assertArrayEquals(back, at(2), 1e-9);
  }

  @Test
  void aStampInThePastLeavesTheRestOfTheTimeAndNoneLeftIsDropped() {
    assertEquals("", dropped(toward(START - SECOND, 2)));
    assertArrayEquals(new double[] {1.5, 3}, at(0.5), 1e-9);
    assertArrayEquals(new double[] {2, 4}, at(1), 1e-9);
    controller.hold(new double[] {1, 2});
    assertEquals("ends in the past", dropped(toward(START - 3 * SECOND, 2)));
    assertArrayEquals(new double[] {1, 2}, at(1), 1e-9);
  }

  @Test
  void whatMakesNoSenseIsDroppedAndTheArmGoesOn() {
    assertEquals("", dropped(toward(0, 2)));
    double[] end = {2, 4};
    List<String> both = List.of("a", "b");
    assertEquals("joints", dropped(trajectory(0, List.of("a"), point(1, new double[1], NONE))));
    assertEquals("joints", dropped(trajectory(0, List.of("a", "a"), point(1, end, NONE))));
    assertEquals("empty", dropped(trajectory(0, both)));
    assertEquals("sizes", dropped(trajectory(0, both, point(1, new double[1], NONE))));
    assertEquals("sizes", dropped(trajectory(0, both, point(1, end, new double[1]))));
    assertEquals(
        "not finite", dropped(trajectory(0, both, point(1, new double[] {Double.NaN, 0}, NONE))));
    assertEquals(
        "times do not grow",
        dropped(trajectory(0, both, point(1, end, NONE), point(1, end, NONE))));
    assertEquals(
        "velocity at the end", dropped(trajectory(0, both, point(1, end, new double[] {0.1, 0}))));
    assertArrayEquals(new double[] {1.5, 3}, at(1), 1e-9);
  }
}
