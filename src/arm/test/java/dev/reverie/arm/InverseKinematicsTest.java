package dev.reverie.arm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.policy.ActionSpace.EndEffectorPoseDelta;
import dev.reverie.policy.ActionSpace.Workspace;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.joml.Matrix3d;
import org.joml.Matrix4d;
import org.joml.Vector3d;
import org.junit.jupiter.api.Test;

/** Moves and turns of the tip of an arm with six joints like a UR5e. */
class InverseKinematicsTest {
  private static final List<String> JOINTS = Arms.SIX;
  private static final List<Double> SCALE = List.of(0.02, 0.02, 0.02);
  private static final Workspace EVERYWHERE =
      new Workspace(List.of(-2.0, -2.0, -2.0), List.of(2.0, 2.0, 2.0));
  private static final double PERIOD_S = 0.1;

  private final Urdf urdf = Arms.six();

  private EndEffectorDeltas deltas(List<String> rotations, boolean hold) {
    var space =
        new EndEffectorPoseDelta(
            "l0",
            "l6",
            List.of("x", "y", "z"),
            SCALE,
            rotations,
            rotations.stream().map(_ -> 0.1).toList(),
            hold,
            EVERYWHERE);
    return new EndEffectorDeltas(
        urdf, JOINTS, space, Optional.of(Arms.space(urdf, JOINTS)), PERIOD_S);
  }

  private Matrix4d tip(double[] positions) {
    return KinematicChain.of(urdf, JOINTS, "l0", "l6").tipPose(positions, new Matrix4d());
  }

  private static float[] anything(SplittableRandom random, int dimensions) {
    float[] action = new float[dimensions];
    for (int i = 0; i < dimensions; i++) {
      action[i] = (float) random.nextDouble(-1, 1);
    }
    return action;
  }

  @Test
  void anActionMovesAndTurnsTheTipAlongAndAboutTheAxesOfTheFrame() {
    var deltas = deltas(List.of("rx", "ry", "rz"), true);
    var random = new SplittableRandom(1);
    for (int n = 0; n < 200; n++) {
      double[] measured = Arms.somewhere(random);
      deltas.begin(measured);
      float[] action = anything(random, 6);
      var target = deltas.target(measured, action, 0);
      assertEquals(List.of(), target.limits());
      Matrix4d from = tip(measured);
      Matrix4d to = tip(target.positions());
      var turn = new Vector3d(action[3], action[4], action[5]).mul(0.1);
      Matrix4d wanted =
          Rotations.about(new Vector3d(turn).normalize(), turn.length(), new Matrix4d())
              .mul(new Matrix4d().set3x3(from.get3x3(new Matrix3d())));
      for (int i = 0; i < 3; i++) {
        wanted.setRowColumn(i, 3, from.getRowColumn(i, 3) + 0.02 * action[i]);
      }
      assertTrue(wanted.equals(to, 1e-9), wanted + " is not " + to);
      assertArrayEquals(action, deltas.action(measured, target.positions()), 1e-5f);
    }
  }

  @Test
  void aTurnAboutOneAxisKeepsTheOtherAxesHeldWhateverContactTilted() {
    var deltas = deltas(List.of("rz"), true);
    double[] begin = Arms.somewhere(new SplittableRandom(2));
    deltas.begin(begin);
    Matrix3d held = tip(begin).get3x3(new Matrix3d());
    double[] positions = begin;
    for (int n = 1; n <= 12; n++) {
      double[] tilted = positions.clone();
      tilted[3] += n % 2 == 0 ? 0.01 : -0.01;
      positions = deltas.target(tilted, new float[] {0, 0, 0, 1}, 0).positions();
    }
    Matrix3d since =
        tip(positions).get3x3(new Matrix3d()).mul(held.transpose(new Matrix3d()), new Matrix3d());
    Vector3d turn = Rotations.vector(since, new Vector3d());
    assertEquals(0, Math.hypot(turn.x, turn.y), 1e-6);
    assertEquals(1.2, turn.z, 0.05);
  }

  @Test
  void aTipThatMayTurnFreelyTurnsOnlyAboutTheNamedAxisAsItIsTold() {
    var deltas = deltas(List.of("rx", "rz"), false);
    double[] measured = Arms.somewhere(new SplittableRandom(3));
    deltas.begin(measured);
    float[] action = {1, 0, 0, 0.5f, -1};
    double[] target = deltas.target(measured, action, 0).positions();
    assertArrayEquals(action, deltas.action(measured, target), 0.05f); // the free turn mixes in
  }

  @Test
  void noJointLeavesItsBoundsAndTheOthersDoTheRest() {
    var deltas = deltas(List.of("rx", "ry", "rz"), true);
    double[] measured = {0.3, 0.6, 1.2, -0.8, 2.999, 0.4};
    deltas.begin(measured);
    for (float way : new float[] {1, -1}) {
      double[] target =
          deltas.target(measured, new float[] {0, 0, 0, way, way, way}, 0).positions();
      for (double position : target) {
        assertTrue(Math.abs(position) <= 3, "position " + position);
      }
    }
  }

  @Test
  void nearASingularityTheTipSlowsDownAndKeepsItsDirection() {
    var deltas = deltas(List.of("rx", "ry", "rz"), true);
    double[] measured = {0.3, 0.6, 1.2, -0.8, 0.02, 0.4}; // the wrist's axes nearly in a line
    deltas.begin(measured);
    float[] action = {0.5f, -1, 1, 1, 0.2f, -1};
    var target = deltas.target(measured, action, 0);
    double most = 0;
    for (int i = 0; i < 6; i++) {
      most = Math.max(most, Math.abs(target.positions()[i] - measured[i]));
    }
    assertTrue(most <= 3 * PERIOD_S + 1e-9, "the fastest joint goes " + most + " rad");
    assertEquals(Limit.Kind.VELOCITY, target.limits().getFirst().kind());
    float[] done = deltas.action(measured, target.positions());
    for (int i = 0; i < 6; i++) {
      assertEquals(done[1] / -1.0, done[i] / (double) action[i], 1e-3, "dimension " + i);
    }
    assertTrue(done[1] < 0, "it moves at all");
  }

  @Test
  void anArmThatIsStretchedOutComesBack() {
    var deltas = deltas(List.of("rx", "ry", "rz"), true);
    double[] measured = new double[6];
    deltas.begin(measured);
    double before = tip(measured).m32();
    double[] target = deltas.target(measured, new float[] {0, 0, -1, 0, 0, 0}, 0).positions();
    assertTrue(tip(target).m32() < before - 1e-4, "tip at " + tip(target).m32() + " of " + before);
  }
}
