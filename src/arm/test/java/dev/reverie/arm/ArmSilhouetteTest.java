package dev.reverie.arm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.arm.ArmSilhouette.Eye;
import dev.reverie.policy.BundleSpec;
import dev.reverie.rollout.CameraCalibration;
import dev.reverie.rollout.JointNames;
import dev.reverie.testing.Refusal;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Bodies of which it can be said by hand where a camera sees them. */
class ArmSilhouetteTest {
  private static final String EYE = "<link name=\"eye\"/>";
  private static final String SLIDE =
      """
      <joint name="slide" type="prismatic">
        <parent link="eye"/><child link="body"/><origin xyz="0 0 2"/><axis xyz="1 0 0"/>
        <limit lower="-9" upper="9" velocity="1" effort="1"/>
      </joint>
      """;

  /** 48 x 48 pixels, of which one is 1 cm at a metre: 100 pixels of focal length. */
  private static final CameraCalibration LENS =
      new CameraCalibration(
          48, 48, "plumb_bob", new double[5], new double[] {100, 0, 23.5, 0, 100, 23.5, 0, 0, 1});

  private static String body(String geometry) {
    return "<robot name=\"one\">%s<link name=\"body\"><visual><geometry>%s</geometry></visual></link>%s</robot>"
        .formatted(EYE, geometry, SLIDE);
  }

  private static double[] drawn(String urdf, BundleSpec.Camera view, int cell, double... at) {
    return drawn(urdf, Eye.in("eye", LENS), view, cell, at);
  }

  private static double[] drawn(
      String urdf, Eye eye, BundleSpec.Camera view, int cell, double... at) {
    ArmBodies bodies = ArmBodies.of(urdf, JointNames.SAME, List.of("slide"));
    byte[] covered = new ArmSilhouette(bodies, eye, view, cell).at(at);
    double[] shares = new double[covered.length];
    for (int i = 0; i < shares.length; i++) {
      shares[i] = (covered[i] & 0xff) / 255.0;
    }
    return shares;
  }

  private static double sum(double[] shares) {
    double sum = 0;
    for (double share : shares) {
      sum += share;
    }
    return sum;
  }

  private static final BundleSpec.Camera WHOLE = new BundleSpec.Camera("camera", 48, 48);

  @Test
  void aFlatBoxCoversThePixelsThatItsCornersSay() {
    // 0.4 x 0.2 m, two metres away: 20 x 10 pixels about the middle, columns 14 to 34, rows 19 to
    // 29.
    double[] drawn = drawn(body("<box size=\"0.4 0.2 0.0001\"/>"), WHOLE, 1, 0);
    for (int row = 0; row < 48; row++) {
      for (int column = 0; column < 48; column++) {
        boolean inside = row >= 19 && row < 29 && column >= 14 && column < 34;
        boolean edge =
            (row == 18 || row == 29 || column == 13 || column == 34) // drawn an eighth too wide
                && row >= 18
                && row <= 29
                && column >= 13
                && column <= 34;
        assertEquals(inside ? 1 : 0, drawn[48 * row + column], edge ? 0.3 : 0, row + ", " + column);
      }
    }
    double[] moved =
        drawn(body("<box size=\"0.4 0.2 0.0001\"/>"), WHOLE, 4, 0.04); // 2 to the right
    assertEquals(1, moved[12 * 5 + 5], 0); // rows 20 to 24, columns 20 to 24
    assertEquals(1, moved[12 * 5 + 8], 0); // columns 32 to 36
    assertEquals(0, moved[12 * 5 + 3], 0.1); // columns 12 to 16: it begins at 16
    assertEquals(0.25, moved[12 * 4 + 5], 0.1); // rows 16 to 20: it begins at 19
    assertEquals(0, moved[12 * 5 + 9], 0.1); // columns 36 to 40: it ends there
  }

  @Test
  void ofADeepBoxTheNearFaceIsTheLargest() {
    double[] drawn = drawn(body("<box size=\"0.2 0.2 0.2\"/>"), WHOLE, 1, 0);
    double near = 100 * 0.2 / 1.9;
    double covered = sum(drawn); // each edge up to a quarter of a pixel further out
    assertTrue(
        covered >= near * near && covered <= (near + 0.5) * (near + 0.5), covered + " of it");
  }

