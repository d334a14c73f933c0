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
import java.util.Random;
import org.joml.Vector3d;
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

  @Test
  void aPlateOfAnyThicknessStopsALinkThatWouldPassThroughIt() {
    for (double thickness : new double[] {0.05, 0.02, 0.005, 0.001, 1e-6}) {
      Box plate = box(0.5, 0.2, 0.5 + thickness, 0.45);
      double[] positions = PlanarArm.inverse(0.65, 0.4);
      List<Limit> hit = new ArrayList<>();
      boxes(List.of(), List.of(plate)).limit(PlanarArm.inverse(0.35, 0.4), positions, hit);
      assertEquals(1, hit.size(), thickness + " m was passed");
      assertEquals(Limit.Kind.KEEP_OUT, hit.getFirst().kind());
      assertEquals(0.5, PlanarArm.forward(positions)[0], 0.003, thickness + " m");
    }
  }

  @Test
  void aPlateAcrossTheMiddleOfALinkStopsIt() {
    double[] before = {-1.3, 0, 0}; // the forearm hangs straight behind the upper arm
    double[] positions = {-0.7, 0, 0};
    double[] elbow = {0.5 + 0.42 * Math.cos(-1), 1 + 0.42 * Math.sin(-1)};
    double[] middle = {0.5 + 0.63 * Math.cos(-1), 1 + 0.63 * Math.sin(-1)};
    assertTrue(elbow[1] - middle[1] > 0.15, "no joint comes near it");
    Box rod = box(middle[0], middle[1], middle[0] + 0.004, middle[1] + 0.004);
    List<Limit> hit = new ArrayList<>();
    boxes(List.of(), List.of(rod)).limit(before, positions, hit);
    assertEquals(1, hit.size(), "was passed");
    assertEquals(-1, positions[0], 0.01);
  }

  @Test
  void theDepthOfALineIsThatOfItsDeepestPoint() {
    var random = new Random(1);
    for (int i = 0; i < 2000; i++) {
      Solid solid = solid(random, i % 2 == 0 ? 0.5 : 0.002);
      Vector3d from = point(random);
      Vector3d to = i % 10 == 0 ? new Vector3d(from.x, from.y, random.nextDouble()) : point(random);
      double exact = solid.depth(from, to);
      int parts = 2000;
      double sampled = Double.NEGATIVE_INFINITY;
      for (int k = 0; k <= parts; k++) {
        sampled = Math.max(sampled, solid.depth(from.lerp(to, k / (double) parts, new Vector3d())));
      }
      assertTrue(exact >= sampled - 1e-12, "%s of %s".formatted(exact, sampled));
      assertEquals(sampled, exact, from.distance(to) / parts);
    }
  }

  private static Vector3d point(Random random) {
    return new Vector3d(random.nextDouble(), random.nextDouble(), random.nextDouble());
  }

  /** A box of about this thickness in one of its axes. */
  private static Solid solid(Random random, double thickness) {
    Vector3d min = point(random).mul(0.8);
    Vector3d size = point(random).mul(0.5);
    size.setComponent(random.nextInt(3), thickness * (0.5 + random.nextDouble()));
    return new Solid(min, min.add(size, new Vector3d()));
  }

  @Test
  void noStepOfAnyArmBringsALinkDeeperIntoABoxThanItsSlack() {
    var random = new Random(2);
    List<String> joints = List.of("a", "b", "c", "d", "e");
    Urdf urdf =
        Urdf.parse(
            Arms.urdf(
                moving("revolute", "a", "0 0 1"),
                moving("revolute", "b", "0 1 0"),
                moving("prismatic", "c", "1 0 0"),
                moving("revolute", "d", "0 1 0"),
                moving("revolute", "e", "1 0 0")));
    List<KinematicChain> links = new ArrayList<>();
    for (int i = 1; i <= joints.size(); i++) {
      links.add(KinematicChain.of(urdf, joints, "link0", "link" + i));
    }
    int limited = 0;
    for (int i = 0; i < 300; i++) {
      double thickness = Math.pow(10, -4 + 3 * random.nextDouble()); // 0.1 mm to 10 cm
      Vector3d min = point(random).sub(0.5, 0.5, 0);
      Vector3d size = point(random);
      size.setComponent(random.nextInt(3), thickness);
      Vector3d max = min.add(size, new Vector3d());
      var box = new Box("link0", List.of(min.x, min.y, min.z), List.of(max.x, max.y, max.z));
      var limits = new ArmFile.Limits(Map.of(), List.of(), List.of(box), 0);
      double[] before = random.doubles(joints.size(), -1, 1).toArray();
      double[] wanted = random.doubles(joints.size(), -1, 1).toArray();
      double[] positions = wanted.clone();
      List<Limit> hit = new ArrayList<>();
      new Boxes(urdf, joints, limits, Optional.empty()).limit(before, positions, hit);
      limited += hit.size();
      Solid solid = Solid.of(box).atLeast(Boxes.THINNEST_M);
      double allowed = Math.max(Boxes.SLACK_M, deepest(links, solid, before));
      for (int k = 0; k <= 500; k++) {
        double[] at = before.clone();
        for (int j = 0; j < at.length; j++) {
          at[j] += k / 500.0 * (positions[j] - before[j]);
        }
        double depth = deepest(links, solid, at);
        assertTrue(depth <= allowed + Boxes.SLACK_M / 2, "%s m of %s".formatted(depth, allowed));
      }
      if (hit.isEmpty()) {
        assertArrayEquals(wanted, positions);
      }
    }
    assertTrue(limited > 20 && limited < 280, limited + " of 300 ways led through their box");
  }

  /** Returns how deep the deepest of points 1 mm apart on the links is inside. */
  private static double deepest(List<KinematicChain> links, Solid solid, double[] positions) {
    double deepest = Double.NEGATIVE_INFINITY;
    Vector3d from = links.getFirst().tip(positions, new Vector3d());
    for (KinematicChain link : links) {
      Vector3d to = link.tip(positions, new Vector3d());
      int parts = (int) Math.ceil(from.distance(to) / 0.001);
      for (int k = 0; k <= parts; k++) {
        double share = parts == 0 ? 0 : k / (double) parts;
        deepest = Math.max(deepest, solid.depth(from.lerp(to, share, new Vector3d())));
      }
      from = to;
    }
    return deepest;
  }

  private static String moving(String type, String name, String axis) {
    return Arms.joint(
        type,
        name,
        "<axis xyz=\"%s\"/><limit lower=\"-1\" upper=\"1\" velocity=\"3\" effort=\"1\"/>"
            .formatted(axis));
  }

  @Test
  void aTipMovesNoFartherThanItsWay() {
    var random = new Random(3);
    List<String> joints = List.of("a", "b", "c");
    var chain =
        KinematicChain.of(
            Urdf.parse(
                Arms.urdf(
                    moving("revolute", "a", "0 0 1"),
                    moving("prismatic", "b", "0 0 1"),
                    moving("revolute", "c", "0 1 0"),
                    Arms.joint("fixed", "hand", ""))),
            joints,
            "link0",
            "link4");
    double ofAll = 0;
    double movedInAll = 0;
    for (int i = 0; i < 200; i++) {
      double[] from = random.doubles(3, -1, 1).toArray();
      double[] to = random.doubles(3, -1, 1).toArray();
      double moved = 0;
      Vector3d last = chain.tip(from, new Vector3d());
      for (int k = 1; k <= 200; k++) {
        double[] at = from.clone();
        for (int j = 0; j < at.length; j++) {
          at[j] += k / 200.0 * (to[j] - from[j]);
        }
        Vector3d next = chain.tip(at, new Vector3d());
        moved += last.distance(next);
        last = next;
      }
      double way = chain.way(from, to);
      assertTrue(moved <= way, moved + " m of " + way);
      ofAll += way;
      movedInAll += moved;
    }
    assertTrue(ofAll < 4 * movedInAll, "so loose a bound costs looks: " + ofAll / movedInAll);
  }

  @Test
  void aKeepOutBoxThatMovesWithTheArmIsRefused() {
    var hand = new Box("tip", List.of(0.0, 0.0, 0.0), List.of(1.0, 1.0, 1.0));
    Refusal.of(
        ArmException.class,
        () -> boxes(List.of(), List.of(hand)),
        "limits.keep_out[0] keeps no link out",
        "'tip'",
        "stands still");
  }
}
