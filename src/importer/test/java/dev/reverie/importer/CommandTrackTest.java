package dev.reverie.importer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.arm.JointBounds;
import dev.reverie.arm.JointSpace;
import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.sensor_msgs.JointState;
import dev.reverie.msgs.trajectory_msgs.JointTrajectory;
import dev.reverie.msgs.trajectory_msgs.JointTrajectoryPoint;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CommandTrackTest {
  private static final long SECOND = 1_000_000_000L;
  private static final List<String> JOINTS = List.of("a", "b");

  private static final List<JointUnit> RAD = List.of(JointUnit.RAD, JointUnit.RAD);

  private final JointTrack measured = new JointTrack(JOINTS, Map.of("a", "a", "b", "b"), RAD);

  private JointSpace space = space(false);

  private static JointSpace space(boolean continuous) {
    double none = Double.POSITIVE_INFINITY;
    return new JointSpace(
        JOINTS.stream()
            .map(j -> new JointBounds(j, "rad", continuous, -none, none, 1, none, none, none))
            .toList());
  }

  private CommandTrack track(long afterNanos) {
    var mapping =
        new Mapping.Commands("/c", Map.of("A", "a", "B", "b"), List.of("a", "b"), afterNanos, RAD);
    return new CommandTrack(JOINTS, mapping);
  }

  private static JointTrajectoryPoint point(double seconds, double... positions) {
    return new JointTrajectoryPoint()
        .withPositions(positions)
        .withTimeFromStart(Stamps.duration(Math.round(seconds * SECOND)));
  }

  private double[] target(CommandTrack track, double seconds) {
    double[] targets = {9, 9};
    track.target(Math.round(seconds * SECOND), SECOND / 10, measured, space, targets);
    return targets;
  }

  @Test
  void aTrajectorySendsTheArmWhereItIsAPeriodLater() {
    measured.add(
        10 * SECOND,
        new JointState().withName(List.of("a", "b")).withPosition(new double[] {0, 1}));
    CommandTrack track = track(0);
    track.add(
        10 * SECOND,
        new JointTrajectory()
            .withJointNames(List.of("B", "A"))
            .withPoints(List.of(point(1, 3, 1), point(2, 3, 5))));
    assertFalse(track.inForce(9 * SECOND));
    assertArrayEquals(new double[] {9, 9}, target(track, 9));
    assertArrayEquals(new double[] {0.1, 1.2}, target(track, 10), 1e-9); // from where it was
    assertArrayEquals(new double[] {1, 3}, target(track, 10.9), 1e-9);
    assertArrayEquals(new double[] {3, 3}, target(track, 11.4), 1e-9);
    assertArrayEquals(new double[] {5, 3}, target(track, 20), 1e-9);
    assertEquals(2 * SECOND, track.lastsNanos(10 * SECOND));
  }

  @Test
  void jointsThatAreNotNamedStayAndOtherNamesAreCounted() {
    CommandTrack track = track(0);
    track.add(0, new JointState().withName(List.of("B")).withPosition(new double[] {2}));
    track.add(1, new JointState().withName(List.of("b")).withPosition(new double[] {2}));
    track.add(2, new JointState().withName(List.of("B")).withPosition(new double[] {Double.NaN}));
    assertArrayEquals(new double[] {9, 2}, target(track, 1));
    assertEquals(2, track.unusable());
  }

  @Test
  void aCommandThatAnswersAnObservationMayComeAfterIt() {
    var command = new JointState().withName(List.of("A")).withPosition(new double[] {2});
    CommandTrack strict = track(0);
    CommandTrack late = track(SECOND / 20);
    strict.add(SECOND + SECOND / 25, command);
    late.add(SECOND + SECOND / 25, command);
    assertFalse(strict.inForce(SECOND));
    assertTrue(late.inForce(SECOND));
    assertArrayEquals(new double[] {2, 9}, target(late, 1));
  }

  @Test
  void aContinuousJointGoesTheShortWayThroughPi() {
    space = space(true);
    measured.add(0, both(3.1));
    measured.add(SECOND / 5, both(-3.1));
    double way = 2 * Math.PI - 6.2;
    assertArrayEquals(row(3.1 + way / 4), measured.at(SECOND / 20, space), 1e-9);
    assertArrayEquals(row(-3.1 - way / 4), measured.at(SECOND * 3 / 20, space), 1e-9);
    CommandTrack track = track(0);
    track.add(
        0,
        new JointTrajectory()
            .withJointNames(List.of("A", "B"))
            .withPoints(List.of(point(1, -3.1, -3.1))));
    assertArrayEquals(row(-3.1 - way / 2), target(track, 0.4), 1e-9);
  }

  private static JointState both(double position) {
    return new JointState().withName(JOINTS).withPosition(row(position));
  }

  private static double[] row(double position) {
    return new double[] {position, position};
  }
}
