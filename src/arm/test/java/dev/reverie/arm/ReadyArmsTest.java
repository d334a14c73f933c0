package dev.reverie.arm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The arm files that come with Reverie, beside what the makers say of their arms. */
class ReadyArmsTest {
  private static final Path ARMS = Path.of(System.getProperty("reverie.root")).resolve("arms");
  private static final double PI = Math.PI;

  /** A joint as its maker describes it: rad and rad/s. */
  private record Made(String name, double lower, double upper, double velocity) {}

  private static final Map<String, Made[]> MAKERS =
      new TreeMap<>(
          Map.of(
              "so101",
              new Made[] { // so101_new_calib.urdf
                new Made("shoulder_pan", -1.91986, 1.91986, 10),
                new Made("shoulder_lift", -1.74533, 1.74533, 10),
                new Made("elbow_flex", -1.69, 1.69, 10),
                new Made("wrist_flex", -1.65806, 1.65806, 10),
                new Made("wrist_roll", -2.74385, 2.84121, 10),
                new Made("gripper", -0.174533, 1.74533, 10),
              },
              "ur5e",
              new Made[] { // ur_description, config/ur5e/joint_limits.yaml
                new Made("shoulder_pan_joint", -2 * PI, 2 * PI, PI),
                new Made("shoulder_lift_joint", -2 * PI, 2 * PI, PI),
                new Made("elbow_joint", -PI, PI, PI),
                new Made("wrist_1_joint", -2 * PI, 2 * PI, PI),
                new Made("wrist_2_joint", -2 * PI, 2 * PI, PI),
                new Made("wrist_3_joint", -2 * PI, 2 * PI, PI),
              },
              "fr3",
              new Made[] { // franka_description, robots/fr3/joint_limits.yaml
                new Made("fr3_joint1", -2.7437, 2.7437, 2.62),
                new Made("fr3_joint2", -1.7837, 1.7837, 2.62),
                new Made("fr3_joint3", -2.9007, 2.9007, 2.62),
                new Made("fr3_joint4", -3.0421, -0.1518, 2.62),
                new Made("fr3_joint5", -2.8065, 2.8065, 5.26),
                new Made("fr3_joint6", 0.5445, 4.5169, 4.18),
                new Made("fr3_joint7", -3.0159, 3.0159, 5.26),
              }));

  private static ArmFile read(String name) {
    return ArmFile.read(ARMS.resolve(name + ".yaml"));
  }

  private static String urdf(String name, String tip, Made... joints) {
    StringBuilder urdf =
        new StringBuilder("<robot name=\"%s\"><link name=\"base\"/>".formatted(name));
    String parent = "base";
    for (Made joint : joints) {
      urdf.append(
          """
          <link name="%1$s_link"/>
          <joint name="%1$s" type="revolute">
            <parent link="%2$s"/><child link="%1$s_link"/><axis xyz="0 0 1"/>
            <limit lower="%3$s" upper="%4$s" velocity="%5$s" effort="1"/>
          </joint>
          """
              .formatted(joint.name, parent, joint.lower, joint.upper, joint.velocity));
      parent = joint.name + "_link";
    }
    if (!tip.isEmpty()) {
      urdf.append(
          """
          <link name="%1$s"/>
          <joint name="tip" type="fixed"><parent link="%2$s"/><child link="%1$s"/></joint>
          """
              .formatted(tip, parent));
    }
    return urdf.append("</robot>").toString();
  }

  static Stream<String> makers() {
    return MAKERS.keySet().stream();
  }

  @ParameterizedTest
  @MethodSource("makers")
  void limitsLieWithinWhatTheMakerSays(String name) {
    Made[] made = MAKERS.getOrDefault(name, new Made[0]);
    ArmFile arm = read(name);
    assertEquals(name, arm.name());
    String urdf = urdf(name, arm.teleoperation().tipLink(), made);
    JointSpace space = ArmModel.of(urdf, arm, arm.action().periodS(), 1).joints();
    assertEquals(Stream.of(made).map(Made::name).toList(), space.names());
    for (int i = 0; i < made.length; i++) {
      JointBounds bounds = space.of(i);
      assertTrue(bounds.velocity() < made[i].velocity, bounds.toString());
      assertTrue(Double.isFinite(bounds.acceleration()), bounds.toString());
      assertTrue(bounds.lower() >= made[i].lower && bounds.upper() <= made[i].upper);
      assertEquals(1, arm.policyCameras().size());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = "simulated_so101")
  void theSimulatedArmFitsItsUrdf(String name) throws IOException {
    ArmFile arm = read(name);
    String urdf = Files.readString(ARMS.resolve(name).resolve("so101.urdf"));
    assertEquals(arm.joints(), ArmModel.of(urdf, arm, 0.1, 1).joints().names());
  }

  /** Its scene has the URDF; that this one is the same arm is tested where the scenes are. */
  @Test
  void thePandaOfLiberoMovesAllItsJoints() {
    ArmFile arm = read("libero_panda");
    Made[] made =
        arm.joints().stream().map(joint -> new Made(joint, -3, 3, 2)).toArray(Made[]::new);
    ArmModel model = ArmModel.of(urdf("panda", "", made), arm, arm.action().periodS(), 1);
    assertEquals(9, model.joints().names().size());
    assertEquals(arm.joints(), model.joints().names());
    assertEquals(0.05, arm.action().periodS(), "LIBERO's own step");
  }

  @Test
  void eachFileIsLookedAtHere() throws IOException {
    try (Stream<Path> files = Files.list(ARMS)) {
      long there = files.filter(file -> file.toString().endsWith(".yaml")).count();
      assertEquals(MAKERS.size() + 2, there);
    }
  }
}
