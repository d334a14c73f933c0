package dev.reverie.round;

import dev.reverie.rollout.EpisodeOutcome;
import dev.reverie.rollout.RolloutSummary;
import dev.reverie.rollout.Rollouts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Comes by the recorded episodes of a policy: on the simulated arm, or from a real one's bags. */
interface Recorder extends AutoCloseable {
  /**
   * Returns when the folder has as many episodes as wanted, or more where they would otherwise be
   * of one outcome alone; those that are there already count.
   *
   * @param seed of the round
   */
  void record(Phase phase, long seed, Recorded policy, int count, Path into);

  /**
   * A policy and its bundle.
   *
   * @param id of the bundle
   */
  record Recorded(Path bundle, String id) {}

  /** Tells whether two policies can be given the same scenes, and so be compared by pairs. */
  boolean sameScenes();

  /** Tells which policy the next round begins with, and so which one the arm is to run. */
  void goOnWith(Recorded policy);

  /** Waits for the work of another process. */
  void await(String what, CompletableFuture<Void> work);

  @Override
  void close();

  /**
   * Outcomes of the episodes in a folder in the order of their seeds; none where it is not there.
   */
  static List<Boolean> outcomes(Path folder) {
    return episodes(folder).stream().map(episode -> episode.outcome().success()).toList();
  }

  /** The episodes in a folder, in the order of their seeds. */
  static List<RolloutSummary> episodes(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    return Rollouts.list(folder).stream()
        .sorted(Comparator.comparingLong(RolloutSummary::seed).thenComparing(RolloutSummary::id))
        .toList();
  }

  /** Tells whether somebody said that the episode was a success or a failure. */
  static boolean labelled(RolloutSummary episode) {
    return episode.outcome().kind() == EpisodeOutcome.Kind.SUCCESS
        || episode.outcome().kind() == EpisodeOutcome.Kind.FAILURE;
  }
}
