package dev.reverie.trainer;

import dev.reverie.rollout.RolloutSummary;
import dev.reverie.rollout.Rollouts;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Temperatures at which policies drew their actions in recorded episodes.
 *
 * @param episodes how many were drawn at each; a person's are none of them
 */
record RecordedTemperatures(SortedMap<Float, Long> episodes) {
  static RecordedTemperatures of(List<Path> bags) {
    return new RecordedTemperatures(
        bags.parallelStream()
            .map(Rollouts::summary)
            .filter(episode -> episode.problem().isEmpty() && !episode.policyId().isEmpty())
            .collect(
                Collectors.groupingBy(
                    RolloutSummary::temperature, TreeMap::new, Collectors.counting())));
  }

  /** The one that all were drawn at; empty where there are several, or none. */
  Optional<Float> single() {
    return episodes.size() == 1 ? Optional.of(episodes.firstKey()) : Optional.empty();
  }

  /**
   * Says that rollouts were drawn at another temperature than practice draws at; empty where none
   * was.
   *
   * @param practised of the settings
   */
  Optional<String> unlike(double practised) {
    List<String> others =
        episodes.entrySet().stream()
            .filter(drawn -> drawn.getKey() != (float) practised)
            .map(drawn -> "%d at temperature %s".formatted(drawn.getValue(), drawn.getKey()))
            .toList();
    return others.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "of the rollouts %s were drawn, and practice draws at %s: the world model learns from what the policy does there, and the audit compares the two; record them at that temperature, or set grpo.temperature"
                .formatted(String.join(" and ", others), practised));
  }
}
