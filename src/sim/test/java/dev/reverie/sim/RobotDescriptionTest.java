package dev.reverie.sim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

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
            .parse(new InputSource(new StringReader(PegScene.resource("peg-arm.urdf"))));
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
