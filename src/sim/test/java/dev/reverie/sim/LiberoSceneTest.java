package dev.reverie.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.testing.Prepared;
import dev.reverie.testing.Refusal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Prepared
class LiberoSceneTest {
  private static final Path EXPORTED =
      Path.of(System.getProperty("reverie.root")).resolve(".reverie/libero");

  private static final String SCENE =
      """
      <mujoco>
        <worldbody>
          <geom name="table" type="box" size="1 1 0.1" pos="0 0 -0.1"/>
          <site name="tray" pos="0.6 0 0.05" size="0.1 0.05 0.05" type="box"/>
          <body name="plate" pos="0 0 0.02">
            <geom name="plate_shape" type="cylinder" size="0.08 0.02"/>
          </body>
          <body name="bowl" pos="0 0 0.075">
            <freejoint/>
            <geom name="bowl_shape" type="box" size="0.03 0.03 0.03"/>
          </body>
        </worldbody>
      </mujoco>
      """;

  private static final Map<String, String> BODIES = Map.of("bowl_1", "bowl", "plate_1", "plate");
  private static final Map<String, List<String>> GEOMS =
      Map.of("bowl_1", List.of("bowl_shape"), "plate_1", List.of("plate_shape"));

  private static boolean settled(Simulation simulation, SceneGoal goal, double x, double z) {
    simulation.reset();
    simulation.jointPositions().set(0, x);
    simulation.jointPositions().set(2, z);
    simulation.step(200);
    simulation.forward();
    return goal.reached();
  }

  @Test
  void onIsContactNearTheMiddleAndInIsWithinTheBox() {
    try (Simulation simulation = Simulation.of(SCENE)) {
      var on =
          new SceneGoal(simulation, List.of(List.of("on", "bowl_1", "plate_1")), BODIES, GEOMS);
      assertTrue(settled(simulation, on, 0, 0.08));
      assertTrue(settled(simulation, on, 0.025, 0.08));
      assertFalse(settled(simulation, on, 0.04, 0.08), "too far from the middle");
      simulation.reset();
      simulation.jointPositions().set(2, 0.2);
      simulation.forward();
      assertFalse(on.reached(), "above it, without touching");
      var in = new SceneGoal(simulation, List.of(List.of("in", "bowl_1", "tray")), BODIES, GEOMS);
      assertTrue(settled(simulation, in, 0.65, 0.04));
      assertFalse(settled(simulation, in, 0.75, 0.04));
      var both =
          new SceneGoal(
              simulation,
              List.of(List.of("on", "bowl_1", "plate_1"), List.of("in", "bowl_1", "tray")),
              BODIES,
              GEOMS);
      assertFalse(settled(simulation, both, 0, 0.08), "one of two");
    }
  }

  @Test
  void whatCannotBeJudgedIsRefusedByName() {
    try (Simulation simulation = Simulation.of(SCENE)) {
      Refusal.of(
          MujocoException.class,
          () -> new SceneGoal(simulation, List.of(List.of("turnon", "stove")), BODIES, GEOMS),
          "goal is [turnon, stove]",
          "'on', 'in' and 'stack'");
      Refusal.of(
          MujocoException.class,
          () ->
              new SceneGoal(simulation, List.of(List.of("on", "cup_1", "plate_1")), BODIES, GEOMS),
          "about 'cup_1'");
    }
  }

  @Test
  void aSceneThatWasNotExportedOrDoesNotFitIsRefused(@TempDir Path folder) throws Exception {
    Path scene = folder.resolve("s.xml");
    Refusal.of(MujocoException.class, () -> ExportedScene.of(scene), "./reverie setup --libero");
    Path told = folder.resolve("s.json");
    Files.writeString(told, "{");
    Refusal.of(MujocoException.class, () -> ExportedScene.of(scene), told.toString());
    Files.writeString(told, "{\"states\": [[1, 2, 3]], \"nq\": 1, \"nv\": 1}");
    Refusal.of(
        MujocoException.class,
        () -> ExportedScene.of(scene),
        "an initial state of 3 numbers, and the scene has 2");
  }

  @Test
  void theExpertDoesTheTaskAndGoalsAreJudgedAsTheirPackageJudgesThem() {
    List<String> names = List.of("libero_spatial_0", "libero_object_0", "robosuite_stack");
    Assumptions.assumeTrue(
        names.stream().allMatch(name -> Files.exists(EXPORTED.resolve(name + ".xml"))),
        "./reverie setup --libero was not run");
    for (String name : names) {
      try (LiberoScene scene = LiberoScene.load(EXPORTED.resolve(name + ".xml"), 25)) {
        for (ExportedScene.Judged judged : scene.told().judged()) {
          assertEquals(judged.success(), scene.holds(judged.qpos()), name);
        }
        int reached = 0;
        for (long seed = 1; seed <= 5; seed++) {
          String _ = scene.reset(seed, "");
          Supplier<double[]> expert = scene.expert(seed);
          boolean done = false;
          for (int tick = 0; tick < 300 && !done; tick++) {
            scene.tick(expert.get());
            done = scene.reached().isPresent();
          }
          reached += done ? 1 : 0;
        }
        assertTrue(reached >= 4, name + ": " + reached + " of 5");
      }
    }
  }
}
