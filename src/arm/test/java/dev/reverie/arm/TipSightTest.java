package dev.reverie.arm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverie.arm.ArmSilhouette.Eye;
import dev.reverie.arm.TipSight.Picture;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.OpenCv;
import dev.reverie.policy.Preprocess;
import dev.reverie.rollout.CameraCalibration;
import dev.reverie.rollout.CameraImage;
import dev.reverie.rollout.JointNames;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.joml.Matrix3d;
import org.joml.Matrix4d;
import org.joml.Quaterniond;
import org.joml.Vector3d;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.opencv.calib3d.Calib3d;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.MatOfDouble;
import org.opencv.core.MatOfPoint2f;
import org.opencv.core.MatOfPoint3f;
import org.opencv.core.Point;
import org.opencv.core.Point3;

/** The tip of the planar arm in pictures, compared with OpenCV's projectPoints. */
class TipSightTest {
  private static final int WIDTH = 320;
  private static final int HEIGHT = 240;
  private static final double[] MATRIX = {250, 0, 163, 0, 245, 117, 0, 0, 1};
  private static final double[] PLUMB_BOB = {-0.3, 0.09, 0.004, -0.003, -0.01};
  private static final double[] RATIONAL = {0.4, -0.2, 0.002, 0.001, 0.03, 0.6, -0.1, 0.02};
  private static final ArmLinks LINKS = ArmLinks.of(PlanarArm.xml(), JointNames.SAME);

  /** Beside the arm, which moves in the plane of x and z: it looks along y, and down a little. */
  private static final Matrix4d STANDS =
      new Matrix4d().translation(0.45, -1.2, 0.7).rotateX(-Math.PI / 2 - 0.2).rotateZ(0.05);

  static CameraCalibration lens(double... distortion) {
    String model = distortion.length > 5 ? "rational_polynomial" : "plumb_bob";
    return new CameraCalibration(WIDTH, HEIGHT, model, distortion, MATRIX);
  }

  private static Eye eye(String link, Matrix4d pose, CameraCalibration lens) {
    Vector3d t = pose.getTranslation(new Vector3d());
    Quaterniond q = pose.getNormalizedRotation(new Quaterniond());
    return new Eye(link, List.of(t.x, t.y, t.z), List.of(q.x, q.y, q.z, q.w), lens);
  }

  private static Map<String, Double> at(double x, double z) {
    double[] q = PlanarArm.inverse(x, z);
    return Map.of("shoulder", q[0], "elbow", q[1], "wrist", q[2]);
  }

  /** Returns where OpenCV sees points of the root, as shares of the picture. */
  private static List<double[]> projected(
      Matrix4d camera, CameraCalibration lens, double[] distortion, List<Point3> points) {
    OpenCv.load();
    Matrix4d into = camera.invertAffine(new Matrix4d());
    Mat turn = new Mat(3, 3, CvType.CV_64F);
    Matrix3d rotation = into.get3x3(new Matrix3d());
    for (int row = 0; row < 3; row++) {
      for (int column = 0; column < 3; column++) {
        turn.put(row, column, rotation.get(column, row));
      }
    }
    Mat vector = new Mat();
    Calib3d.Rodrigues(turn, vector);
    Mat matrix = new Mat(3, 3, CvType.CV_64F);
    matrix.put(0, 0, lens.k());
    var pixels = new MatOfPoint2f();
    Calib3d.projectPoints(
        new MatOfPoint3f(points.toArray(Point3[]::new)),
        vector,
        new MatOfDouble(into.m30(), into.m31(), into.m32()),
        matrix,
        new MatOfDouble(distortion),
        pixels);
    return pixels.toList().stream()
        .map(p -> new double[] {(p.x + 0.5) / WIDTH, (p.y + 0.5) / HEIGHT})
        .toList();
  }

