package dev.reverie.robot.control;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.arm.PlanarArm;
import dev.reverie.msgs.trajectory_msgs.JointTrajectory;
import dev.reverie.msgs.trajectory_msgs.JointTrajectoryPoint;
import dev.reverie.robot.sense.HoldReason;
import java.util.List;
import org.junit.jupiter.api.Test;

class TeleopCommandTest {
  private static TeleopCommand command(List<String> names, double... positions) {
    var point = new JointTrajectoryPoint().withPositions(positions);
    return TeleopCommand.of(
        new JointTrajectory().withJointNames(names).withPoints(List.of(point)),
        PlanarArm.JOINTS,
        0);
  }

  @Test
  void aCommandComesInThePolicysOrderOfJoints() {
    var command = command(List.of("wrist", "elbow", "shoulder"), 3, 2, 1);
    assertArrayEquals(new double[] {1, 2, 3}, command.positions());
  }

  @Test
  void anUnknownJointIsNamedWithThoseOfTheArm() {
    String fault =
        command(List.of("shoulder", "elbow", "gripper"), 1, 2, 3)
            .fault()
            .map(HoldReason::text)
            .orElse("");
    assertTrue(fault.contains("gripper") && fault.contains("[shoulder, elbow, wrist]"), fault);
  }

  @Test
  void aCommandThatIsNoNumberIsAFault() {
    String fault =
        command(PlanarArm.JOINTS, 1, Double.NaN, 3).fault().map(HoldReason::text).orElse("");
    assertTrue(fault.contains("'elbow' to NaN"), fault);
  }

  @Test
  void aCommandWithoutAPointIsAFault() {
    var message = new JointTrajectory().withJointNames(PlanarArm.JOINTS);
    String fault =
        TeleopCommand.of(message, PlanarArm.JOINTS, 0).fault().map(HoldReason::text).orElse("");
    assertTrue(fault.contains("one point with 3 positions"), fault);
  }
}
