package dev.reverie.arm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.Task;
import dev.reverie.rollout.JointNames;
import dev.reverie.testing.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArmModelTest {
  @TempDir Path folder;

  private static final Task TASK =
      new Task(List.of(), PlanarArm.JOINTS, PlanarArm.SPACE, new BundleSpec.Chunk(4, 0.1));

  /** The planar arm as the left one of two, the wrist under a name of its own. */
  private static final String LEFT =
      PlanarArm.xml()
          .replaceAll("(name|link)=\"(\\w+)\"", "$1=\"left_$2\"")
          .replace("\"left_wrist\"", "\"w\"");

  private static ArmModel model(String urdf, JointNames names) {
    return ArmModel.of(urdf, names, TASK, Optional.empty(), 0.1, 1);
  }

  private ArmFile arm(String yaml) throws IOException {
    return ArmFile.read(Files.writeString(folder.resolve("arm.yaml"), yaml));
  }

  private static double[] target(ArmModel model) {
    double[] at = PlanarArm.inverse(0.5, 0.4);
    model.actions().begin(at);
    return model.actions().target(at, new float[] {0.5f, -0.5f}, 0).positions();
  }

  @Test
  void anArmWithOtherNamesMovesAsTheArmItself() {
    ArmModel left = model(LEFT, JointNames.of(List.of("w=wrist"), "left_"));
    assertArrayEquals(target(model(PlanarArm.xml(), JointNames.SAME)), target(left));
    assertEquals("wrist", left.joints().of(2).joint(), "in what is told of it");
  }

  @Test
  void linksThatHaveNoPrefixInTheUrdfAreFoundToo() {
    String joints = PlanarArm.xml().replaceAll("(joint name)=\"(\\w+)\"", "$1=\"left_$2\"");
    ArmModel left = model(joints, JointNames.of(List.of(), "left_"));
    assertArrayEquals(target(model(PlanarArm.xml(), JointNames.SAME)), target(left));
  }

  @Test
  void anArmFileSaysThePrefixForItsLinksToo() throws IOException {
    ArmFile arm =
        arm(
            """
            name: left
            joints: [shoulder, elbow, wrist]
            joint_states: {prefix: left_, names: {w: wrist}}
            action: {space: {kind: joint_deltas, joints: [shoulder, elbow, wrist], scale_rad: [0.1, 0.1, 0.1]}}
            limits:
              workspace: [{frame: world, min: [0, -1, 0], max: [1, 1, 1]}]
              keep_out: [{frame: world, min: [2, 2, 2], max: [3, 3, 3]}]
            teleoperation: {twist: teleop_twist, tip_link: tip}
            """);
    ArmModel model = ArmModel.of(LEFT, arm, 0.1, 1);
    double[] from = PlanarArm.inverse(0.5, 0.4);
    double[] to =
        model.jog().orElseThrow().step(from, "world", new double[] {0.1, 0, 0}, new double[3], 0.1);
    assertEquals(0.51, PlanarArm.forward(to)[0], 5e-3);
  }

  @Test
  void aJointWhosePrefixIsNotSetIsRefusedWithIt() {
    Refusal.of(
        ArmException.class,
        () -> model(LEFT, JointNames.SAME),
        "nearest: 'left_shoulder'",
        "joint_prefix",
        "'left_'");
  }

  @Test
  void aCommandedJointThatFollowsAnotherIsRefusedWithItsDriver() throws IOException {
    ArmFile arm =
        arm(
            """
            name: claw
            joints: [shoulder, elbow, wrist]
            action: {space: {kind: joint_deltas, joints: [shoulder, elbow, wrist], scale_rad: [0.1, 0.1, 0.1]}}
            """);
    String follows =
        PlanarArm.xml().replaceFirst("(<joint name=\"wrist\"[^>]*>)", "$1<mimic joint=\"elbow\"/>");
    Refusal.of(
        ArmException.class,
        () -> ArmModel.of(follows, arm, 0.1, 1),
        "the joint 'wrist' ",
        "follows 'elbow' (<mimic>)",
        "command 'elbow' instead");
  }
}
