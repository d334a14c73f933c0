package dev.reverie.calibrate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.arm.HandEye.Mounting;
import dev.reverie.arm.LinkPose;
import dev.reverie.arm.Urdf;
import dev.reverie.calibrate.HandEyeFit.Pair;
import dev.reverie.policy.OpenCv;
import dev.reverie.testing.Refusal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.joml.Matrix4d;
import org.joml.Quaterniond;
import org.joml.Vector3d;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class HandEyeFitTest {
  private static final Matrix4d CAMERA =
      new Matrix4d().translation(0.03, -0.05, 0.06).rotateX(0.2).rotateY(-0.1).rotateZ(1.5);
  private static final Matrix4d BOARD =
      new Matrix4d().translation(0.5, 0.1, 0.02).rotateX(3.0).rotateZ(0.4);

  @BeforeAll
  static void load() {
    OpenCv.load();
  }

  /** Pairs as a camera at CAMERA sees a board at BOARD, with noise. */
  private static List<Pair> pairs(List<Matrix4d> tips, Mounting mounting, double noise) {
    var random = new Random(7);
    List<Pair> pairs = new ArrayList<>();
    for (Matrix4d tip : tips) {
      Matrix4d moving = mounting == Mounting.EYE_IN_HAND ? tip : tip.invertAffine(new Matrix4d());
      Matrix4d seen = new Matrix4d(moving).mul(CAMERA).invertAffine().mul(BOARD);
      seen.rotateX(noise * random.nextGaussian()).rotateY(noise * random.nextGaussian());
      seen.translateLocal(
          0.3 * noise * random.nextGaussian(), 0.3 * noise * random.nextGaussian(), 0);
      pairs.add(new Pair(tip, seen));
    }
    return pairs;
  }

  private static List<Matrix4d> tips(double spread) {
    return SixJointArm.poses(15, spread, 1).stream().map(SixJointArm::tool).toList();
  }

  static void assertNear(Matrix4d wanted, Matrix4d found, double metres, double degrees) {
    double apart =
        wanted.getTranslation(new Vector3d()).distance(found.getTranslation(new Vector3d()));
    Matrix4d turn = wanted.invertAffine(new Matrix4d()).mul(found);
    double angle = turn.getNormalizedRotation(new Quaterniond()).angle();
    assertEquals(0, apart, metres, found::toString);
    assertEquals(0, Math.toDegrees(Math.min(angle, 2 * Math.PI - angle)), degrees);
  }

  @Test
  void bothMountingsAreFoundExactlyWithoutNoiseAndNearlyWithIt() {
    for (Mounting mounting : Mounting.values()) {
      HandEyeFit exact = HandEyeFit.of(pairs(tips(0.6), mounting, 0), mounting);
      assertNear(CAMERA, exact.camera(), 1e-6, 1e-4);
      assertNear(BOARD, exact.board(), 1e-6, 1e-4);
      assertEquals(0, exact.translationRms(), 1e-3);
      HandEyeFit noisy = HandEyeFit.of(pairs(tips(0.6), mounting, 0.003), mounting);
      assertNear(CAMERA, noisy.camera(), 0.005, 0.5);
      assertTrue(noisy.translationRms() > 0.1 && noisy.translationRms() < 5);
    }
  }

  @Test
  void turnsAboutOneAxisAloneAreRefused() {
    List<Matrix4d> tips = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      tips.add(SixJointArm.tool(new double[] {-0.6 + 0.1 * i, -0.9, 1.3, -0.5, -1.5, 0.2}));
    }
    for (Mounting mounting : Mounting.values()) {
      // A little noise, as of joints that are measured, makes it no better.
      tips.forEach(tip -> tip.rotateX(0.002));
      Refusal.of(
          CalibrateException.class,
          () -> HandEyeFit.of(pairs(tips, mounting, 0.002), mounting),
          "about one axis only",
          "another axis too");
    }
  }

  @Test
  void hardlyAnyTurnAndTooFewPairsAreRefused() {
    Mounting mounting = Mounting.EYE_IN_HAND;
    Refusal.of(
        CalibrateException.class,
        () -> HandEyeFit.of(pairs(tips(0.02), mounting, 0), mounting),
        "degrees at most");
    Refusal.of(
        CalibrateException.class,
        () -> HandEyeFit.of(pairs(tips(0.6).subList(0, 4), mounting, 0), mounting),
        "4 pairs");
  }

  @Test
  void thePoseOfALinkIsThatOfTheKinematicsWrittenOut() {
    LinkPose pose = LinkPose.of(Urdf.parse(SixJointArm.urdf()), "", "tool0");
    assertEquals(SixJointArm.JOINTS, pose.joints());
    assertEquals("world", pose.frame());
    for (double[] q : SixJointArm.poses(20, 1, 3)) {
      Map<String, Double> positions = new HashMap<>();
      for (int i = 0; i < q.length; i++) {
        positions.put(SixJointArm.JOINTS.get(i), q[i]);
      }
      assertNear(SixJointArm.tool(q), pose.at(positions), 1e-12, 1e-5);
    }
  }
}
