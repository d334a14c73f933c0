package dev.reverie.console;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.reverie.arm.ArmSilhouette.Eye;
import dev.reverie.arm.PlanarArm;
import dev.reverie.console.KnownArm.Paths;
import dev.reverie.console.Snapshot.Drawn;
import dev.reverie.policy.BundleSpec;
import dev.reverie.rollout.CameraCalibration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Into which pictures chunks are drawn, and why not into others. */
class ChunkDrawingTest {
  private static final CameraCalibration LENS =
      new CameraCalibration(
          100, 100, "plumb_bob", new double[5], new double[] {50, 0, 49.5, 0, 50, 49.5, 0, 0, 1});

  /** Half a metre above the tip, looking down the tool, and 5 cm beside it along x. */
  private static final ChunkDrawing.Places IN_HAND =
      (_, frame, lens) ->
          Optional.of(new Eye(frame, List.of(0.05, 0.0, 0.26), List.of(1.0, 0.0, 0.0, 0.0), lens));

  private final KnownArm arm = KnownArmTest.arm(PlanarArm.SPACE);
  private final Map<String, Double> measured = KnownArmTest.measured(""); // the tip at 0.4, 0.4

  private static Map<String, Double> at(double x, double z) {
    double[] q = PlanarArm.inverse(x, z);
    return Map.of("shoulder", q[0], "elbow", q[1], "wrist", q[2]);
  }

  private ChunkDrawing drawing(Map<String, Double> positions, List<Map<String, Double>> ahead) {
    return new ChunkDrawing(Optional.of(arm), new Paths(List.of(), ahead, List.of()), positions);
  }

  @Test
  void aCameraInTheHandSeesTheChunkFromWhereTheArmIs() {
    var view =
        new BundleSpec.Camera("camera", 10, 10, false, new BundleSpec.Crop(0.2, 0.2, 0.5, 0.5));
    List<Map<String, Double>> ahead = List.of(at(0.4, 0.4), at(0.45, 0.4), at(2.0, 0.4));
    Drawn drawn = drawing(measured, ahead).in("hand", LENS, Optional.of(view), IN_HAND);
    assertEquals("", drawn.missing());
    assertEquals("tip", drawn.tip());
    // 5 cm are 5 pixels at half a metre: the tip is that far left of the middle.
    List<double[]> raw = drawn.raw().ahead().getFirst();
    assertArrayEquals(new double[] {0.45, 0.5}, raw.get(0), 1e-4);
    assertArrayEquals(new double[] {0.5, 0.5}, raw.get(1), 1e-4);
    assertNotNull(drawn.view());
    assertArrayEquals(new double[] {0.5, 0.6}, drawn.view().ahead().getFirst().get(0), 1e-4);
    Drawn later = drawing(at(0.45, 0.4), ahead).in("hand", LENS, Optional.empty(), IN_HAND);
    assertArrayEquals(new double[] {0.4, 0.5}, later.raw().ahead().getFirst().get(0), 1e-4);
    assertNull(later.view());
  }

  @Test
  void whatIsMissingIsSaid() {
    var nobody = new ChunkDrawing(Optional.empty(), Paths.NONE, measured);
    assertEquals(
        "the arm's URDF, or its policy, is not known",
        nobody.in("hand", LENS, Optional.empty(), IN_HAND).missing());
    ChunkDrawing known = drawing(measured, List.of());
    assertEquals(
        "nobody says where the camera stands (frame 'x'); see calibrate hand-eye",
        known.in("x", LENS, Optional.empty(), (_, _, _) -> Optional.empty()).missing());
    Map<String, Double> less = new HashMap<>(measured);
    less.remove("elbow");
    assertEquals(
        "joint 'elbow' is not measured",
        drawing(less, List.of()).in("world", LENS, Optional.empty(), IN_HAND).missing());
    // As the hand sees it no joint moves the tip.
    assertEquals(
        "", drawing(less, List.of()).in("hand", LENS, Optional.empty(), IN_HAND).missing());
  }
}
