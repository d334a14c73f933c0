package dev.reverie.sim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverie.arm.ArmFile;
import dev.reverie.arm.ArmModel;
import dev.reverie.arm.LinkPose;
import dev.reverie.arm.Urdf;
import dev.reverie.testing.Prepared;
import dev.reverie.testing.Refusal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.joml.Matrix4d;
import org.joml.Quaterniond;
import org.joml.Vector3d;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Prepared
class SceneUrdfTest {
  /** Anchors aside, positions of zero that are none, two joints of a body, quarter turns. */
  private static final String SCENE =
      """
      <mujoco>
        <compiler angle="radian" autolimits="true"/>
        <worldbody>
          <body name="cup"><freejoint/><geom size="0.1"/></body>
          <body name="table"><geom size="0.1"/></body>
          <body name="base" pos="0.1 -0.2 0.3" euler="0.3 -0.5 0.7">
            <geom size="0.1"/>
            <body name="turret" pos="0 0.1 0.2" euler="0 1.5707963267948966 0.2">
              <joint name="pan" axis="0 0 1" pos="0.05 0.02 0"/>
              <joint name="tilt" axis="1 2 3" pos="-0.03 0 0.04" ref="0.6" range="-1 1.5"/>
              <geom size="0.1"/>
              <body name="rail" pos="0.3 0 0" euler="-1.5707963267948966 0 0">
                <joint name="slide" type="slide" axis="0 1 1" ref="0.02" range="-0.1 0.2"/>
                <geom size="0.1"/>
                <body pos="0 0 0.1" euler="0 0 1">
                  <body name="tool" pos="0.2 0 0"><geom size="0.1"/></body>
                </body>
                <body name="loose"><joint name="hangs"/><geom size="0.1"/></body>
              </body>
            </body>
          </body>
        </worldbody>
        <actuator>
          <position joint="pan"/>
          <position joint="tilt"/>
          <position joint="slide"/>
        </actuator>
      </mujoco>
      """;

  private static String urdf(SceneArm arm) {
    return SceneUrdf.of("arm", arm.simulation().model(), joint -> new SceneUrdf.Most(87, 2.5));
  }

  @Test
  void everyLinkIsWhereMujocoHasItsBody(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("scene.xml");
    Files.writeString(file, SCENE);
    try (SceneArm arm = SceneArm.load(file)) {
      Urdf urdf = Urdf.parse(urdf(arm));
      assertEquals("world", urdf.root());
      requireSamePoses(arm, urdf, List.of("turret", "rail", "tool"));
      for (String other : List.of("cup", "table", "loose")) {
        assertEquals(false, urdf.links().contains(other), other);
      }
    }
  }

  @Test
  void jointsHaveTheirStopsAndWhatIsSaidOfThem(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("scene.xml");
    Files.writeString(file, SCENE);
    try (SceneArm arm = SceneArm.load(file)) {
      String urdf = urdf(arm);
      assertEquals(true, urdf.contains("<joint name=\"pan\" type=\"continuous\">"), urdf);
      assertEquals(true, urdf.contains("<joint name=\"tilt\" type=\"revolute\">"), urdf);
      assertEquals(true, urdf.contains("<joint name=\"slide\" type=\"prismatic\">"), urdf);
      assertEquals(
          true,
          urdf.contains("<limit lower=\"-1.0\" upper=\"1.5\" effort=\"87.0\" velocity=\"2.5\"/>"),
          urdf);
    }
    Files.writeString(file, SCENE.replace("range=\"-0.1 0.2\"", ""));
    try (SceneArm arm = SceneArm.load(file)) {
      Refusal.of(MujocoException.class, () -> urdf(arm), "joint 'slide'", "give it a range");
    }
  }

  @Test
  void thePandaIsTheOneOfTheSceneAndOfItsArmFile() {
    Path scene =
        Path.of(System.getProperty("reverie.root"), ".reverie/libero/libero_spatial_0.xml");
    Assumptions.assumeTrue(Files.exists(scene), "./reverie setup --libero was not run");
    try (LiberoScene libero = LiberoScene.load(scene, 25)) {
      Urdf urdf = Urdf.parse(libero.urdf());
      ArmFile file =
          ArmFile.read(Path.of(System.getProperty("reverie.root"), "arms", "libero_panda.yaml"));
      var model = ArmModel.of(libero.urdf(), file, file.action().periodS(), 1);
      assertEquals(libero.joints(), model.joints().names());
      requireSamePoses(
          libero.arm(), urdf, List.of("robot0_link4", "robot0_right_hand", "gripper0_leftfinger"));
    }
  }

  private static void requireSamePoses(SceneArm arm, Urdf urdf, List<String> links) {
    var random = new SplittableRandom(1);
    for (int trial = 0; trial < 50; trial++) {
      Map<String, Double> positions = new HashMap<>();
      for (SceneModel.Joint joint : arm.joints()) {
        double q = random.nextDouble(Math.max(joint.lower(), -3), Math.min(joint.upper(), 3));
        arm.simulation().jointPositions().set(joint.position(), q);
        positions.put(joint.name(), q);
      }
      arm.simulation().look();
      for (String link : links) {
        requireSamePose(arm, link, LinkPose.of(urdf, "", link).at(positions));
      }
    }
  }

  private static void requireSamePose(SceneArm arm, String link, Matrix4d pose) {
    int body = arm.simulation().model().bodyId(link);
    Vector3d at = pose.getTranslation(new Vector3d());
    double[] position = {at.x, at.y, at.z};
    double[] wanted = arm.simulation().bodyPositions().toArray(3 * body, 3);
    assertArrayEquals(wanted, position, 1e-9, link);
    double[] q = arm.simulation().bodyQuaternions().toArray(4 * body, 4);
    var turned = pose.getUnnormalizedRotation(new Quaterniond());
    assertEquals(1, Math.abs(turned.dot(new Quaterniond(q[1], q[2], q[3], q[0]))), 1e-9, link);
  }
}