  private static void assertSame(List<double[]> expected, List<double[]> seen) {
    assertEquals(expected.size(), seen.size());
    for (int i = 0; i < expected.size(); i++) {
      assertArrayEquals(expected.get(i), seen.get(i), 1e-6, "point " + i);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aFixedCameraSeesTheTipWhereOpenCvProjectsIt(boolean rational) {
    double[] distortion = rational ? RATIONAL : PLUMB_BOB;
    CameraCalibration lens = lens(distortion);
    List<Map<String, Double>> way = new ArrayList<>();
    List<Point3> points = new ArrayList<>();
    for (double x = 0.2; x < 0.75; x += 0.05) {
      way.add(at(x, 0.3 + x / 4));
      points.add(new Point3(x, 0, 0.3 + x / 4));
    }
    var sight = new TipSight(LINKS, "tip", eye("world", STANDS, lens));
    assertEquals(PlanarArm.JOINTS.stream().sorted().toList(), sight.joints());
    List<List<double[]>> lines = sight.lines(at(0.5, 0.5), way, Picture.raw(lens));
    assertEquals(1, lines.size());
    assertSame(projected(STANDS, lens, distortion, points), lines.getFirst());
  }

  @Test
  void aCameraInTheHandMovesWithTheMeasuredJointsAndNotWithTheChunk() {
    CameraCalibration lens = lens(PLUMB_BOB);
    // Above the tip, 6 cm beside it, looking down the tool; the tool hangs along -z of the hand.
    Matrix4d inHand = new Matrix4d().translation(0.02, -0.06, 0.05).rotateX(Math.PI);
    var sight = new TipSight(LINKS, "tip", eye("hand", inHand, lens));
    double[] now = {0.5, 0.4};
    // The vertical tool is not turned: the hand's axes are the root's.
    Matrix4d camera = new Matrix4d().translation(now[0], 0, now[1] + 0.24).mul(inHand);
    List<Point3> points = List.of(new Point3(0.5, 0, 0.4), new Point3(0.53, 0, 0.39));
    List<double[]> seen =
        sight
            .lines(at(now[0], now[1]), List.of(at(0.5, 0.4), at(0.53, 0.39)), Picture.raw(lens))
            .getFirst();
    assertSame(projected(camera, lens, PLUMB_BOB, points), seen);
    // Wherever the arm is, the camera sees its own tip at the same place.
    List<double[]> elsewhere =
        sight.lines(at(0.3, 0.5), List.of(at(0.3, 0.5)), Picture.raw(lens)).getFirst();
    assertArrayEquals(seen.getFirst(), elsewhere.getFirst(), 1e-9);
    // No joint moves the tip as the hand sees it.
    assertEquals(List.of(), sight.joints());
  }

  @Test
  void whatThePolicySeesHasTheTipWhereItsPreprocessingBringsIt() {
    CameraCalibration lens = lens(PLUMB_BOB);
    var crop = new BundleSpec.Crop(0.3, 0.2, 0.5, 0.6);
    var view = new BundleSpec.Camera("camera", 64, 48, true, crop);
    var sight = new TipSight(LINKS, "tip", eye("world", STANDS, lens));
    for (double[] tip : new double[][] {{0.4, 0.5}, {0.5, 0.6}, {0.6, 0.45}}) {
      List<Map<String, Double>> way = List.of(at(tip[0], tip[1]));
      double[] raw = sight.lines(at(0.5, 0.5), way, Picture.raw(lens)).getFirst().getFirst();
      double[] seen =
          sight.lines(at(0.5, 0.5), way, Picture.view(view, lens)).getFirst().getFirst();
      byte[] shown = new Preprocess(view, Optional.of(lens)).apply(dot(raw));
      double[] middle = middle(shown, view);
      assertArrayEquals(middle, new double[] {64 * seen[0], 48 * seen[1]}, 0.03);
    }
  }

  /** A picture with a dot that is brightest at a place. */
  private static CameraImage dot(double[] share) {
    byte[] rgb = new byte[3 * WIDTH * HEIGHT];
    for (int row = 0; row < HEIGHT; row++) {
      for (int column = 0; column < WIDTH; column++) {
        double x = column + 0.5 - WIDTH * share[0];
        double y = row + 0.5 - HEIGHT * share[1];
        rgb[3 * (WIDTH * row + column)] = (byte) Math.rint(255 * Math.exp(-(x * x + y * y) / 18));
      }
    }
    return new CameraImage(WIDTH, HEIGHT, rgb);
  }

  /** The middle of what is bright, in pixels from the edge. */
  private static double[] middle(byte[] rgb, BundleSpec.Camera view) {
    double sum = 0;
    var middle = new Point();
    for (int row = 0; row < view.height(); row++) {
      for (int column = 0; column < view.width(); column++) {
        int bright = rgb[3 * (view.width() * row + column)] & 0xff;
        sum += bright;
        middle.x += bright * (column + 0.5);
        middle.y += bright * (row + 0.5);
      }
    }
    return new double[] {middle.x / sum, middle.y / sum};
  }

  @Test
  void aLineBreaksWhereTheTipIsOutsideOfThePictureOrBehindTheLens() {
    CameraCalibration lens = lens();
    // At 0.5, 0.5, in the plane in which the tip moves, looking along x.
    Matrix4d camera = new Matrix4d().translation(0.5, 0, 0.5).rotateX(-Math.PI / 2);
    camera.rotateY(Math.PI / 2);
    var sight = new TipSight(LINKS, "tip", eye("world", camera, lens));
    List<Map<String, Double>> way =
        List.of(
            at(0.7, 0.5), at(0.75, 0.49), at(0.3, 0.5), at(0.6, 0.5), at(0.6, 0.2), at(0.7, 0.5));
    List<List<double[]>> lines = sight.lines(at(0.5, 0.5), way, Picture.raw(lens));
    assertEquals(List.of(2, 1, 1), lines.stream().map(List::size).toList());
    assertArrayEquals(
        new double[] {163.5 / WIDTH, 117.5 / HEIGHT}, lines.getFirst().getFirst(), 1e-9);
  }

  @Test
  void whatADistortionWouldFoldBackIntoThePictureIsLeftOut() {
    CameraCalibration lens = lens(-0.4, 0, 0, 0);
    Matrix4d near = new Matrix4d().translation(0.3, -0.2, 0.5).rotateX(-Math.PI / 2);
    var sight = new TipSight(LINKS, "tip", eye("world", near, lens));
    // A ray at 1.5 to the right: 1.5 * (1 - 0.4 * 2.25) = 0.15, by the polynomial in the picture.
    assertEquals(List.of(), sight.lines(at(0.5, 0.5), List.of(at(0.6, 0.5)), Picture.raw(lens)));
    // At 0.5 the lens goes on outwards.
    assertEquals(1, sight.lines(at(0.5, 0.5), List.of(at(0.4, 0.5)), Picture.raw(lens)).size());
  }

  @Test
  void withoutANamedTipItIsTheLinkThatMostJointsMove() {
    assertEquals("hand", LINKS.hand(PlanarArm.JOINTS));
    assertEquals("fore", LINKS.hand(List.of("shoulder", "elbow")));
  }
}
