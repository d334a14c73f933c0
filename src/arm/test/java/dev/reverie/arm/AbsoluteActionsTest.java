package dev.reverie.arm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.policy.ActionSpace;
import dev.reverie.policy.ActionSpace.Rotation;
import dev.reverie.policy.ActionSpace.Workspace;
import dev.reverie.testing.Refusal;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.joml.Matrix3d;
import org.joml.Matrix4d;
import org.joml.Vector3d;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Actions that say where the tip is to be and how it is turned, and whether a gripper is open. */
class AbsoluteActionsTest {
  private static final Workspace ROOM =
      new Workspace(List.of(-1.0, -1.2, -0.4), List.of(1.2, 1.0, 1.4));
  private static final double PERIOD_S = 0.1;

  private final Urdf urdf = Arms.six();

  private EndEffectorPoses poses(Rotation rotation, boolean bounded) {
    return new EndEffectorPoses(
        urdf,
        Arms.SIX,
        new ActionSpace.EndEffectorPose("l0", "l6", rotation, ROOM),
        bounded ? Optional.of(Arms.space(urdf, Arms.SIX)) : Optional.empty(),
        PERIOD_S);
  }

  private Matrix4d tip(double[] positions) {
    return KinematicChain.of(urdf, Arms.SIX, "l0", "l6").tipPose(positions, new Matrix4d());
  }

  @ParameterizedTest
  @EnumSource(Rotation.class)
  void aPoseThatAnActionSaysIsWhereTheTipGoesWhereverItIs(Rotation rotation) {
    EndEffectorPoses poses = poses(rotation, false);
    var random = new SplittableRandom(1);
    for (int n = 0; n < 100; n++) {
      double[] wanted = Arms.somewhere(random);
      double[] measured = wanted.clone();
      for (int i = 0; i < measured.length; i++) {
        measured[i] += random.nextDouble(-0.1, 0.1);
      }
      float[] action = poses.action(measured, wanted);
      assertEquals(3 + rotation.numbers().size(), action.length);
      ActionMap.Target target = poses.target(measured, action, 0);
      assertEquals(List.of(), target.limits());
      assertTrue(
          tip(wanted).equals(tip(target.positions()), 1e-5),
          () -> tip(wanted) + " is not " + tip(target.positions()));
      assertArrayEquals(action, poses.action(measured, target.positions()), 1e-5f);
    }
  }

  @ParameterizedTest
  @EnumSource(Rotation.class)
  void aRotationIsSaidAndUnderstoodHalfTurnsIncluded(Rotation rotation) {
    var random = new SplittableRandom(2);
    for (int n = 0; n < 200; n++) {
      var turn = new Matrix3d();
      turn.rotateXYZ(
          random.nextDouble(-3, 3), random.nextDouble(-1.5, 1.5), random.nextDouble(-3, 3));
      if (n < 3) {
        turn.rotationXYZ(n == 0 ? Math.PI : 0, n == 1 ? Math.PI : 0, n == 2 ? Math.PI : 0);
      }
      double[] said = Orientations.said(rotation, turn);
      for (double number : said) {
        assertTrue(Math.abs(number) <= 1 + 1e-12, "in [-1, 1]: " + number);
      }
      assertTrue(Orientations.of(rotation, said).orElseThrow().equals(turn, 1e-9));
    }
  }

  @Test
  void numbersNeedNotBeExactlyARotation() {
    Matrix3d turn = new Matrix3d().rotationXYZ(0.3, -0.5, 0.9);
    double[] quaternion = Orientations.said(Rotation.QUATERNION, turn);
    double[] opposite = new double[4];
    for (int i = 0; i < 4; i++) {
      opposite[i] = -0.3 * quaternion[i];
    }
    assertTrue(Orientations.of(Rotation.QUATERNION, opposite).orElseThrow().equals(turn, 1e-9));
    double[] columns = Orientations.said(Rotation.COLUMNS, turn);
    for (int i = 0; i < 3; i++) {
      columns[3 + i] = 0.7 * columns[3 + i] + 0.2 * columns[i]; // neither of length 1 nor square
    }
    assertTrue(Orientations.of(Rotation.COLUMNS, columns).orElseThrow().equals(turn, 1e-9));
    // Worked: a quarter turn about z, whose first two rows are (0, -1, 0) and (1, 0, 0).
    double[] rows = {0, -1, 0, 1, 0, 0};
    assertTrue(
        Orientations.of(Rotation.ROWS, rows)
            .orElseThrow()
            .equals(new Matrix3d().rotationZ(Math.PI / 2), 1e-9));
  }

  @Test
  void numbersThatSayNoOrientationLeaveTheTipWhereItIs() {
    double[] measured = Arms.somewhere(new SplittableRandom(3));
    float[] action = {0.1f, 0.2f, 0.3f, 0, 0, 0, 0};
    ActionMap.Target target = poses(Rotation.QUATERNION, true).target(measured, action, 0);
    assertArrayEquals(measured, target.positions());
    assertEquals(Limit.Kind.WORKSPACE, target.limits().getFirst().kind());
    float[] parallel = {0, 0, 0, 1, 0, 0, -1, 0, 0};
    assertEquals(1, poses(Rotation.COLUMNS, true).target(measured, parallel, 0).limits().size());
  }

  @Test
  void aPoseFarAwayIsApproachedAsFastAsTheJointsMayGo() {
    EndEffectorPoses poses = poses(Rotation.VECTOR, true);
    double[] measured = Arms.somewhere(new SplittableRandom(4));
    double[] far = measured.clone();
    far[0] += 1.2;
    float[] action = poses.action(measured, far);
    double before =
        tip(measured)
            .getTranslation(new Vector3d())
            .distance(tip(far).getTranslation(new Vector3d()));
    double[] positions = measured;
    for (int n = 0; n < 12; n++) {
      ActionMap.Target target = poses.target(positions, action, 0);
      for (int i = 0; i < 6; i++) {
        assertTrue(Math.abs(target.positions()[i] - positions[i]) <= 3 * PERIOD_S + 1e-9);
      }
      positions = target.positions();
    }
    double after =
        tip(positions)
            .getTranslation(new Vector3d())
            .distance(tip(far).getTranslation(new Vector3d()));
    assertTrue(after < 0.02 * before, after + " m of " + before + " m are left");
  }

  @Test
  void aGripperIsOpenOrClosed() {
    JointSpace space = Arms.space(List.of("arm", "finger"));
    var gripper = new GripperActions(space, new ActionSpace.BinaryGripper("finger", 0.6, -0.1));
    double[] measured = {0.4, 0.2};
    for (float action : new float[] {1, 0.01f, 0, -0.3f}) {
      double[] target = gripper.target(measured, new float[] {9, action}, 1).positions();
      assertArrayEquals(new double[] {0.4, action > 0 ? -0.1 : 0.6}, target);
      assertArrayEquals(new float[] {action > 0 ? 1 : -1}, gripper.action(measured, target));
    }
    assertArrayEquals(new int[] {1}, gripper.moved());
    Refusal.of(
        ArmException.class,
        () -> new GripperActions(space, new ActionSpace.BinaryGripper("claw", 0, 1)),
        "moves joint 'claw', which is not among the policy's joints [arm, finger]");
    Refusal.of(
        IllegalArgumentException.class,
        () -> new ActionSpace.BinaryGripper("finger", 0.5, 0.5),
        "closed 0.5 and open 0.5; give two positions");
  }
}
