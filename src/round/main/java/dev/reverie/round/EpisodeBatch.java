package dev.reverie.round;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

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
    List<EpisodeRequest> requests =
        IntStream.range(first, first + count)
            .mapToObj(
                i ->
                    new EpisodeRequest(
                        phase.seed(seed, i), temperature, phase == Phase.DEMONSTRATION))
            .toList();
    return run(requests, phase.folder(), _ -> into);
  }

  /**
   * Runs groups of rollouts, those of a group from one scene, whose tokens are drawn anew; what is
   * there already is not run again.
   *
   * @param first number of the first group among those of all draws
   * @param into folder that gets one of each group
   */
  List<Boolean> groups(int first, int groups, int size, float temperature, Path into) {
    List<EpisodeRequest> requests = new ArrayList<>();
    List<Path> folders = new ArrayList<>();
    for (int g = 0; g < groups; g++) {
      Path folder = into.resolve(String.format(Locale.ROOT, "%04d", g));
      int group = first + g;
      for (int i = Recorder.episodes(folder).size(); i < size; i++) {
        requests.add(
            new EpisodeRequest(
                Phase.ROLLOUT.seed(seed, group),
                Phase.ROLLOUT.seed(seed, group * size + i),
                temperature,
                false));
        folders.add(folder);
      }
    }
    return run(requests, Phase.ROLLOUT.folder(), folders::get);
  }

  private List<Boolean> run(List<EpisodeRequest> requests, String what, IntFunction<Path> into) {
    var progress = new EpisodeProgress(console, what, requests.size());
    List<Boolean> outcomes = new ArrayList<>();
    int successes = 0;
    for (int i = 0; i < requests.size(); i++) {
      EpisodeResult result = cell.run(requests.get(i));
      outcomes.add(result.success());
      successes += result.success() ? 1 : 0;
      move(result.bag(), into.apply(i).resolve(result.bag().getFileName()));
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
