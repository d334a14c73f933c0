package dev.reverie.arm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.testing.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JointBoundsTest {
  private static final String ARM =
      """
      name: one
      joints: [turn, lift]
      action:
        space: {kind: joint_deltas, joints: [turn, lift], scale_rad: [0.1, 0.2]}
      description: {joint_limits: joint_limits.yaml}
      """;
  private static final String MOVEIT =
      """
      default_velocity_scaling_factor: 0.1
      default_acceleration_scaling_factor: 0.1
      joint_limits:
        turn:
          has_velocity_limits: true
          max_velocity: 2
          has_acceleration_limits: true
          max_acceleration: 5.0
          has_jerk_limits: false
          max_jerk: 9.0
        lift:
          max_velocity: 1.5
          has_position_limits: true
          min_position: -1
          max_position: 1
      """;

  /** A joint that only more files make fit to be commanded. */
  private static final String URDF =
      Arms.urdf(
          Arms.joint("continuous", "turn", "<axis xyz=\"0 0 1\"/>"),
          Arms.joint("revolute", "lift", "<limit effort=\"1\" velocity=\"0\"/>"));

  @TempDir Path folder;

  private JointSpace joints(String urdf, String arm, String limits) throws IOException {
    Files.writeString(folder.resolve("joint_limits.yaml"), limits);
    ArmFile file = ArmFile.read(Files.writeString(folder.resolve("arm.yaml"), arm));
    return ArmModel.of(urdf, file, 0.1, 1).joints();
  }

  @Test
  void whatTheUrdfLacksComesFromJointLimits() throws IOException {
    JointSpace joints = joints(URDF, ARM, MOVEIT);
    assertTrue(joints.isContinuous(0));
    assertFalse(joints.isContinuous(1));
    double none = Double.POSITIVE_INFINITY;
    assertEquals(
        List.of(
            new JointBounds("turn", "rad", true, -none, none, 2, 5, none, none),
            new JointBounds("lift", "rad", false, -1, 1, 1.5, none, none, none)),
        joints.joints());
  }

  @Test
  void theTightestLimitIsInForce() throws IOException {
    String arm =
        ARM
            + "limits: {joints: {lift: {lower: -0.5, upper: 9, velocity: 9, jerk: 7, step: 0.1},"
            + " turn: {velocity: 1, acceleration: 4}}}\n";
    JointSpace joints = joints(URDF, arm, MOVEIT);
    double none = Double.POSITIVE_INFINITY;
    assertEquals(
        List.of(
            new JointBounds("turn", "rad", true, -none, none, 1, 4, none, none),
            new JointBounds("lift", "rad", false, -0.5, 1, 1.5, none, 7, 0.1)),
        joints.joints());
  }

  @Test
  void aContinuousJointWithStopsOfTheArmFileDoesNotWrap() throws IOException {
    JointSpace joints =
        joints(URDF, ARM + "limits: {joints: {turn: {lower: -3, upper: 3}}}\n", MOVEIT);
    assertFalse(joints.isContinuous(0));
    assertEquals(3, joints.of(0).upper());
  }

  @Test
  void namesOfTheUrdfAreFoundByPrefixAndByMap() throws IOException {
    String urdf = URDF.replace("name=\"turn\"", "name=\"left_turn\"").replace("\"lift\"", "\"up\"");
    String arm = ARM + "joint_states: {prefix: left_, names: {up: lift}}\n";
    String limits = MOVEIT.replace("turn:", "left_turn:").replace("lift:", "up:");
    assertEquals(List.of("turn", "lift"), joints(urdf, arm, limits).names());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "max_velocity: 1.5 | max_velocity: -1 | joint 'lift': velocity is -1.0; give more than 0",
        "max_velocity: 1.5 | max_velocity: fast | joint 'lift': max_velocity is \"fast\"; give a number",
        "max_velocity: 1.5 | max_velocty: 1.5 | joint 'lift': unknown key 'max_velocty'; the nearest are 'max_velocity', ",
        "max_velocity: 1.5 | has_velocity_limits: true | joint 'lift': max_velocity is missing",
        "max_velocity: 1.5 | has_velocity_limits: false | joint 'lift' has the velocity limit \"0\"; a finite velocity above 0 is needed; give it there, in a joint_limits.yaml (description.joint_limits of the arm file: max_velocity), or in the arm file (limits.joints.lift.velocity)",
        "has_velocity_limits: true | has_velocity_limits: 1 | has_velocity_limits is 1; give true or false",
        "min_position: -1 | min_position: 2 | joint 'lift': lower 2.0 and upper 1.0",
        "has_position_limits: true | has_position_limits: false | joint 'lift' has no lower limit and no upper limit; a number is needed for each",
        "max_position: 1 | max_position: !degrees 90 | write radians",
        "joint_limits: | limits: | has no 'joint_limits'",
        "lift: | 'lift: 5\n  left:' | joint 'lift' is 5 and limits nothing; give lift with keys such as max_velocity",
        "lift: | 'lift:\n  left:' | joint 'lift' is empty and limits nothing; give lift with keys",
        "lift: | 'lift: {}\n  left:' | joint 'lift' is {} and limits nothing",
        "lift: | 'lift: []\n  left:' | joint 'lift' is [] and limits nothing",
        "lift: | lfit: | joint 'lfit' is not in",
        "joint_limits: | joint_limits: [ | no YAML",
      })
  void jointLimitsThatAreNoneAreRefusedWithFileAndJoint(String text, String instead, String told) {
    assertTrue(MOVEIT.contains(text), text);
    Refusal.of(ArmException.class, () -> joints(URDF, ARM, MOVEIT.replace(text, instead)), told);
  }

  @Test
  void aFileOfALargerRobotHasItsJointsThatNobodyCommandsAndDegreesOfFreedomOfItsBase()
      throws IOException {
    String urdf =
        Arms.urdf(
            Arms.joint("continuous", "turn", "<axis xyz=\"0 0 1\"/>"),
            Arms.joint("revolute", "lift", "<limit effort=\"1\" velocity=\"0\"/>"),
            Arms.joint("revolute", "other", "<limit effort=\"1\" velocity=\"0\"/>"),
            Arms.joint("fixed", "welded", ""));
    String more =
        MOVEIT
            + "  other: {max_velocity: 1}\n  welded: {max_velocity: 1}\n  base/x: {max_velocity: 1}\n";
    assertEquals(List.of("turn", "lift"), joints(urdf, ARM, more).names());
  }

  @Test
  void limitsThatLeaveNothingAreRefused() {
    Refusal.of(
        ArmException.class,
        () -> joints(URDF, ARM + "limits: {joints: {lift: {lower: 1.5}}}\n", MOVEIT),
        "joint 'lift' may not go anywhere",
        "lower 1.5 and upper 1.0");
  }
}
