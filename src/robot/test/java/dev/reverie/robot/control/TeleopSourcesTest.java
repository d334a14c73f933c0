package dev.reverie.robot.control;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.arm.ArmFile.Teleoperation;
import dev.reverie.arm.PlanarArm;
import dev.reverie.arm.TipJog;
import dev.reverie.msgs.geometry_msgs.Twist;
import dev.reverie.msgs.geometry_msgs.TwistStamped;
import dev.reverie.msgs.geometry_msgs.Vector3;
import dev.reverie.msgs.sensor_msgs.JointState;
import dev.reverie.msgs.std_msgs.Float64;
import dev.reverie.msgs.std_msgs.Header;
import dev.reverie.robot.sense.HoldReason;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TeleopSourcesTest {
  private static final long SECOND = 1_000_000_000L;
  private static final Teleoperation HOW =
      new Teleoperation(
          "teleop",
          "leader",
          Map.of("s", "shoulder", "e", "elbow"),
          "twist",
          "tip",
          "grip",
          "wrist");

  private Optional<double[]> measured = Optional.of(PlanarArm.inverse(0.5, 0.3));
  private final TeleopSources sources =
      new TeleopSources(
          PlanarArm.JOINTS,
          HOW,
          () -> Optional.of(new TipJog(PlanarArm.urdf(), PlanarArm.JOINTS, "tip")),
          () -> measured);

  private static JointState leader(List<String> names, double... positions) {
    return new JointState().withName(names).withPosition(positions);
  }

  private static TwistStamped forward(String frame, double x) {
    return new TwistStamped(
        new Header().withFrameId(frame), new Twist(new Vector3(x, 0, 0), new Vector3()));
  }

  private static String fault(TeleopCommand command) {
    return command.fault().map(HoldReason::text).orElse("");
  }

  @Test
  void aLeaderArmIsFollowedByNameAndWhatItLacksStays() {
    TeleopCommand command = sources.leader(leader(List.of("x", "e", "s"), 9, 2, 1), SECOND);
    assertArrayEquals(new double[] {1, 2, measured.orElseThrow()[2]}, command.positions());
    assertEquals("leader", command.source());
  }

  @Test
  void aGripperGoesOnFromWhatThePersonCommandedLast() {
    sources.leader(leader(List.of("s"), 1), SECOND);
    TeleopCommand command = sources.gripper(new Float64(0.7), SECOND + 1);
    assertEquals(1, command.positions()[0]);
    assertEquals(0.7, command.positions()[2]);
    TeleopCommand later = sources.gripper(new Float64(0.7), 3 * SECOND);
    assertEquals(measured.orElseThrow()[0], later.positions()[0], "after a while: as measured");
  }

  @Test
  void aTwistMovesTheTipByTheTimeBetweenItsMessagesAndNoFurther() {
    assertArrayEquals(
        measured.orElseThrow(), sources.twist(forward("", 0.1), SECOND).positions(), 1e-12);
    double[] tip =
        PlanarArm.forward(sources.twist(forward("world", 0.1), SECOND + SECOND / 20).positions());
    assertEquals(0.505, tip[0], 3e-4);
    double[] after =
        PlanarArm.forward(
            sources.twist(forward("", 0.1), SECOND + SECOND / 20 + SECOND * 4 / 10).positions());
    assertEquals(0.515, after[0], 1e-3, "0.1 s at most, after 0.4 s");
  }

  @Test
  void whatCannotBeFollowedIsAFaultWithItsValue() {
    assertTrue(
        fault(sources.leader(leader(List.of("s", "e"), 1), SECOND)).contains("1 positions for 2"));
    assertTrue(fault(sources.leader(leader(List.of("a"), 1), SECOND)).contains("leader_names"));
    assertTrue(
        fault(sources.leader(leader(List.of("s"), Double.NaN), SECOND))
            .contains("'s' of the leader"));
    assertTrue(fault(sources.twist(forward("nowhere", 1), SECOND)).contains("nowhere"));
    assertTrue(
        fault(sources.twist(forward("", Double.POSITIVE_INFINITY), SECOND)).contains("no number"));
    assertTrue(fault(sources.gripper(new Float64(Double.NaN), SECOND)).contains("NaN"));
    measured = Optional.empty();
    assertTrue(fault(sources.gripper(new Float64(0), 9 * SECOND)).contains("not known yet"));
  }
}
