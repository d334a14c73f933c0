package dev.reverie.sim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reverie.msgs.reverie.ResetArm;
import dev.reverie.testing.Prepared;
import dev.reverie.testing.Refusal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

@Prepared
class TaskTest {
  private static final Path ROOT = Path.of(System.getProperty("reverie.root"));
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * An episode of the expert: whether it reached its end, and the joints and the picture after each
   * tick.
   */
  private record Run(boolean reached, List<Integer> hashes) {}

  private static Run run(Task task, TaskScene scene, long seed, boolean watched) {
    String _ = scene.reset(seed, "");
    var camera = new RayCamera(scene.simulation(), PlanarScene.CAMERA, task.pictureSide(), 1);
    Supplier<double[]> expert = scene.expert(seed);
    List<Integer> hashes = new ArrayList<>();
    for (int tick = 0; tick < task.limitTicks(); tick++) {
      scene.tick(expert.get());
      hashes.add(Arrays.hashCode(scene.jointPositions()));
      if (watched) {
        hashes.add(Arrays.hashCode(camera.render()));
      }
      if (scene.reached().isPresent()) {
        return new Run(true, hashes);
      }
    }
    return new Run(false, hashes);
  }

  /** 49 of 50 each; here 18 of 20 are asked for. The expert of insert fails by intention. */
  @Test
  void theExpertsSolveTheirTasks() {
    for (String name : List.of("insert-tight", "press", "assemble")) {
      Task task = Task.named(name);
      int reached = 0;
      try (TaskScene scene = task.open(Shift.NONE)) {
        for (long seed = 1; seed <= 20; seed++) {
          reached += run(task, scene, seed, false).reached() ? 1 : 0;
        }
      }
      assertTrue(reached >= 18, name + ": " + reached + " of 20");
    }
  }

  @Test
  void theSameSeedGivesTheSameEpisodeBitForBit() {
    for (Task task : Task.ALL) {
      try (TaskScene one = task.open(Shift.NONE);
          TaskScene other = task.open(Shift.NONE)) {
        run(task, other, 4, false);
        Run first = run(task, one, 3, true);
        assertEquals(first, run(task, other, 3, true), task.name());
        assertNotEquals(first, run(task, one, 4, true), task.name());
      }
    }
  }

  @Test
  void aTaskTakesItsOwnInstructionsAndDrawsOneOfThemWhereNoneIsGiven() {
    for (Task task : Task.ALL) {
      try (TaskScene scene = task.open(Shift.NONE)) {
        for (String instruction : task.instructions()) {
          assertEquals(instruction, scene.reset(1, instruction));
        }
        assertTrue(task.instructions().contains(scene.reset(2, "")));
        Refusal.of(
            IllegalArgumentException.class,
            () -> scene.reset(1, "open the drawer"),
            "open the drawer");
      }
    }
  }

  @Test
  void whatIsNotThereIsRefusedByName() {
    Refusal.of(
        IllegalArgumentException.class,
        () -> Task.named("juggle"),
        "task is 'juggle'; there are [insert, insert-tight, press, assemble], and after");
    Refusal.of(
        IllegalArgumentException.class,
        () -> Shift.named("night"),
        "shift is 'night'; there are [none, position, background, texture]");
    Refusal.of(
        IllegalArgumentException.class,
        () -> new ArmRig("scene:=" + SceneArmTest.SCENE, "task:=press").close(),
        "task 'press'",
        "leave these out");
  }

  @Test
  void anArmIsAtTheTaskThatIsNamed() {
    try (var rig = new ArmRig("lock_step:=true", "task:=press", "shift:=texture")) {
      assertEquals(3, rig.begin(new ResetArm.Request().withSeed(1)).position().length);
      assertEquals(
          PressScene.instruction(Colour.RED),
          rig.reset(new ResetArm.Request().withInstruction(PressScene.instruction(Colour.RED)))
              .instruction());
    }
  }

  @Test
  void programsAreToldWhatAPolicyOfEachTaskSeesAndMoves() throws Exception {
    JsonNode told = JSON.readTree(TasksCommand.json());
    assertEquals(Task.ALL.size(), told.size());
    Path file =
        ROOT.resolve("src/trainer/main/resources/dev/reverie/trainer/data/simulated-arm.json");
    JsonNode usual = JSON.readTree(file.toFile());
    assertEquals(JSON.readTree(plain(usual)), JSON.readTree(plain(told.get(0).get("policy"))));
    assertEquals(96, told.get(1).at("/policy/cameras/0/width").asInt());
    assertEquals("press the lever above the red pod", told.get(2).at("/instructions/0").asText());
  }

  /** 0 and 0.0 are one number. */
  private static String plain(JsonNode json) {
    return json.toString().replaceAll("(\\d)\\.0\\b", "$1").replaceAll("(\\.\\d)0\\b", "$1");
  }

  @Test
  void aLeverHidesItsPodWhileItIsDownAndSpringsBack() {
    try (var scene = new PressScene(Shift.NONE, PlanarScene.STEPS_PER_TICK)) {
      String _ = scene.reset(1, PressScene.instruction(Colour.RED));
      var camera = new RayCamera(scene.simulation(), PlanarScene.CAMERA, 96, 1);
      int shown = reds(camera.render());
      assertTrue(shown > 80, shown + " pixels of the pod");
      double x = scene.layout().x().get(scene.layout().place());
      for (int tick = 0; tick < 60 && scene.reached().isEmpty(); tick++) {
        pushAt(scene, x);
      }
      assertEquals(0, reds(camera.render()), "the pod is hidden");
      for (int tick = 0; tick < 15; tick++) {
        scene.tick(PegArm.inverse(new PegArm.Tip(x, 0.45)));
      }
      assertEquals(0, scene.pushedDown(scene.layout().place()), 0.005);
      assertEquals(shown, reds(camera.render()), 0.1 * shown);
    }
  }

