package dev.reverie.replay;

import dev.reverie.msgs.reverie.Command;
import dev.reverie.rollout.EpisodeException;
import dev.reverie.rollout.Rollouts;
import dev.reverie.rollout.Step;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Finds the answers in what a live robot node recorded while a stock player played bags to it. Its
 * bags bear no word of which recording they answer, but their commands tell: stamps and measured
 * positions are the same.
 */
final class ReplayedFolder implements Replay.Player {
  private final List<ReplayedEpisode> bags;

  /** Reads the bags of the node's {@code rollouts_dir}. */
  ReplayedFolder(Path folder) {
    bags = Rollouts.bags(folder).stream().map(ReplayedEpisode::read).toList();
    if (bags.isEmpty()) {
      throw new EpisodeException("there are no bags in " + folder);
    }
  }

  @Override
  public ReplayedEpisode play(ReplayedPolicy policy, RecordedBag bag) {
    List<String> joints = policy.spec().jointNames();
    ReplayedEpisode best = bags.getFirst();
    int most = 0;
    for (ReplayedEpisode candidate : bags) {
      int matches = 0;
      for (Step step : bag.episode().steps()) {
        Command command = candidate.commands().get(step.stampNanos());
        if (command != null && command.jointNames().containsAll(joints)) {
          double[] measured = RecordedSpace.positions(command, joints, true);
          double[] recorded = RecordedSpace.positions(step.command(), joints, true);
          matches += Arrays.equals(measured, recorded) ? 1 : 0;
        }
      }
      if (matches > most) {
        most = matches;
        best = candidate;
      }
    }
    if (most == 0) {
      throw new ReplayException(
          "none of the %d played bags answers it; play it to the robot node first"
              .formatted(bags.size()));
    }
    requirePolicy(policy, best);
    return best;
  }

  private static void requirePolicy(ReplayedPolicy policy, ReplayedEpisode replayed) {
    replayed.chunks().values().stream()
        .filter(chunk -> chunk.source().equals(Command.POLICY))
        .filter(chunk -> !chunk.policyId().equals(policy.id()))
        .findFirst()
        .ifPresent(
            chunk -> {
              throw new ReplayException(
                  "it was played to policy %s, not to %s".formatted(chunk.policyId(), policy.id()));
            });
  }
}
