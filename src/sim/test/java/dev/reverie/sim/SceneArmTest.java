package dev.reverie.sim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.testing.Prepared;
import dev.reverie.testing.Refusal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Prepared
class SceneArmTest {
  static final Path FOLDER =
      Path.of(System.getProperty("reverie.root")).resolve("arms").resolve("simulated_so101");
  static final Path SCENE = FOLDER.resolve("so101.xml");

  /** Outcome, ticks and every position of an episode of the expert. */
  private record Run(boolean success, List<Double> positions) {}

  private static Run run(long seed) {
    try (SceneArm arm = SceneArm.load(SCENE)) {
      var episode = new SceneEpisode(arm, List.of(), 0.1);
      episode.begin(seed, "", 0, true);
      List<Double> positions = new ArrayList<>();
      while (true) {
        episode.command(episode.demonstration().orElseThrow());
        Optional<ArmEpisode.Ending> ending = episode.tick();
        for (double position : arm.positions()) {
          positions.add(position);
        }
        if (ending.isPresent()) {
          return new Run(ending.get().success(), positions);
        }
      }
    }
  }

  @Test
  void theExpertMostlyTouchesTheCubeAndSometimesFails() {
    int successes = 0;
    for (long seed = 0; seed < 60; seed++) {
      successes += run(seed).success() ? 1 : 0;
    }
    assertTrue(successes >= 36 && successes <= 57, successes + " of 60");
  }

  @Test
  void aUrdfThatIsNoneIsRefused(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("arm.urdf");
    Map<String, String> texts =
        Map.of(
            "", "urdf '%s' is empty; give the file of the arm's URDF",
            " \n", "urdf '%s' is empty",
            "<mujoco/>", "urdf '%s' is no URDF: it has no <robot>",
            "version https://git-lfs.github.com/spec/v1\noid", "%s is a Git LFS pointer");
    for (Map.Entry<String, String> text : texts.entrySet()) {
      Files.writeString(file, text.getKey());
      Refusal.of(
          IllegalArgumentException.class,
          () -> new ArmRig("scene:=" + SCENE, "urdf:=" + file).close(),
          text.getValue().formatted(file));
    }
    Refusal.of(
        IllegalArgumentException.class,
        () -> SceneFiles.requireUrdf(folder.resolve("gone.urdf")),
        "gone.urdf' is not there; give the file");
    Refusal.of(
        IllegalArgumentException.class,
        () -> SceneFiles.requireUrdf(folder),
        "is a directory; give the file");
    Files.write(file, new byte[] {'<', (byte) 0xff});
    Refusal.of(IllegalArgumentException.class, () -> SceneFiles.requireUrdf(file), "UTF-8; save");
  }

  @Test
  void aMeshThatGitLfsDidNotFetchIsCalledSo(@TempDir Path folder) throws Exception {
    String pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 3\n";
    Path meshes = Files.createDirectories(folder.resolve("meshes"));
    Path mesh = Files.writeString(meshes.resolve("link.stl"), pointer);
    String inScene =
        "<mujoco><compiler meshdir=\"meshes\"/><asset><mesh name=\"m\" file=\"link.stl\"/></asset></mujoco>";
    String inUrdf =
        "<robot name=\"a\"><link name=\"l\"><visual><geometry><mesh filename=\"%slink.stl\"/></geometry></visual></link></robot>";
    Map<String, String> scenes =
        Map.of(
            "a.xml", inScene,
            "b.xml", "<mujoco><include file=\"a.xml\"/></mujoco>",
            "c.urdf", inUrdf.formatted("package://meshes/"),
            "d.urdf", inUrdf.formatted("meshes/"),
            "e.urdf", inUrdf.formatted("file://" + meshes + "/"));
    for (Map.Entry<String, String> scene : scenes.entrySet()) {
      Files.writeString(folder.resolve(scene.getKey()), scene.getValue());
    }
    for (String scene : scenes.keySet()) {
      Refusal.of(
          MujocoException.class,
          () -> SceneArm.load(folder.resolve(scene)).close(),
          mesh + " is a Git LFS pointer",
          "git lfs pull");
    }
    Path scene = Files.writeString(folder.resolve("scene.xml"), pointer);
    Refusal.of(
        MujocoException.class,
        () -> SceneArm.load(scene).close(),
        "scene.xml is a Git LFS pointer");
  }

  @Test
  void theSameSeedGivesTheSameEpisode() {
    assertEquals(run(3), run(3));
    assertFalse(run(3).positions().equals(run(4).positions()));
  }

  @Test
  void whoDoesNotMoveFailsAtTheTimeLimit() {
    try (SceneArm arm = SceneArm.load(SCENE)) {
      var episode = new SceneEpisode(arm, List.of(), 0.1);
      episode.begin(1, SceneEpisode.INSTRUCTION, 1_000_000_000L, false);
      Optional<ArmEpisode.Ending> ending = Optional.empty();
      int ticks = 0;
      for (; ending.isEmpty(); ticks++) {
        episode.hold();
        ending = episode.tick();
      }
      assertEquals(10, ticks);
      assertFalse(ending.get().success());
      assertThrows(
          IllegalArgumentException.class, () -> episode.begin(1, "open the drawer", 0, false));
    }
  }

  @Test
  void aUrdfAloneIsAnArmWhoseJointsGoWhereTheyAreAsked(@TempDir Path folder) {
    try (SceneArm arm = SceneArm.load(FOLDER.resolve("so101.urdf"))) {
      assertEquals(
          List.of(
              "shoulder_pan", "shoulder_lift", "elbow_flex", "wrist_flex", "wrist_roll", "gripper"),
          arm.names());
      double[] there = {0.5, -0.3, 0.2, 0.1, -1, 9};
      arm.move(there, 0.1);
      there[5] = 1.75; // its end stop
      assertArrayEquals(there, arm.positions(), 1e-12);
      assertFalse(arm.hasTask());
      byte[] picture = RayCamera.of(arm.simulation(), RayCamera.OVERVIEW, 64, 48, 1).render();
      assertEquals(64 * 48 * 3, picture.length);
      var episode = new SceneEpisode(arm, List.of(), 0.1);
      episode.begin(1, "wave", 0, false);
      assertFalse(episode.running());
      assertThrows(IllegalArgumentException.class, () -> episode.begin(1, "", 0, true));
    }
  }

  @Test
  void aFileThatIsNoArmIsRefusedByName(@TempDir Path folder) throws Exception {
    assertSays("nowhere.xml", folder.resolve("nowhere.xml"));
    assertSays(
        "an arm needs some",
        Files.writeString(folder.resolve("empty.xml"), "<mujoco><worldbody/></mujoco>"));
    assertSays(
        "bad.xml", Files.writeString(folder.resolve("bad.xml"), "<mujoco><world/></mujoco>"));
    assertSays("text.urdf", Files.writeString(folder.resolve("text.urdf"), "no XML"));
    assertSays(
        "an arm needs some",
        Files.writeString(
            folder.resolve("nameless.xml"),
            "<mujoco><worldbody><body><joint/><geom size='.1'/></body></worldbody></mujoco>"));
    assertSays(
        "moves no hinge or slide joint",
        Files.writeString(
            folder.resolve("flying.xml"),
            """
            <mujoco><worldbody><body><freejoint name="f"/><geom size=".1"/></body></worldbody>
            <actuator><motor joint="f"/></actuator></mujoco>
            """));
  }

  private static void assertSays(String text, Path file) {
    var refusal = assertThrows(MujocoException.class, () -> SceneArm.load(file).close());
    assertTrue(String.valueOf(refusal.getMessage()).contains(text), refusal.getMessage());
  }
}
