package dev.reverie.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What action spaces say of themselves. */
class ActionSpaceTest {
  private static final ActionSpace.Workspace BOUNDS =
      new ActionSpace.Workspace(List.of(0.0), List.of(1.0));
  private static final ActionSpace GRIPPER =
      new ActionSpace.JointDeltas(List.of("claw"), List.of(0.1));
  private static final ActionSpace TURNED =
      new ActionSpace.EndEffectorPoseDelta(
          "base", "tip", List.of("x"), List.of(0.1), List.of("rz"), List.of(0.2), true, BOUNDS);

  @Test
  void kindsAreThoseThatFilesMaySay() {
    assertEquals(
        List.of(
            "end_effector_delta",
            "end_effector_pose_delta",
            "joint_positions",
            "joint_deltas",
            "parts"),
        ActionSpace.kinds());
  }

  @Test
  void theFrameIsThatOfTheTipWhereverItStands() {
    assertEquals("base", TURNED.frame());
    assertEquals("base", new ActionSpace.Parts(List.of(GRIPPER, TURNED)).frame());
    assertEquals("", GRIPPER.frame());
  }
}
