package dev.reverie.round;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs the episodes of one phase on an arm, counts successes and collects the bags. */
final class EpisodeBatch {
  private final Console console;
  private final ArmCell cell;
  private final long seed;

  EpisodeBatch(Console console, ArmCell cell, long seed) {
    this.console = console;
    this.cell = cell;
    this.seed = seed;
  }

  /**
   * Runs episodes {@code first} to {@code first + count - 1} of the phase.
   *
   * @param temperature of the policy's tokens
   * @param into folder that each bag is moved to when its episode has ended
   * @return whether each succeeded
   */
  List<Boolean> run(Phase phase, int first, int count, float temperature, Path into) {
    var progress = new EpisodeProgress(console, phase.folder(), count);
    List<Boolean> outcomes = new ArrayList<>();
    int successes = 0;
    for (int i = 0; i < count; i++) {
      var request =
          new EpisodeRequest(
              phase.seed(seed, first + i), temperature, phase == Phase.DEMONSTRATION);
      EpisodeResult result = cell.run(request);
      outcomes.add(result.success());
      successes += result.success() ? 1 : 0;
      move(result.bag(), into.resolve(result.bag().getFileName()));
      progress.at(i + 1, successes);
    }
    return outcomes;
  }

  private static void move(Path bag, Path to) {
    try {
      Files.createDirectories(to.getParent());
      Files.move(bag, to);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot move the rollout " + bag + " to " + to, e);
    }
  }
}
