package dev.reverie.arm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.policy.ActionSpace.EndEffectorDelta;
import dev.reverie.testing.Refusal;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.joml.Matrix3d;
import org.joml.Vector3d;
import org.junit.jupiter.api.Test;

class EndEffectorDeltasTest {
  private static EndEffectorDeltas deltas() {
    return new EndEffectorDeltas(
        PlanarArm.urdf(), PlanarArm.JOINTS, PlanarArm.SPACE, Optional.empty(), 0.1);
  }

  @Test
  void anActionMovesTheTipAsTheClosedFormOfTheRecipeDoes() {
    var random = new SplittableRandom(1);
    var deltas = deltas();
    deltas.begin(PlanarArm.inverse(0.4, 0.43));
    double worst = 0;
    for (int n = 0; n < 2000; n++) {
      double[] measured =
          PlanarArm.inverse(random.nextDouble(0.08, 0.92), random.nextDouble(0.08, 0.55));
      for (int j = 0; j < 3; j++) { // contact bends the arm a little, and tilts the tool
        measured[j] += random.nextDouble(-0.03, 0.03);
      }
      float[] action = {(float) random.nextDouble(-1, 1), (float) random.nextDouble(-1, 1)};
      double[] tip = PlanarArm.forward(measured);
      double x = Math.clamp(tip[0] + 0.04 * action[0], 0.08, 0.92);
      double z = Math.clamp(tip[1] + 0.04 * action[1], 0.08, 0.60);
      if (Math.hypot(x - 0.5, z - 0.76) < 0.21) {
        continue; // the recipe's closed form gives up near the shoulder
      }
      double[] expected = PlanarArm.inverse(x, z);
      double[] target = deltas.target(measured, action, 0).positions();
      for (int j = 0; j < 3; j++) {
        worst = Math.max(worst, Math.abs(target[j] - expected[j]));
      }
    }
    assertTrue(worst < 1e-9, "farthest joint: " + worst + " rad");
  }

  @Test
  void theSecondActionOfAChunkIsTakenFromTheSecondRow() {
    var deltas = deltas();
    double[] measured = PlanarArm.inverse(0.5, 0.3);
    deltas.begin(measured);
    double[] target = deltas.target(measured, new float[] {0, 0, 0.5f, -1}, 1).positions();
    assertArrayEquals(new double[] {0.52, 0.26}, PlanarArm.forward(target), 1e-9);
  }

  @Test
  void theTargetStaysInTheWorkspaceAndSaysSo() {
    var deltas = deltas();
    double[] measured = PlanarArm.inverse(0.9, 0.3);
    deltas.begin(measured);
    var target = deltas.target(measured, new float[] {1, 0}, 0);
    assertArrayEquals(new double[] {0.92, 0.3}, PlanarArm.forward(target.positions()), 1e-9);
    assertEquals(
        List.of(new Limit(Limit.Kind.WORKSPACE, "workspace: x of the target 0.9400 to 0.9200 m")),
        target.limits());
  }

  @Test
  void theActionOfATargetIsTheOneThatLeadsThere() {
    var deltas = deltas();
    double[] measured = PlanarArm.inverse(0.3, 0.4);
    deltas.begin(measured);
    float[] action = {0.25f, -0.75f};
    double[] target = deltas.target(measured, action, 0).positions();
    assertArrayEquals(action, deltas.action(measured, target), 1e-6f);
    assertArrayEquals(
        new float[] {1, 0}, deltas.action(measured, PlanarArm.inverse(0.5, 0.4)), 1e-6f);
  }

  @Test
  void aTargetOutOfReachIsApproachedAndStaysFinite() {
    Urdf urdf = PlanarArm.urdf();
    var chain = KinematicChain.of(urdf, PlanarArm.JOINTS, "world", "tip");
    var solver = new DampedLeastSquares(chain, Optional.empty());
    double[] start = PlanarArm.inverse(0.5, 0.3);
    double[] solved =
        solver.solve(start, new Vector3d(), new Vector3d(0.5 + 2, 0, 1), new Matrix3d());
    Vector3d hand = chain.forward(solved).getTranslation(new Vector3d());
    assertEquals(0.84, hand.distance(0.5, 0, 1), 1e-3); // stretched out
    assertTrue(hand.x > 1.2, hand.toString());
  }

  @Test
  void aFrameThatMovesIsRefused() {
    var space =
        new EndEffectorDelta(
            "hand",
            "tip",
            List.of("x", "z"),
            List.of(0.04, 0.04),
            true,
            PlanarArm.SPACE.workspace());
    Refusal.of(
        ArmException.class,
        () ->
            new EndEffectorDeltas(PlanarArm.urdf(), PlanarArm.JOINTS, space, Optional.empty(), 0.1),
        "'hand' moves");
  }

  @Test
  void aPolicyThatLacksAJointOfTheChainIsRefused() {
    Refusal.of(
        ArmException.class,
        () ->
            new EndEffectorDeltas(
                PlanarArm.urdf(),
                List.of("shoulder", "elbow"),
                PlanarArm.SPACE,
                Optional.empty(),
                0.1),
        "'wrist'");
  }
}
