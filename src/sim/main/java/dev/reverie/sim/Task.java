package dev.reverie.sim;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A task that the arm can be asked to do.
 *
 * @param name on the command line
 * @param instructions all that it takes
 * @param pictureSide of the square pictures that show enough of it, pixels
 * @param limitTicks after which an episode has failed, of the usual period
 * @param ticks of the control
 * @param opener makes its scene
 */
record Task(
    String name,
    List<String> instructions,
    int pictureSide,
    int limitTicks,
    Ticks ticks,
    Opener opener) {
  /** Makes the scene of a task. */
  @FunctionalInterface
  interface Opener {
    TaskScene open(Shift shift, int stepsPerTick);
  }

  private static final List<String> INSERT =
      Arrays.stream(Colour.values()).map(Colour::instruction).toList();

  /**
   * Control ticks.
   *
   * @param timestepS of the physics
   * @param steps of the physics in a tick, usually
   */
  record Ticks(double timestepS, int steps) {
    static final Ticks PLANAR = new Ticks(PlanarScene.TIMESTEP_S, PlanarScene.STEPS_PER_TICK);

    /** The ticks of LIBERO's own. */
    static final Ticks LIBERO = new Ticks(0.002, 25);

    double rateHz() {
      return 1 / (steps * timestepS);
    }
  }

  /** The folder in which {@code ./reverie setup --libero} leaves scenes, below the checkout. */
  private static final Path EXPORTED = Path.of(".reverie", "libero");

  private static final int LIBERO_LIMIT_TICKS = 300;

  /** All of them; the first is meant where none is named. */
  static final List<Task> ALL =
      List.of(
          new Task(
              "insert",
              INSERT,
              48,
              PegScene.TIME_LIMIT_TICKS,
              Ticks.PLANAR,
              (shift, steps) -> new PegScene(PegScene.Clearance.WIDE, shift, steps)),
          new Task(
              "insert-tight",
              INSERT,
              96,
              48,
              Ticks.PLANAR,
              (shift, steps) -> new PegScene(PegScene.Clearance.TIGHT, shift, steps)),
          new Task(
              "press",
              Arrays.stream(Colour.values()).map(PressScene::instruction).toList(),
              48,
              PressScene.TIME_LIMIT_TICKS,
              Ticks.PLANAR,
              PressScene::new),
          new Task(
              "assemble",
              List.of(AssembleScene.INSTRUCTION),
              48,
              AssembleScene.TIME_LIMIT_TICKS,
              Ticks.PLANAR,
              AssembleScene::new));

  Task {
    instructions = List.copyOf(instructions);
  }

  /**
   * The task of a name, or of the scene of LIBERO of that name; the first one for an empty name.
   *
   * @throws IllegalArgumentException where there is no such task
   */
  static Task named(String name) {
    Optional<Task> found =
        ALL.stream().filter(task -> name.isEmpty() || task.name.equals(name)).findFirst();
    return found.or(() -> exported(name)).orElseThrow(() -> unknown(name));
  }

  private static IllegalArgumentException unknown(String name) {
    return new IllegalArgumentException(
        "task is '%s'; there are %s, and after ./reverie setup --libero libero_spatial_0 and others"
            .formatted(name, ALL.stream().map(Task::name).toList()));
  }

  private static Optional<Task> exported(String name) {
    Path root =
        Path.of(
            System.getProperty("reverie.root", System.getenv().getOrDefault("REVERIE_ROOT", "")));
    Path file = root.resolve(EXPORTED).resolve(name + ".xml");
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    return Optional.of(
        new Task(
            name,
            List.of(ExportedScene.of(file).instruction()),
            64,
            LIBERO_LIMIT_TICKS,
            Ticks.LIBERO,
            (shift, steps) -> {
              if (shift != Shift.NONE) {
                throw new IllegalArgumentException(
                    "shift is '%s'; the scenes of LIBERO have none".formatted(shift.word()));
              }
              return LiberoScene.load(file, steps);
            }));
  }

  /** The usual time limit. */
  long limitNanos() {
    return Math.round(limitTicks * 1e9 / ticks.rateHz());
  }

  /** Its scene, with the usual ticks. */
  TaskScene open(Shift shift) {
    return opener.open(shift, ticks.steps());
  }
}