  @Test
  void roundBodiesCoverTheirOutlines() {
    double sphere = sum(drawn(body("<sphere radius=\"0.2\"/>"), WHOLE, 1, 0));
    // The cone that touches a sphere of radius r at distance d has the tangent r / sqrt(d^2 - r^2).
    double radius = 100 * 0.2 / Math.sqrt(4 - 0.04);
    assertEquals(Math.PI * radius * radius, sphere, 0.04 * sphere);
    double disc = sum(drawn(body("<cylinder radius=\"0.2\" length=\"0.0001\"/>"), WHOLE, 1, 0));
    assertEquals(Math.PI * 100, disc, 0.04 * disc);
    double capsule =
        sum(drawn(body("<capsule radius=\"0.2\" length=\"0.5\"/>"), WHOLE, 1, 0)); // along z
    double end = 100 * 0.2 / Math.sqrt(1.75 * 1.75 - 0.04);
    assertEquals(Math.PI * end * end, capsule, 0.04 * capsule);
  }

  @Test
  void aViewThatIsCroppedAndScaledSeesThePartOfThePicture() {
    BundleSpec.Camera right =
        new BundleSpec.Camera("camera", 48, 48, false, new BundleSpec.Crop(0.5, 0.25, 0.5, 0.5));
    // The box's columns 24 to 34 and rows 19 to 29 of the picture, twice as large from 24, 12 on.
    double[] drawn = drawn(body("<box size=\"0.4 0.2 0.0001\"/>"), right, 1, 0);
    assertEquals(1, drawn[48 * 14], 0);
    assertEquals(1, drawn[48 * 33 + 19], 0);
    assertEquals(0, drawn[48 * 12], 0);
    assertEquals(0, drawn[48 * 24 + 21], 0);
    assertEquals(20 * 20, sum(drawn), 20);
  }

  @Test
  void aCameraMayStandElsewhereAndWhatIsBehindItIsNotSeen() {
    String box = body("<box size=\"0.4 0.2 0.0001\"/>");
    Eye turned = new Eye("eye", List.of(0.0, 0.0, 0.0), List.of(0.0, 1.0, 0.0, 0.0), LENS);
    assertEquals(0, sum(drawn(box, turned, WHOLE, 1, 0)));
    Eye nearer = new Eye("eye", List.of(0.0, 0.0, 1.0), List.of(0.0, 0.0, 0.0, 1.0), LENS);
    assertEquals(40 * 20, sum(drawn(box, nearer, WHOLE, 1, 0)), 20);
    String through = body("<box size=\"0.4 0.2 9\"/>"); // the lens is in it
    assertEquals(48 * 48, sum(drawn(through, WHOLE, 1, 0)), 0);
  }

  @Test
  void meshesGiveWayToWhatTheyCollideWithAndAreRefusedWithoutIt() {
    String mesh = "<mesh filename=\"package://arm/body.stl\"/>";
    Refusal.of(
        ArmException.class,
        () -> drawn(body(mesh), WHOLE, 1, 0),
        "the link 'body' of the URDF is drawn by no box",
        "<collision>");
    String both =
        body(mesh)
            .replace(
                "</visual>",
                "</visual><collision><geometry><box size=\"0.4 0.2 0.0001\"/></geometry></collision>");
    assertEquals(20 * 10, sum(drawn(both, WHOLE, 1, 0)), 10);
  }

  @Test
  void numbersAndLinksThatMakeNoSenseAreNamed() {
    Refusal.of(
        ArmException.class,
        () -> drawn(body("<sphere radius=\"-1\"/>"), WHOLE, 1, 0),
        "radius=\"-1\"",
        "link 'body'");
    Refusal.of(
        ArmException.class,
        () -> drawn(body("<box size=\"1 2\"/>"), WHOLE, 1, 0),
        "size=\"1 2\"",
        "three lengths");
    Refusal.of(
        ArmException.class,
        () -> drawn(body("<sphere radius=\"1\"/>"), Eye.in("eyes", LENS), WHOLE, 1, 0),
        "no link 'eyes'",
        "eye");
    String bare = body("").replaceAll("<visual>.*</visual>", "");
    Refusal.of(ArmException.class, () -> drawn(bare, WHOLE, 1, 0), "draws none of its links");
  }
}
