package dev.reverie.sim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.sim.PegArm.Tip;
import dev.reverie.testing.Prepared;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

@Prepared
class PegSceneTest {
  @Test
  void inverseAndForwardKinematicsAgreeInTheWholeWorkspace() {
    for (double x = PegArm.MIN_X_M; x <= PegArm.MAX_X_M; x += 0.02) {
      for (double z = PegArm.MIN_Z_M; z <= PegArm.MAX_Z_M; z += 0.02) {
        double[] q = PegArm.inverse(new Tip(x, z));
        if (Math.hypot(x - 0.5, z + 0.24 - 1) >= 0.2) { // nearer, the arm would fold up
          Tip tip = PegArm.forward(q);
          assertEquals(x, tip.x(), 1e-9);
          assertEquals(z, tip.z(), 1e-9);
        }
        assertEquals(0, q[0] + q[1] + q[2], 1e-12, "the peg is vertical");
        assertArrayEquals(q, PegArm.withinLimits(q));
      }
    }
  }

  @Test
  void layoutsFollowTheRecipe() {
    Set<Colour> wanted = EnumSet.noneOf(Colour.class);
    Set<List<Colour>> orders = new HashSet<>();
    for (long seed = 0; seed < 200; seed++) {
      PegLayout layout = PegLayout.draw(new SplittableRandom(seed));
      wanted.add(layout.wanted());
      orders.add(layout.colours());
      assertEquals(0.19, layout.slotX().get(0), 0.03);
      assertEquals(0.50, layout.slotX().get(1), 0.03);
      assertEquals(0.81, layout.slotX().get(2), 0.03);
      assertEquals(0.50, layout.tip().x(), 0.35);
      assertEquals(0.43, layout.tip().z(), 0.05);
    }
    assertEquals(3, wanted.size());
    assertEquals(6, orders.size());
  }

  @Test
  void aLayoutNeedsThreeSlotsOfThreeColours() {
    assertThrows(
        IllegalArgumentException.class,
        () ->
            new PegLayout(
                List.of(0.2, 0.5, 0.8),
                List.of(Colour.RED, Colour.RED, Colour.BLUE),
                Colour.RED,
                new Tip(0.5, 0.4)));
  }

  @Test
  void anInstructionNamesOneColour() {
    assertEquals(Optional.of(Colour.BLUE), Colour.named("Insert the peg into the BLUE slot."));
    assertEquals(Optional.empty(), Colour.named(" "));
    for (Colour colour : Colour.values()) {
      assertEquals(Optional.of(colour), Colour.named(colour.instruction()));
    }
    assertThrows(IllegalArgumentException.class, () -> Colour.named("open the drawer"));
    assertThrows(IllegalArgumentException.class, () -> Colour.named("red or green"));
  }

  @Test
  void theSameSeedGivesTheSameEpisodeBitForBit() {
    assertEquals(episode(7), episode(7));
    assertNotEquals(episode(7), episode(8));
  }

  /** States and pictures of an episode of the expert, as one hash for each tick. */
  private static List<Integer> episode(long seed) {
    try (var scene = new PegScene()) {
      var camera = new RayCamera(scene.simulation(), PegScene.CAMERA, 48, 2);
      scene.reset(seed, Optional.empty());
      var expert = new Expert(scene, Expert.random(seed));
      List<Integer> hashes = new ArrayList<>();
      for (int tick = 0; tick < PegScene.TIME_LIMIT_TICKS; tick++) {
        hashes.add(Arrays.hashCode(camera.render()));
        scene.tick(expert.command());
        hashes.add(Arrays.hashCode(scene.jointPositions()));
        hashes.add(Arrays.hashCode(scene.jointVelocities()));
        hashes.add(Arrays.hashCode(scene.jointTorques()));
      }
      return hashes;
    }
  }

  @Test
  void anInstructionReplacesTheDrawnColourAndNothingElse() {
    try (var scene = new PegScene()) {
      scene.reset(3, Optional.empty());
      PegLayout drawn = scene.layout();
      for (Colour colour : Colour.values()) {
        scene.reset(3, Optional.of(colour));
        assertEquals(drawn.withWanted(colour), scene.layout());
      }
    }
  }

  @Test
  void theTipGoesWhereItIsSentUpToTheNoise() {
    try (var scene = new PegScene()) {
      scene.reset(1, Optional.empty());
      Tip goal = new Tip(0.4, 0.45);
      double[] squares = new double[2];
      int ticks = 400;
      for (int tick = -20; tick < ticks; tick++) {
        scene.tick(PegArm.inverse(goal));
        if (tick >= 0) {
          squares[0] += Math.pow(scene.tip().x() - goal.x(), 2) / ticks;
          squares[1] += Math.pow(scene.tip().z() - goal.z(), 2) / ticks;
        }
      }
      assertEquals(PegScene.ACTUATION_NOISE_M, Math.sqrt(squares[0]), 0.0005);
      assertEquals(PegScene.ACTUATION_NOISE_M, Math.sqrt(squares[1]), 0.0005);
    }
  }

  @Test
  void theTipStaysInTheWorkspaceWhateverIsCommanded() {
    try (var scene = new PegScene()) {
      scene.reset(1, Optional.empty());
      for (int tick = 0; tick < 40; tick++) {
        scene.tick(PegArm.inverse(new Tip(tick < 20 ? 1.05 : -0.05, 0.5)));
        assertTrue(scene.tip().x() < PegArm.MAX_X_M + 0.005, () -> scene.tip().toString());
        assertTrue(scene.tip().x() > PegArm.MIN_X_M - 0.005, () -> scene.tip().toString());
      }
      assertEquals(PegArm.MIN_X_M, scene.tip().x(), 0.005);
    }
  }

  @Test
  void aPegPushedDownIntoTheWantedSlotSucceedsAndOntoTheRimDoesNot() {
    try (var scene = new PegScene()) {
      scene.reset(5, Optional.empty());
      assertTrue(pushedDown(scene, 0), "above the slot");
      scene.reset(5, Optional.empty());
      assertFalse(pushedDown(scene, 0.075), "above its wall");
      assertEquals(PegScene.RIM_Z_M, scene.tip().z(), 0.01);
    }
  }

  private static boolean pushedDown(PegScene scene, double offset) {
    double x = scene.layout().wantedX() + offset;
    for (int tick = 0; tick < 40 && !scene.succeeded(); tick++) {
      Tip at = PegArm.forward(scene.jointPositions());
      double dx = Math.clamp(x - at.x(), -0.04, 0.04);
      double dz = Math.abs(x - at.x()) < 0.01 ? -0.036 : Math.clamp(0.40 - at.z(), -0.04, 0.04);
      scene.tick(PegArm.inverse(at.plus(dx, dz).clamped()));
    }
    return scene.succeeded();
  }

  @Test
  void theExpertSucceedsInAboutHalfOfItsEpisodes() {
    int successes = 0;
    int episodes = 300;
    try (var scene = new PegScene()) {
      for (long seed = 0; seed < episodes; seed++) {
        scene.reset(seed, Optional.empty());
        var expert = new Expert(scene, Expert.random(seed));
        for (int tick = 0; tick < PegScene.TIME_LIMIT_TICKS && !scene.succeeded(); tick++) {
          scene.tick(expert.command());
        }
        successes += scene.succeeded() ? 1 : 0;
      }
    }
    // 0.52 over 8000 episodes; 3.5 standard deviations of 300.
    assertEquals(0.52, (double) successes / episodes, 0.10);
  }
}
