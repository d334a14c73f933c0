package dev.reverie.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.testing.Prepared;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever goes wrong inside MuJoCo, the JVM lives on and somebody is told. */
@Prepared
class SimulationTest {
  private static final String PENDULUM =
      """
      <mujoco>
        <worldbody>
          <camera name="front" pos="0 -2 0" xyaxes="1 0 0 0 0 1" fovy="60"/>
          <body>
            <joint name="swing" axis="0 1 0"/>
            <geom size="0.1" pos="0 0 -1"/>
            <site name="bob" pos="0 0 -1"/>
          </body>
        </worldbody>
        <actuator><motor joint="swing"/></actuator>
      </mujoco>
      """;

  @Test
  void aPendulumFalls() {
    try (var pendulum = Simulation.of(PENDULUM)) {
      pendulum.jointPositions().set(0, 1);
      pendulum.forward();
      double before = pendulum.sitePositions().get(2);
      pendulum.step(50);
      assertTrue(pendulum.sitePositions().get(2) < before);
      assertEquals(50 * pendulum.timestepS(), pendulum.timeS(), 1e-9);
    }
  }

  @Test
  void unreadableScenesAreRefusedWithTheLine() {
    var typo =
        assertThrows(
            MujocoException.class, () -> Simulation.of("<mujoco>\n<worldbodyy/>\n</mujoco>"));
    assertSays("worldbodyy", typo);
    assertSays("line 2", typo);
    var noMesh =
        assertThrows(
            MujocoException.class,
            () ->
                Simulation.of(
                    "<mujoco><asset><mesh name='m' file='nowhere.stl'/></asset></mujoco>"));
    assertSays("nowhere.stl", noMesh);
    assertThrows(MujocoException.class, () -> Simulation.of(""));
  }

  @Test
  void aControlThatIsNoNumberIsRefused() {
    try (var pendulum = Simulation.of(PENDULUM)) {
      var refusal =
          assertThrows(IllegalArgumentException.class, () -> pendulum.control(Double.NaN));
      assertSays("NaN", refusal);
      assertThrows(IllegalArgumentException.class, () -> pendulum.control(1, 2));
      pendulum.step(1);
    }
  }

  @Test
  void aStateThatIsNoNumberIsReportedInsteadOfSilentlyReset() {
    try (var pendulum = Simulation.of(PENDULUM)) {
      pendulum.jointPositions().set(0, Double.NaN);
      var failure = assertThrows(MujocoException.class, () -> pendulum.step(1));
      assertSays("joint position", failure);
      pendulum.reset();
      pendulum.step(1);
    }
  }

  @Test
  void anErrorInTheMiddleOfACallLosesThatSimulationAndNoOther() {
    String starved = // too little memory for the collision of two cylinders
        """
        <mujoco>
          <size memory="4000"/>
          <worldbody>
            <body><freejoint/><geom type="cylinder" size=".1 .1"/></body>
            <body pos="0 .05 .02"><freejoint/><geom type="cylinder" size=".1 .1"/></body>
          </worldbody>
        </mujoco>
        """;
    for (int attempt = 0; attempt < 3; attempt++) {
      try (var small = Simulation.of(starved)) {
        var failure = assertThrows(MujocoException.class, () -> small.step(1));
        assertSays("memory", failure);
        var again = assertThrows(MujocoException.class, () -> small.step(1));
        assertSays("lost", again);
      }
    }
    aPendulumFalls();
  }

  @Test
  void unknownNamesAndClosedSimulationsAreRefused() {
    var pendulum = Simulation.of(PENDULUM);
    assertThrows(IllegalArgumentException.class, () -> pendulum.siteId("bobb"));
    assertThrows(IllegalArgumentException.class, () -> pendulum.camera("rear"));
    assertThrows(IndexOutOfBoundsException.class, () -> pendulum.jointPositions().get(1));
    Doubles positions = pendulum.jointPositions();
    pendulum.close();
    pendulum.close();
    assertThrows(IllegalStateException.class, () -> positions.get(0));
    assertThrows(IllegalStateException.class, () -> pendulum.step(1));
  }

  @Test
  void noLogFileAppearsInTheWorkingDirectory() {
    assertThrows(MujocoException.class, () -> Simulation.of("<mujoco"));
    aStateThatIsNoNumberIsReportedInsteadOfSilentlyReset();
    assertFalse(Files.exists(Path.of("MUJOCO_LOG.TXT")));
  }

  @Test
  void aMissingOrWrongLibraryIsNamedWithTheRemedy(@TempDir Path folder) throws Exception {
    Path text = Files.writeString(folder.resolve("libmujoco.so"), "not a library");
    String missing = runExpert(folder.resolve("nowhere.so").toString());
    assertTrue(missing.contains("nowhere.so is no file; run ./reverie setup"), missing);
    String broken = runExpert(text.toString());
    assertTrue(broken.contains("libmujoco.so cannot be loaded"), broken);
  }

  private static void assertSays(String text, Throwable refusal) {
    assertTrue(String.valueOf(refusal.getMessage()).contains(text), refusal.toString());
  }

  private static String runExpert(String library) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                SimulatedArmCommand.class.getName(),
                "expert",
                "--episodes=1"));
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("REVERIE_MUJOCO", library);
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(1, process.waitFor(), output);
    assertFalse(output.contains("\tat "), output);
    return output;
  }
}
