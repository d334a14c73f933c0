package dev.reverie.round;

import dev.reverie.report.Interval;
import dev.reverie.rollout.RolloutSummary;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Outcomes of an evaluation's episodes.
 *
 * @param folder of their bags
 * @param won whether each succeeded, by the seed of its scene
 */
record Scenes(Path folder, NavigableMap<Long, Boolean> won) {
  /** Returns those of an evaluation that has ended; {@code out} is the folder that it was told. */
  static Scenes evaluated(Path out) {
    Scenes scenes = of(out.resolve(Phase.EVALUATION.folder()));
    if (scenes.won.isEmpty()) {
      throw new RoundException(
          "there is no evaluation in %s; give the --out of one".formatted(scenes.folder));
    }
    return scenes;
  }

  /** Returns those in a folder of bags. */
  static Scenes of(Path folder) {
    NavigableMap<Long, Boolean> won = new TreeMap<>();
    for (RolloutSummary episode : Recorder.episodes(folder)) {
      if (episode.problem().isEmpty()) {
        won.put(episode.seed(), episode.outcome().success());
      }
    }
    return new Scenes(folder, won);
  }

  /**
   * Says by how much success rose on the scenes that both have.
   *
   * @throws RoundException where they have fewer than two in common
   */
  String gain(Scenes after) {
    List<Long> both = won.keySet().stream().filter(after.won::containsKey).toList();
    if (both.size() < 2) {
      throw new RoundException(
          "%s and %s have %d scenes in common, and a gain needs two; evaluate both with the same --seed"
              .formatted(folder, after.folder, both.size()));
    }
    Interval gain = Success.gain(outcomes(won, both), outcomes(after.won, both));
    return String.format(
        Locale.ROOT,
        "%+.1f [%+.1f, %+.1f] points on %d scenes",
        100 * gain.value(),
        100 * gain.low(),
        100 * gain.high(),
        both.size());
  }

  private static List<Boolean> outcomes(Map<Long, Boolean> won, List<Long> seeds) {
    return seeds.stream().map(seed -> won.getOrDefault(seed, false)).toList();
  }
}
