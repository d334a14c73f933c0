package dev.reverie.arm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.arm.ArmFile.Box;
import dev.reverie.testing.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Boxes about the planar arm, in x and z. */
class BoxesTest {
  private static Box box(double x0, double z0, double x1, double z1) {
    return new Box("world", List.of(x0, -1.0, z0), List.of(x1, 1.0, z1));
  }

  private static Boxes boxes(List<Box> workspace, List<Box> keepOut) {
    return new Boxes(
        PlanarArm.urdf(),
        PlanarArm.JOINTS,
        new ArmFile.Limits(Map.of(), workspace, keepOut, 0),
        Optional.of("tip"));
  }

  @Test
  void theTipStopsAtTheBorderOfItsWorkspace() {
    double[] positions = PlanarArm.inverse(0.7, 0.4);
    List<Limit> hit = new ArrayList<>();
    boxes(List.of(box(0.3, 0.2, 0.6, 0.6)), List.of())
        .limit(PlanarArm.inverse(0.5, 0.4), positions, hit);
    assertEquals(0.601, PlanarArm.forward(positions)[0], 2e-3);
    assertEquals(Limit.Kind.WORKSPACE, hit.getFirst().kind());
    assertTrue(hit.getFirst().text().contains("workspace: tip "), hit.toString());
  }

  @Test
  void noLinkPassesThroughABoxEvenIfTheStepEndsBehindIt() {
    double[] before = PlanarArm.inverse(0.35, 0.4);
    double[] positions = PlanarArm.inverse(0.65, 0.4);
    List<Limit> hit = new ArrayList<>();
    boxes(List.of(), List.of(box(0.48, 0.2, 0.52, 0.45))).limit(before, positions, hit);
    assertEquals(Limit.Kind.KEEP_OUT, hit.getFirst().kind());
    assertTrue(PlanarArm.forward(positions)[0] < 0.485, PlanarArm.forward(positions)[0] + " m");
  }

  @Test
  void whatIsInsideABoxMayComeOutOfIt() {
    double[] positions = PlanarArm.inverse(0.5, 0.5);
    double[] wanted = positions.clone();
    List<Limit> hit = new ArrayList<>();
    boxes(List.of(), List.of(box(0.45, 0.2, 0.55, 0.45)))
        .limit(PlanarArm.inverse(0.5, 0.44), positions, hit);
    assertArrayEquals(wanted, positions);
    assertEquals(List.of(), hit);
  }

  @Test
  void aBoxInAFrameThatIsNotThereIsRefused() {
    var lost = new Box("table", List.of(0.0, 0.0, 0.0), List.of(1.0, 1.0, 1.0));
    Refusal.of(ArmException.class, () -> boxes(List.of(), List.of(lost)), "'table'");
  }
}
