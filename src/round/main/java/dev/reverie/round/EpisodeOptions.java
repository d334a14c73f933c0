package dev.reverie.round;

import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of the commands that run episodes alone. */
final class EpisodeOptions {
  private static final Path BASE = Path.of("models/base");

  @Option(
      names = "--bundle",
      description = "what the robot node starts with (models/base; with --arm: none)")
  private @Nullable Path bundle;

  @Mixin private TaskOption task = new TaskOption();

  @Option(
      names = "--shift",
      paramLabel = "NAME",
      defaultValue = SimulatedScene.NO_SHIFT,
      description =
          "how the planar arm's scene differs from those that were learned from: none, position,"
              + " background or texture (${DEFAULT-VALUE})")
  private String shift;

  @ArgGroup(exclusive = false)
  private @Nullable Other other;

  @Option(names = "--episodes", defaultValue = "500", description = "${DEFAULT-VALUE}")
  private int episodes;

  @Option(names = "--seed", defaultValue = "1", description = "${DEFAULT-VALUE}")
  private long seed;

  @Option(names = "--out", required = true, description = "folder of bags and logs")
  private Path out;

  /** Another arm than the planar one. */
  static final class Other {
    @Option(
        names = "--scene",
        required = true,
        paramLabel = "FILE",
        description = "MJCF or URDF that another arm than the planar one is simulated in")
    private Path scene;

    @Option(
        names = "--arm",
        required = true,
        paramLabel = "FILE",
        description = "the arm file of that arm")
    private Path arm;
  }

  Path out() {
    return out;
  }

  long seed() {
    return seed;
  }

  /** The policy that was named. */
  Optional<Path> bundle() {
    return Optional.ofNullable(bundle);
  }

  /** Folder of the bags of a phase. */
  Path bags(Phase phase) {
    return out.resolve(phase.folder());
  }

  /**
   * Starts the simulated arm and a robot node beside it.
   *
   * @param first policy that the node starts with; empty: none, to record demonstrations
   * @param executed actions of a chunk that are carried out; 0: all
   */
  ArmCell start(Optional<Path> first, int executed) {
    return ArmCell.start(scene(), first, executed, out);
  }

  private SimulatedScene scene() {
    if (other == null) {
      return SimulatedScene.task(task.name(), shift);
    }
    if (!task.usual() || !shift.equals(SimulatedScene.NO_SHIFT)) {
      throw new RoundException(
          "--task is '%s' and --shift '%s', which are the planar arm's; leave them out with --scene"
              .formatted(task.name(), shift));
    }
    return SimulatedScene.of(other.scene, other.arm);
  }

  /** The policy that the node starts with. */
  private Optional<Path> first(Phase phase) {
    if (bundle != null || other != null) {
      return bundle();
    }
    if (task.usual()) {
      return Optional.of(BASE);
    }
    return phase == Phase.DEMONSTRATION
        ? PlanarTask.first(scene(), task.name(), out)
        : Optional.empty();
  }

  /** Runs the episodes of a phase. */
  Success run(Phase phase, float temperature, int executed) {
    Optional<Path> first = first(phase);
    if (first.isEmpty() && phase != Phase.DEMONSTRATION) {
      throw new RoundException("there is no policy to evaluate; give --bundle");
    }
    try (var cell = start(first, executed)) {
      return Success.of(
          new EpisodeBatch(Console.standard(), cell, seed)
              .run(phase, 0, episodes, temperature, bags(phase)));
    }
  }
}
