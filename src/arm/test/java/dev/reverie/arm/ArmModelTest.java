package dev.reverie.arm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverie.policy.ActionSpace.EndEffectorDelta;
import dev.reverie.policy.ActionSpace.Workspace;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ArmModelTest {
  @TempDir Path folder;

  private static final Task TASK =
      new Task(List.of(), PlanarArm.JOINTS, PlanarArm.SPACE, new BundleSpec.Chunk(4, 0.1));

  /** The planar arm as the left one of two, the wrist under a name of its own. */
  private static final String LEFT =
      PlanarArm.xml()
          .replaceAll("(name|link)=\"(\\w+)\"", "$1=\"left_$2\"")
          .replace("\"left_wrist\"", "\"w\"");

  private static final String TWO =
      Arms.urdf(
          Arms.joint(
              "revolute",
              "a",
              "<axis xyz=\"0 0 1\"/><limit lower=\"-1\" upper=\"1\" velocity=\"2\"/>"),
          Arms.joint(
              "revolute",
              "b",
              "<axis xyz=\"0 0 1\"/><limit lower=\"-1\" upper=\"1\" velocity=\"0\"/>"));

  private static final String SMALL =
      """
      name: two
      joints: [a, b]
      action:
        space: {kind: joint_deltas, joints: [a, b], scale_rad: [0.1, 0.2]}
      """;

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

  private ArmFile limited(String limits) throws IOException {
    return arm(
        """
        name: boxed
        joints: [shoulder, elbow, wrist]
        action: {space: {kind: joint_deltas, joints: [shoulder, elbow, wrist], scale_rad: [0.1, 0.1, 0.1]}}
        teleoperation: {twist: teleop_twist, tip_link: tip}
        limits:
          %s
        """
            .formatted(limits.replace("\n", "\n  ")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'keep_out: [{frame: world, min: [-9, -9, -9], max: [9, 9, 9]}]' | 'limits.keep_out[0] [in ''world'' from [-9.0, -9.0, -9.0] to [9.0, 9.0, 9.0]] leaves the arm no pose: link '",
        "'keep_out: [{frame: world, min: [0, -1, -0.2], max: [1, 1, 1.5]}]' | limits.keep_out[0]",
        "'keep_out: [{frame: world, min: [7, 7, 7], max: [8, 8, 8]}, {frame: world, min: [0.4, -0.1, 0.9], max: [0.6, 0.1, 1.1]}]' | limits.keep_out[1]",
        "'keep_out: [{frame: world, min: [0.4, -0.1, 0.9], max: [0.6, 0.1, 1.1]}]' | 'link ''upper'' is 0.100 m inside of it at the best one; make it smaller or move it'",
        "'workspace: [{frame: world, min: [5, -1, 0], max: [6, 1, 1]}]' | 'limits.workspace [in ''world'' from [5.0, -1.0, 0.0] to [6.0, 1.0, 1.0]] leaves the arm no pose: link ''tip'' is '",
        "'workspace: [{frame: world, min: [0.3, 0.5, 0.2], max: [0.6, 1, 0.6]}]' | 0.500 m outside of it at the best one; give a box that the link reaches",
        "'workspace: [{frame: world, min: [300, -1000, 200], max: [600, 1000, 600]}]' | metres",
        "'workspace: [{frame: world, min: [0.3, -1, 0.2], max: [0.6, 1, 0.6]}]\nkeep_out: [{frame: world, min: [0.2, -1, 0.1], max: [0.7, 1, 0.7]}]' | together leave the arm no pose",
      })
  void boxesThatLeaveTheArmNoPoseAreRefused(String limits, String told) throws IOException {
    ArmFile boxed = limited(limits.replace("\\n", "\n"));
    Refusal.of(ArmException.class, () -> ArmModel.of(PlanarArm.xml(), boxed, 0.1, 1), told);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "workspace: [{frame: world, min: [0.500, -1, 0.400], max: [0.505, 1, 0.405]}]",
        "workspace: [{frame: world, min: [5, 5, 5], max: [6, 6, 6]}, {frame: world, min: [0.3, -1, 0.2], max: [0.6, 1, 0.6]}]",
        "keep_out: [{frame: world, min: [-5, -5, -5], max: [5, 5, 0.3]}]",
        "keep_out: [{frame: world, min: [0.48, -1, 0.2], max: [0.52, 1, 0.45]}]",
        "workspace: [{frame: world, min: [0.3, -1, 0.2], max: [0.6, 1, 0.6]}]\nkeep_out: [{frame: world, min: [0.31, -1, 0.1], max: [0.7, 1, 0.7]}]",
      })
  void boxesThatLeaveLittleRoomAreTaken(String limits) throws IOException {
    ArmFile boxed = limited(limits.replace("\\n", "\n"));
    assertEquals(3, ArmModel.of(PlanarArm.xml(), boxed, 0.1, 1).joints().size());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "min: [1, 1, 1], max: [1, 1, 1]",
        "min: [0, 0, 1], max: [1, 1, 0]",
        "min: [0, 0], max: [1, 1]",
        "min: [0, 0, 0], max: [1, 1, 1, 1]",
        "min: [0, 0, .nan], max: [1, 1, 1]",
        "min: [0, 0, -.inf], max: [1, 1, 1]",
        "min: [0, 0, 0], max: [1, 1, 1e400]",
      })
  void boxesOfNoSizeAreRefusedWithTheirPlace(String box) {
    for (String key : List.of("workspace", "keep_out")) {
      Refusal.of(
          ArmException.class,
          () -> limited("%s: [{frame: world, %s}]".formatted(key, box)),
          "limits." + key);
    }
  }

  @Test
  void anActionSpaceWhoseWorkspaceTheArmDoesNotReachIsRefused() {
    var far =
        new EndEffectorDelta(
            "world",
            "tip",
            List.of("x", "z"),
            List.of(0.04, 0.04),
            true,
            new Workspace(List.of(3.0, 3.0), List.of(4.0, 4.0)));
    var task = new Task(List.of(), PlanarArm.JOINTS, far, new BundleSpec.Chunk(4, 0.1));
    Refusal.of(
        ArmException.class,
        () -> ArmModel.of(PlanarArm.xml(), task, 0.1, 1),
        "the workspace of the action space [from [3.0, 3.0] to [4.0, 4.0]] leaves the arm no pose: the tip is ",
        "use a policy bundle made for this arm");
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

  @Test
  void limitsThatTheUrdfHasTighterAreToldWithBothNumbers() throws IOException {
    String limits =
        """
        limits:
          joints:
            a: {lower: -3, upper: 0.5, velocity: 50, acceleration: 9}
            b: {velocity: 50}
        """;
    assertEquals(
        List.of(
            "limits.joints.a.lower is -3.0 and does nothing: the URDF has -1.0, which is tighter and counts",
            "limits.joints.a.velocity is 50.0 and does nothing: the URDF has 2.0, which is tighter and counts"),
        ArmModel.of(TWO, arm(SMALL + limits), 0.1, 1).notices(),
        "a velocity of 0 in a URDF is none");
    String tight = "limits: {joints: {a: {velocity: 2}, b: {velocity: 1}}}\n";
    assertEquals(List.of(), ArmModel.of(TWO, arm(SMALL + tight), 0.1, 1).notices());
  }

  @Test
  void aTipThatTheUrdfLacksIsToldWithItsKey() throws IOException {
    ArmFile arm =
        arm(
            SMALL
                + "teleoperation: {twist: t, tip_link: hand}\nlimits: {joints: {b: {velocity: 1}}}\n");
    Refusal.of(
        ArmException.class,
        () -> ArmModel.of(TWO, arm, 0.1, 1),
        "teleoperation.tip_link: the URDF 'row' has no link 'hand'; nearest: ");
  }

  @Test
  void aJointOfAnArmFileThatTheUrdfLacksIsToldWithWhatToDoInTheArmFile() throws IOException {
    ArmFile wrist = arm(SMALL.replace("b]", "wrist]"));
    Refusal.of(
        ArmException.class,
        () -> ArmModel.of(TWO, wrist, 0.1, 1),
        "has no joint 'wrist'; nearest: ",
        "- correct joints of the arm file, or give its name in the URDF by joint_states.names, or publish the right robot_description");
    Refusal.of(
        ArmException.class,
        () -> ArmModel.of(TWO, wrist.withUrdf(Path.of("/arms/two.urdf")), 0.1, 1),
        "(/arms/two.urdf) has no joint 'wrist'",
        "or give the right URDF as description.urdf");
    Refusal.of(
        ArmException.class,
        () -> ArmModel.of(TWO.replace("\"a\"", "\"left_a\""), arm(SMALL), 0.1, 1),
        "or set joint_states.prefix, such as 'left_'");
  }
}
