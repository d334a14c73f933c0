package dev.reverie.rollout;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.sensor_msgs.JointState;
import dev.reverie.msgs.std_msgs.Header;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MergedJointsTest {
  private static final long MS = 1_000_000;

  private final MergedJoints joints = new MergedJoints(List.of("a", "b", "grip"));

  private Optional<MergedJoints.State> hear(long ms, List<String> names, double... positions) {
    var header = new Header(Stamps.time(ms * MS), "");
    var message = new JointState().withHeader(header).withName(names).withPosition(positions);
    return joints.add(message, JointReading.NEVER.source());
  }

  private Optional<MergedJoints.State> arm(long ms, double a, double b) {
    return hear(ms, List.of("b", "a"), b, a);
  }

  private Optional<MergedJoints.State> gripper(long ms, double position) {
    return hear(ms, List.of("grip"), position);
  }

  private static List<Long> ages(MergedJoints.State state) {
    return state.readings().stream().map(r -> (state.stampNanos() - r.stampNanos()) / MS).toList();
  }

  @Test
  void eachMessageMakesAStateWithWhatTheOthersToldLast() {
    gripper(100, 7);
    var state = arm(104, 1, 2).orElseThrow();
    assertArrayEquals(new double[] {1, 2, 7}, state.positions());
    assertEquals(104 * MS, state.stampNanos());
    assertEquals(List.of(0L, 0L, 4L), ages(state));
    state = arm(114, 3, 4).orElseThrow();
    assertArrayEquals(new double[] {3, 4, 7}, state.positions());
    assertEquals(List.of(0L, 0L, 14L), ages(state), "each joint has its own age");
  }

  @Test
  void aJointThatNobodyToldOfIsNotKnown() {
    var state = arm(100, 1, 2).orElseThrow();
    assertArrayEquals(new double[] {1, 2, Double.NaN}, state.positions());
    assertTrue(hear(100, List.of("wheel"), 3).isEmpty(), "another's joint tells nothing");
  }

  @Test
  void whatIsStampedBeforeTheLastStateCountsFromTheNextOneOn() {
    gripper(90, 6);
    arm(104, 1, 2);
    assertTrue(gripper(100, 7).isEmpty());
    assertArrayEquals(new double[] {3, 4, 7}, arm(114, 3, 4).orElseThrow().positions());
    assertTrue(gripper(95, 8).isEmpty(), "one that was overtaken");
    assertArrayEquals(new double[] {5, 6, 7}, arm(124, 5, 6).orElseThrow().positions());
  }

  @Test
  void ofOneStampTheLaterStateHasAll() {
    gripper(90, 6);
    arm(100, 1, 2);
    var state = gripper(100, 7).orElseThrow();
    assertEquals(100 * MS, state.stampNanos());
    assertArrayEquals(new double[] {1, 2, 7}, state.positions());
  }

  @Test
  void aWholeMessageIsAStateOfItsOwnWheneverItComes() {
    hear(100, List.of("a", "b", "grip"), 1, 2, 3);
    var late = hear(90, List.of("a", "b", "grip"), 4, 5, 6).orElseThrow();
    assertArrayEquals(new double[] {4, 5, 6}, late.positions());
    assertEquals(90 * MS, late.stampNanos());
    assertArrayEquals(new double[] {1, 2, 9}, gripper(110, 9).orElseThrow().positions());
  }

  @Test
  void afterAClockWasSetBackNothingOfBeforeCounts() {
    gripper(10_000, 6);
    arm(10_000, 1, 2);
    assertArrayEquals(new double[] {3, 4, Double.NaN}, arm(100, 3, 4).orElseThrow().positions());
    assertArrayEquals(new double[] {3, 4, 7}, gripper(110, 7).orElseThrow().positions());
  }

  @Test
  void clocksThatDifferBetweenPublishersDoNotUndoEachOther() {
    gripper(1000, 6);
    assertArrayEquals(new double[] {1, 2, 6}, arm(10_000, 1, 2).orElseThrow().positions());
    assertTrue(gripper(1100, 7).isEmpty());
    var state = arm(10_100, 1, 2).orElseThrow();
    assertArrayEquals(new double[] {1, 2, 7}, state.positions());
    assertEquals(List.of(0L, 0L, 9000L), ages(state));
  }

  @Test
  void velocitiesAndEffortsWithoutPositionsTellNothing() {
    hear(100, List.of("a", "b", "grip"), 1, 2, 3);
    var message =
        new JointState()
            .withHeader(new Header(Stamps.time(105 * MS), ""))
            .withName(List.of("a", "b", "grip"))
            .withVelocity(new double[3]);
    assertTrue(joints.add(message, JointReading.NEVER.source()).isEmpty());
    assertArrayEquals(new double[] {4, 5, 3}, arm(110, 4, 5).orElseThrow().positions());
  }

  @Test
  void aPositionThatIsNotToldIsNoNumber() {
    assertArrayEquals(
        new double[] {1, Double.NaN, Double.NaN},
        hear(100, List.of("a", "b"), 1).orElseThrow().positions());
  }
}
