package dev.reverie.sim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.arm.ArmBodies;
import dev.reverie.arm.ArmSilhouette;
import dev.reverie.policy.BundleSpec;
import dev.reverie.rollout.CameraCalibration;
import dev.reverie.rollout.JointNames;
import dev.reverie.testing.Prepared;
import java.io.StringReader;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import javax.xml.parsers.DocumentBuilderFactory;
import org.joml.Matrix4d;
import org.joml.Vector3d;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.xml.sax.InputSource;

/** The URDF that the arm publishes and the scene that it moves in are the same arm. */
class RobotDescriptionTest {
  private final Map<String, Element> jointTo = new HashMap<>();

  RobotDescriptionTest() throws Exception {
    var document =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new InputSource(new StringReader(PlanarMjcf.resource("peg-arm.urdf"))));
    var joints = document.getElementsByTagName("joint");
    for (int i = 0; i < joints.getLength(); i++) {
      Element joint = (Element) joints.item(i);
      jointTo.put(child(joint, "child").getAttribute("link"), joint);
    }
  }

  @Test
  @Prepared
  void theTipOfTheUrdfIsTheTipOfTheScene() {
    var random = new SplittableRandom(1);
    try (var scene = new PegScene()) {
      for (int trial = 0; trial < 100; trial++) {
        double[] q = random.doubles(3, -3, 3).toArray();
        scene.simulation().jointPositions().set(q);
        scene.simulation().forward();
        Vector3d tip = pose("tip", q).getTranslation(new Vector3d());
        double[] site = scene.simulation().sitePositions().toArray(0, 3);
        assertArrayEquals(site, new double[] {tip.x, tip.y, tip.z}, 1e-9);
      }
    }
  }

  @Test
  @Prepared
  void theOpticalFrameOfTheUrdfIsTheCameraOfTheScene() {
    try (var scene = new PegScene()) {
      FixedCamera camera = scene.simulation().camera(PegScene.CAMERA);
      Matrix4d pose = pose("camera_optical_frame", new double[3]);
      for (int axis = 0; axis < 3; axis++) { // optical: right, down, forward
        assertEquals(camera.rotation()[3 * axis], pose.getRowColumn(axis, 0), 1e-9);
        assertEquals(-camera.rotation()[3 * axis + 1], pose.getRowColumn(axis, 1), 1e-9);
        assertEquals(-camera.rotation()[3 * axis + 2], pose.getRowColumn(axis, 2), 1e-9);
        assertEquals(camera.position()[axis], pose.getRowColumn(axis, 3), 1e-9);
      }
    }
  }

  /**
   * Casts a ray of the scene for each sample of a pixel: what is not as without the arm is the arm.
   */
  @Test
  @Prepared
  void theArmDrawnFromTheUrdfIsWhereTheSceneShowsIt() {
    try (var scene = new PegScene()) {
      var camera = new RayCamera(scene.simulation(), PegScene.CAMERA, 96, 4);
      double focal = camera.focalPixels();
      var lens =
          new CameraCalibration(
              96,
              96,
              "plumb_bob",
              new double[5],
              new double[] {focal, 0, 47.5, 0, focal, 47.5, 0, 0, 1});
      var silhouette =
          new ArmSilhouette(
              ArmBodies.of(PlanarMjcf.resource("peg-arm.urdf"), JointNames.SAME, PegArm.JOINTS),
              ArmSilhouette.Eye.in("camera_optical_frame", lens),
              new BundleSpec.Camera("camera", 96, 96),
              1);
      double[] up = {Math.PI / 2, 0, Math.PI / 2}; // mostly above the picture
      byte[] without = picture(scene, camera, up);
      byte[] upright = silhouette.at(up);
      var random = new SplittableRandom(2);
      for (int trial = 0; trial < 20; trial++) {
        double x = random.nextDouble(PegArm.MIN_X_M, PegArm.MAX_X_M);
        double z = random.nextDouble(PegArm.MIN_Z_M, PegArm.MAX_Z_M);
        double[] q = PegArm.inverse(new PegArm.Tip(x, z));
        byte[] shown = picture(scene, camera, q);
        byte[] drawn = silhouette.at(q);
        int both = 0;
        int inDrawing = 0;
        int inScene = 0;
        for (int pixel = 0; pixel < drawn.length; pixel++) {
          if (upright[pixel] != 0) {
            continue; // the two pictures show the arm
          }
          boolean there = (drawn[pixel] & 0xff) > 127;
          boolean seen = share(shown, without, pixel) > 0.5;
          both += there && seen ? 1 : 0;
          inDrawing += there ? 1 : 0;
          inScene += seen ? 1 : 0;
        }
        // The links of the scene are capsules, whose round ends the cylinders of the URDF lack;
        // high
        // up a tenth of what is drawn does not stand out from the background there.
        String counts =
            "%d in both, %d drawn, %d in the scene, at %s"
                .formatted(both, inDrawing, inScene, Arrays.toString(q));
        assertTrue(both > 0.85 * inDrawing && both > 0.92 * inScene, counts);
      }
    }
  }

  private static byte[] picture(PegScene scene, RayCamera camera, double[] q) {
    scene.simulation().jointPositions().set(q);
    scene.simulation().forward();
    return camera.render();
  }

  /**
   * Returns how much of a pixel is not as in another picture, about, in shares of the largest
   * change.
   */
  private static double share(byte[] shown, byte[] without, int pixel) {
    int most = 0;
    for (int channel = 0; channel < 3; channel++) {
      int at = 3 * pixel + channel;
      most = Math.max(most, Math.abs((shown[at] & 0xff) - (without[at] & 0xff)));
    }
    return most / 90.0; // half of the least contrast of arm and background, which is 180 or so
  }

  @Test
  void theEndStopsAreThoseOfTheUrdf() {
    double[] far = {100, 100, 100};
    double[] upper = PegArm.withinLimits(far);
    double[] lower = PegArm.withinLimits(Arrays.stream(far).map(q -> -q).toArray());
    for (Element joint : jointTo.values()) {
      int index = PegArm.JOINTS.indexOf(joint.getAttribute("name"));
      if (index >= 0) {
        Element limit = child(joint, "limit");
        assertEquals(Double.parseDouble(limit.getAttribute("lower")), lower[index]);
        assertEquals(Double.parseDouble(limit.getAttribute("upper")), upper[index]);
      }
    }
  }

  /** Link to world. */
  private Matrix4d pose(String link, double[] q) {
    var pose = new Matrix4d();
    for (var joint = jointTo.get(link);
        joint != null;
        joint = jointTo.get(child(joint, "parent").getAttribute("link"))) {
      var local = origin(joint);
      int index = PegArm.JOINTS.indexOf(joint.getAttribute("name"));
      if (index >= 0) {
        double[] axis = numbers(child(joint, "axis").getAttribute("xyz"));
        local.rotate(q[index], axis[0], axis[1], axis[2]);
      }
      pose = local.mul(pose);
    }
    return pose;
  }

  private static Matrix4d origin(Element joint) {
    var local = new Matrix4d();
    if (joint.getElementsByTagName("origin").getLength() > 0) {
      double[] xyz = numbers(child(joint, "origin").getAttribute("xyz"));
      double[] rpy = numbers(child(joint, "origin").getAttribute("rpy"));
      local.translate(xyz[0], xyz[1], xyz[2]).rotateZYX(rpy[2], rpy[1], rpy[0]);
    }
    return local;
  }

  private static double[] numbers(String text) {
    return text.isBlank()
        ? new double[3]
        : Arrays.stream(text.split(" ")).mapToDouble(Double::parseDouble).toArray();
  }

  private static Element child(Element element, String tag) {
    return (Element) element.getElementsByTagName(tag).item(0);
  }
}
