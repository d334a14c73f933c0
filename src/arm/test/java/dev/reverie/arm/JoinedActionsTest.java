package dev.reverie.arm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverie.testing.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JoinedActionsTest {
  private static final String ARM =
      """
      name: planar
      joints: [shoulder, elbow, wrist, gripper]
      action:
        space:
          kind: parts
          parts:
          - {kind: end_effector_delta, frame: world, tip_link: tip, axes: [x, z], scale_m: [0.04, 0.04],
             hold_orientation: true, workspace: {min: [0.08, 0.08], max: [0.92, 0.6]}}
          - {kind: joint_positions, joints: [gripper], min_rad: [0.0], max_rad: [0.04]}
      """;

  @TempDir Path folder;

  /** The planar arm with a gripper at its tip. */
  private ArmModel arm(String arm) throws IOException {
    String gripper =
        "<link name=\"finger\"/><joint name=\"gripper\" type=\"prismatic\"><parent link=\"tip\"/>"
            + "<child link=\"finger\"/><limit lower=\"0\" upper=\"0.04\" velocity=\"1\"/></joint>";
    return ArmModel.of(
        PlanarArm.xml().replace("</robot>", gripper + "</robot>"),
        ArmFile.read(Files.writeString(folder.resolve("arm.yaml"), arm)),
        0.1,
        1);
  }

  private static double[] at(double x, double z, double gripper) {
    double[] arm = PlanarArm.inverse(x, z);
    return new double[] {arm[0], arm[1], arm[2], gripper};
  }

  @Test
  void aTipAndAGripperMoveByOneAction() throws IOException {
    ActionMap actions = arm(ARM).actions();
    double[] measured = at(0.5, 0.3, 0.01);
    actions.begin(measured);
    float[] chunk = {0, 0, 0, 0.5f, -1, 0.5f};
    double[] target = actions.target(measured, chunk, 1).positions();
    assertArrayEquals(new double[] {0.52, 0.26}, PlanarArm.forward(target), 1e-9);
    assertEquals(0.03, target[3], 1e-9);
    assertArrayEquals(new float[] {0.5f, -1, 0.5f}, actions.action(measured, target), 1e-5f);
  }

  @Test
  void theWorkspaceOfAPartIsKept() throws IOException {
    ArmModel arm = arm(ARM);
    double[] measured = at(0.9, 0.3, 0.01);
    arm.actions().begin(measured);
    var target = arm.actions().target(measured, new float[] {1, 0, 1}, 0);
    assertEquals(
        List.of(new Limit(Limit.Kind.WORKSPACE, "workspace: x of the target 0.9400 to 0.9200 m")),
        target.limits());
  }

  @Test
  void theDimensionsHaveTheNamesOfTheParts() throws IOException {
    ArmFile file = ArmFile.read(Files.writeString(folder.resolve("arm.yaml"), ARM));
    assertEquals(
        List.of(
            new ActionDimension("x", "m", 0.04),
            new ActionDimension("z", "m", 0.04),
            new ActionDimension("gripper", "rad", 0.02)),
        ActionDimension.of(file.action().space()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[gripper], min_rad | [wrist], min_rad | two parts of the action space move joint 'wrist'",
        "kind: joint_positions | kind: parts | parts",
        "[gripper], min_rad: [0.0], max_rad: [0.04] | [thumb], min_rad: [0.0], max_rad: [0.04] | action.space.joints names 'thumb'",
        "kind: end_effector_delta | kind: end_effector_turn | end_effector_turn",
      })
  void partsThatDoNotGoTogetherAreRefused(String text, String instead, String told) {
    Refusal.of(ArmException.class, () -> arm(ARM.replace(text, instead)), told);
  }
}
