package dev.reverie.sim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.arm.ArmFile;
import dev.reverie.arm.KinematicChain;
import dev.reverie.arm.Urdf;
import dev.reverie.testing.Prepared;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.joml.Matrix4d;
import org.joml.Quaterniond;
import org.joml.Vector3d;
import org.junit.jupiter.api.Test;

/** The URDF, the scene and the arm file of the six-joint arm are the same arm. */
@Prepared
class SceneDescriptionTest {
  private static final List<String> LINKS =
      List.of(
          "shoulder_link",
          "upper_arm_link",
          "lower_arm_link",
          "wrist_link",
          "gripper_link",
          "jaw_link");

  private static Urdf urdf() throws Exception {
    return Urdf.parse(Files.readString(SceneArmTest.FOLDER.resolve("so101.urdf")));
  }

  @Test
  void everyLinkOfTheUrdfIsWhereTheSceneHasItsBody() throws Exception {
    Urdf urdf = urdf();
    var random = new SplittableRandom(1);
    try (SceneArm arm = SceneArm.load(SceneArmTest.SCENE)) {
      List<KinematicChain> chains = new ArrayList<>();
      for (String link : LINKS) {
        chains.add(KinematicChain.of(urdf, arm.names(), "world", link));
      }
      for (int trial = 0; trial < 100; trial++) {
        double[] q =
            arm.joints().stream()
                .mapToDouble(joint -> random.nextDouble(joint.lower(), joint.upper()))
                .toArray();
        for (int i = 0; i < q.length; i++) {
          arm.simulation().jointPositions().set(arm.joints().get(i).position(), q[i]);
        }
        arm.simulation().look();
        for (int i = 0; i < LINKS.size(); i++) {
          requireSamePose(arm, LINKS.get(i), chains.get(i).forward(q));
        }
      }
    }
  }

  private static void requireSamePose(SceneArm arm, String link, Matrix4d pose) {
    int body = arm.simulation().model().bodyId(link);
    Vector3d at = pose.getTranslation(new Vector3d());
    assertArrayEquals(
        arm.simulation().bodyPositions().toArray(3 * body, 3),
        new double[] {at.x, at.y, at.z},
        1e-9,
        link);
    double[] q = arm.simulation().bodyQuaternions().toArray(4 * body, 4);
    var turned = pose.getUnnormalizedRotation(new Quaterniond());
    assertEquals(1, Math.abs(turned.dot(new Quaterniond(q[1], q[2], q[3], q[0]))), 1e-9, link);
  }

  @Test
  void theOpticalFramesOfTheUrdfAreTheCamerasOfTheScene() throws Exception {
    Urdf urdf = urdf();
    try (SceneArm arm = SceneArm.load(SceneArmTest.SCENE)) {
      arm.simulation().look();
      KinematicChain hand = KinematicChain.of(urdf, arm.names(), "world", "gripper_link");
      requireOptical(
          arm.simulation().cameraNow("wrist"),
          hand.forward(arm.positions()).mul(origin("wrist_camera")));
      requireOptical(arm.simulation().cameraNow("front"), origin("front_camera"));
    }
  }

  /** Returns what the URDF says of a fixed joint. */
  private static Matrix4d origin(String joint) throws Exception {
    String text = Files.readString(SceneArmTest.FOLDER.resolve("so101.urdf"));
    Matcher origin =
        Pattern.compile("name=\"" + joint + "\".*?xyz=\"(.*?)\" rpy=\"(.*?)\"", Pattern.DOTALL)
            .matcher(text);
    assertTrue(origin.find(), joint);
    double[] xyz = numbers(origin.group(1));
    double[] rpy = numbers(origin.group(2));
    return new Matrix4d()
        .translation(xyz[0], xyz[1], xyz[2])
        .rotateZ(rpy[2])
        .rotateY(rpy[1])
        .rotateX(rpy[0]);
  }

  private static double[] numbers(String text) {
    return Arrays.stream(text.split(" ", -1)).mapToDouble(Double::parseDouble).toArray();
  }

  private static void requireOptical(FixedCamera camera, Matrix4d pose) {
    for (int axis = 0; axis < 3; axis++) { // optical: right, down, forward
      assertEquals(camera.rotation()[3 * axis], pose.getRowColumn(axis, 0), 1e-6);
      assertEquals(-camera.rotation()[3 * axis + 1], pose.getRowColumn(axis, 1), 1e-6);
      assertEquals(-camera.rotation()[3 * axis + 2], pose.getRowColumn(axis, 2), 1e-6);
      assertEquals(camera.position()[axis], pose.getRowColumn(axis, 3), 1e-9);
    }
  }

  @Test
  void theArmFileNamesTheJointsAndCamerasOfTheScene() {
    ArmFile file = ArmFile.read(Path.of(SceneArmTest.FOLDER + ".yaml"));
    try (SceneArm arm = SceneArm.load(SceneArmTest.SCENE)) {
      assertEquals(arm.names(), file.joints());
      assertEquals(arm.simulation().model().cameras(), List.copyOf(file.cameras().keySet()));
      assertEquals(MockDrivers.TRAJECTORIES, file.controller().topic());
    }
  }
}