  @Test
  void anotherLeverIsNotTheWantedOne() {
    try (var scene = new PressScene(Shift.NONE, PlanarScene.STEPS_PER_TICK)) {
      String _ = scene.reset(1, "");
      int wrong = (scene.layout().place() + 1) % 3;
      for (int tick = 0; tick < 50; tick++) {
        pushAt(scene, scene.layout().x().get(wrong));
        assertTrue(scene.reached().isEmpty());
      }
      assertTrue(scene.pushedDown(wrong) > 0.08, "the wrong one is down");
    }
  }

  @Test
  void aBoltHoldsAPlungerUpUntilTheOneBeforeItIsDown() {
    try (var scene = new AssembleScene(Shift.NONE, PlanarScene.STEPS_PER_TICK)) {
      String _ = scene.reset(5, "");
      List<Double> inOrder = scene.inOrder();
      for (int tick = 0; tick < 40; tick++) {
        pushAt(scene, inOrder.get(1));
      }
      assertEquals(0, scene.done(), "the second one is bolted");
      for (int turn = 0; turn < 3; turn++) {
        assertEquals(turn, scene.done());
        assertTrue(scene.reached().isEmpty());
        for (int tick = 0; tick < 15; tick++) {
          lift(scene);
        }
        for (int tick = 0; tick < 40 && scene.done() == turn; tick++) {
          pushAt(scene, inOrder.get(turn));
        }
      }
      assertTrue(scene.reached().isPresent());
    }
  }

  private static void lift(PlanarScene scene) {
    scene.tick(PegArm.inverse(PegArm.forward(scene.jointPositions()).plus(0, 0.03).clamped()));
  }

  /** Goes above a place, and pushes down there. */
  private static void pushAt(PlanarScene scene, double x) {
    PegArm.Tip at = PegArm.forward(scene.jointPositions());
    boolean above = Math.abs(x - at.x()) < 0.015;
    double dx = Math.clamp(x - at.x(), -0.04, 0.04);
    double dz = above ? -0.036 : Math.clamp(0.40 - at.z(), -0.04, 0.04);
    scene.tick(PegArm.inverse(at.plus(dx, dz).clamped()));
  }

  private static int reds(byte[] rgb) {
    int reds = 0;
    for (int i = 0; i < rgb.length; i += 3) {
      reds += (rgb[i] & 0xff) > 190 && (rgb[i + 1] & 0xff) < 90 ? 1 : 0;
    }
    return reds;
  }

  @Test
  void aShiftChangesWhatIsSeenAndLeavesTheTaskAsItIs() {
    for (Task task : Task.ALL) {
      try (TaskScene usual = task.open(Shift.NONE);
          TaskScene background = task.open(Shift.BACKGROUND);
          TaskScene texture = task.open(Shift.TEXTURE)) {
        List<byte[]> pictures = new ArrayList<>();
        List<double[]> joints = new ArrayList<>();
        for (TaskScene scene : List.of(usual, background, texture)) {
          String _ = scene.reset(7, "");
          Supplier<double[]> expert = scene.expert(7);
          for (int tick = 0; tick < 8; tick++) {
            scene.tick(expert.get());
          }
          joints.add(scene.jointPositions());
          pictures.add(new RayCamera(scene.simulation(), PlanarScene.CAMERA, 48, 2).render());
        }
        assertArrayEquals(joints.get(0), joints.get(1), 1e-12);
        assertArrayEquals(joints.get(0), joints.get(2), 1e-12);
        assertTrue(different(pictures.get(0), pictures.get(1)) > 1000, task.name());
        assertTrue(different(pictures.get(0), pictures.get(2)) > 100, task.name());
      }
    }
  }

  /** Counts the pixels that differ, by their red. */
  static int different(byte[] one, byte[] other) {
    int different = 0;
    for (int i = 0; i < one.length; i += 3) {
      different += one[i] == other[i] ? 0 : 1;
    }
    return different;
  }

  @Test
  void theRowOfAShiftedSceneStandsWhereNoUsualOneDoesAndTheExpertsFindIt() {
    try (var scene =
        new PegScene(PegScene.Clearance.WIDE, Shift.POSITION, PlanarScene.STEPS_PER_TICK)) {
      for (long seed = 0; seed < 50; seed++) {
        scene.reset(seed, Optional.empty());
        double far = Shift.POSITION.rowM(seed);
        assertTrue(Math.abs(far) >= 0.02 && Math.abs(far) <= 0.04);
        assertEquals(0.5 + far, scene.layout().slotX().get(1), 0.03);
      }
    }
    Task task = Task.named("press");
    int reached = 0;
    try (TaskScene scene = task.open(Shift.POSITION)) {
      for (long seed = 1; seed <= 10; seed++) {
        reached += run(task, scene, seed, false).reached() ? 1 : 0;
      }
    }
    assertTrue(reached >= 8, reached + " of 10");
  }
}
