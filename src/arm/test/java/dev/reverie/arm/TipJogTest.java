package dev.reverie.arm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class TipJogTest {
  private static final double[] NO_TURN = {0, 0, 0};
  private final TipJog jog = new TipJog(PlanarArm.urdf(), PlanarArm.JOINTS, "tip");

  @Test
  void theTipGoesWithTheVelocityThatIsAskedForAndKeepsItsTurn() {
    double[] positions = PlanarArm.inverse(0.5, 0.3);
    double turn = positions[0] + positions[1] + positions[2];
    for (int i = 0; i < 100; i++) {
      positions = jog.step(positions, "", new double[] {0.1, 0, -0.05}, NO_TURN, 0.01);
    }
    double[] tip = PlanarArm.forward(positions);
    assertArrayEquals(new double[] {0.6, 0.25}, tip, 0.005);
    assertEquals(turn, positions[0] + positions[1] + positions[2], 0.02);
  }

  @Test
  void aFrameThatStandsStillOrTheTipsOwnGivesTheAxes() {
    double[] from = PlanarArm.inverse(0.5, 0.3);
    double[] world = jog.step(from, "world", new double[] {0.1, 0, 0}, NO_TURN, 0.01);
    double[] root = jog.step(from, "", new double[] {0.1, 0, 0}, NO_TURN, 0.01);
    assertArrayEquals(root, world, 1e-12);
    double[] tool = jog.step(from, "tip", new double[] {0, 0, 0.1}, NO_TURN, 0.01);
    assertTrue(PlanarArm.forward(tool)[1] != PlanarArm.forward(from)[1]);
  }

  @Test
  void atFullStretchItGoesSlowlyInsteadOfWild() {
    double[] stretched = {0, 0, 0};
    double[] after = jog.step(stretched, "", new double[] {0.1, 0, 0}, NO_TURN, 0.1);
    for (double position : after) {
      assertTrue(Math.abs(position) < 0.05, "" + position);
    }
  }

  @Test
  void namesAFrameOrTipThatIsNotThere() {
    assertThrows(
        ArmException.class,
        () -> jog.step(new double[3], "nowhere", new double[] {1, 0, 0}, NO_TURN, 0.1));
    assertThrows(
        ArmException.class, () -> new TipJog(PlanarArm.urdf(), List.of("shoulder"), "tip"));
  }
}
