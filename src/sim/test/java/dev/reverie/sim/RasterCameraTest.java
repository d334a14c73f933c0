package dev.reverie.sim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.testing.Prepared;
import dev.reverie.testing.Refusal;
import org.junit.jupiter.api.Test;

@Prepared
class RasterCameraTest {
  private static final int SIDE = 96;

  private static final String SHAPES =
      """
      <mujoco>
        <worldbody>
          <camera name="front" pos="0 -1.6 0.9" xyaxes="1 0 0 0 0.5 0.87" fovy="50"/>
          <geom type="plane" size="0.8 0.8 0.1" rgba="0.8 0.7 0.5 1"/>
          <geom type="box" size="0.1 0.06 0.15" pos="-0.5 0 0.15" euler="0 0 30" rgba="0.9 0.1 0.1 1"/>
          <geom type="cylinder" size="0.08 0.1" pos="-0.2 0.1 0.1" rgba="0.1 0.8 0.2 1"/>
          <geom type="ellipsoid" size="0.1 0.06 0.14" pos="0.1 0 0.14" rgba="0.2 0.3 0.9 1"/>
          <geom type="sphere" size="0.09" pos="0.1 -0.4 0.09" rgba="0.9 0.9 0.1 1"/>
          <body name="moving" pos="0.45 0 0.2">
            <joint name="slide" type="slide" axis="0 0 1"/>
            <geom type="capsule" size="0.07 0.1" rgba="0.6 0.2 0.7 1"/>
          </body>
        </worldbody>
      </mujoco>
      """;

  @Test
  void shapesLookAsTheyDoByRays() {
    try (Simulation simulation = Simulation.of(SHAPES)) {
      simulation.forward();
      byte[] drawn = new RasterCamera(simulation, "front", SIDE, SIDE, 2).render();
      byte[] cast = RayCamera.of(simulation, "front", SIDE, SIDE, 2).render();
      double difference = 0;
      for (int i = 0; i < drawn.length; i++) {
        difference += Math.abs((drawn[i] & 0xff) - (cast[i] & 0xff)) / (double) drawn.length;
      }
      assertTrue(difference < 2, difference + " of 255 in the mean: round shapes have edges here");
    }
  }

  @Test
  void whatIsRememberedNeverShowsBehindWhatMoved() {
    try (Simulation simulation = Simulation.of(SHAPES)) {
      simulation.forward();
      var camera = new RasterCamera(simulation, "front", SIDE, SIDE, 1);
      byte[] before = camera.render();
      simulation.jointPositions().set(0, 0.3);
      simulation.forward();
      byte[] after = camera.render();
      assertTrue(TaskTest.different(before, after) > 50);
      assertArrayEquals(new RasterCamera(simulation, "front", SIDE, SIDE, 1).render(), after);
    }
  }

  @Test
  void aCarriedCameraSeesWithItsBearer() {
    String scene =
        SHAPES.replace(
            "<joint name=\"slide\"", "<camera name=\"tip\" pos=\"0 -1 0\"/><joint name=\"slide\"");
    try (Simulation simulation = Simulation.of(scene)) {
      simulation.forward();
      var camera = new RasterCamera(simulation, "tip", SIDE, SIDE, 1);
      byte[] before = camera.render();
      simulation.jointPositions().set(0, 0.4);
      simulation.forward();
      simulation.look();
      assertTrue(TaskTest.different(before, camera.render()) > 50);
    }
  }

  /** A quad of 1 m across that fills the picture: the texture's first row is at v = 0. */
  @Test
  void aTextureLiesWhereTheMeshSays() {
    String scene =
        """
        <mujoco>
          <asset>
            <texture name="squares" type="2d" builtin="checker" width="64" height="64" rgb1="1 0 0" rgb2="0 0 1"/>
            <material name="squares" texture="squares"/>
            <mesh name="quad" inertia="shell" vertex="-0.5 -0.5 0 0.5 -0.5 0 0.5 0.5 0 -0.5 0.5 0"
                texcoord="0 0 1 0 1 1 0 1" face="0 1 2 0 2 3"/>
          </asset>
          <worldbody>
            <camera name="above" pos="0 0 1" xyaxes="1 0 0 0 1 0" fovy="53.13"/>
            <geom type="mesh" mesh="quad" material="squares" group="1" contype="0" conaffinity="0"/>
            <geom type="box" size="0.2 0.2 0.1" rgba="0 1 0 1" group="0"/>
          </worldbody>
        </mujoco>
        """;
    try (Simulation simulation = Simulation.of(scene)) {
      simulation.forward();
      byte[] rgb = new RasterCamera(simulation, "above", SIDE, SIDE, 1).render();
      int quarter = SIDE / 4;
      boolean first = red(rgb, quarter, quarter);
      assertEquals(!first, red(rgb, quarter, 3 * quarter));
      assertEquals(!first, red(rgb, 3 * quarter, quarter));
      assertEquals(first, red(rgb, 3 * quarter, 3 * quarter));
      assertEquals(0, rgb[3 * (SIDE * SIDE / 2 + SIDE / 2) + 1], "what collides does not show");
    }
  }

  private static boolean red(byte[] rgb, int row, int column) {
    int at = 3 * (row * SIDE + column);
    assertTrue(((rgb[at] & 0xff) > 100) != ((rgb[at + 2] & 0xff) > 100));
    return (rgb[at] & 0xff) > 100;
  }

  @Test
  void aRendererAndACameraThatAreNotThereAreRefusedByName() {
    Refusal.of(
        IllegalArgumentException.class,
        () -> new ArmRig("scene:=" + SceneArmTest.SCENE, "renderer:=gl").close(),
        "renderer is 'gl'; give rays or triangles");
    Refusal.of(
        IllegalArgumentException.class,
        () -> new ArmRig("scene:=" + SceneArmTest.SCENE, "cameras:=[moon]").close(),
        "cameras has 'moon'; the scene has");
  }

  @Test
  void aSceneOfAFileIsShownByTriangles() {
    try (SceneArm arm = SceneArm.load(SceneArmTest.SCENE)) {
      String name = arm.simulation().model().cameras().getFirst();
      byte[] drawn = new RasterCamera(arm.simulation(), name, 80, 60, 2).render();
      byte[] cast = RayCamera.of(arm.simulation(), name, 80, 60, 2).render();
      double difference = 0;
      for (int i = 0; i < drawn.length; i++) {
        difference += Math.abs((drawn[i] & 0xff) - (cast[i] & 0xff)) / (double) drawn.length;
      }
      assertTrue(difference < 4, difference + " of 255 in the mean");
    }
  }
}
