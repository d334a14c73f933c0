package dev.reverie.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverie.testing.Refusal;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Action spaces in their own words. */
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
            "end_effector_pose",
            "binary_gripper",
            "joint_positions",
            "joint_deltas",
            "parts"),
        ActionSpace.kinds());
  }

  @Test
  void aPoseSaysItsRotationAndKeepsItInAFile() {
    var room = new ActionSpace.Workspace(List.of(-1.0, -1.0, 0.0), List.of(1.0, 1.0, 1.5));
    int[] values = {3, 4, 6, 6};
    for (ActionSpace.Rotation rotation : ActionSpace.Rotation.values()) {
      ActionSpace pose = new ActionSpace.EndEffectorPose("base", "tip", rotation, room);
      assertEquals(3 + values[rotation.ordinal()], pose.dimensions());
      assertEquals("tip", new ActionSpace.Parts(List.of(GRIPPER, pose)).tip());
      assertEquals(
          pose, BundleJson.parse(BundleJson.write(pose), "a test's file", ActionSpace.class));
    }
    Refusal.of(
        IllegalArgumentException.class,
        () -> new ActionSpace.EndEffectorPose("base", "tip", ActionSpace.Rotation.VECTOR, BOUNDS),
        "workspace has 1 bounds for 3 axes");
  }

  @Test
  void theFrameIsThatOfTheTipWhereverItStands() {
    assertEquals("base", TURNED.frame());
    assertEquals("base", new ActionSpace.Parts(List.of(GRIPPER, TURNED)).frame());
    assertEquals("", GRIPPER.frame());
  }
}
