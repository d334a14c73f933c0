package dev.reverie.replay;

import dev.reverie.msgs.reverie.Command;
import dev.reverie.robot.RobotException;
import dev.reverie.rollout.EpisodeException;
import dev.reverie.rollout.Rollouts;
import dev.reverie.rollout.Step;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * What a live robot node recorded while a stock player played bags to it. Its bags bear no word of
 * which recording they answer, but their commands tell: stamps and measured positions are the same.
 */
final class PlayedFolder implements Replay.Player {

  private final List<Played> bags;

  /** Reads the bags of the node's {@code rollouts_dir}. */
  PlayedFolder(Path folder) {
    bags = Rollouts.bags(folder).stream().map(Played::read).toList();
    if (bags.isEmpty()) {
      throw new EpisodeException("there are no bags in " + folder);
    }
  }

  @Override
  public Played play(Contender contender, RecordedBag bag) {
    List<String> joints = contender.spec().jointNames();
    Played best = bags.getFirst();
    int most = 0;
    for (Played candidate : bags) {
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
      throw new RobotException(
          "none of the %d played bags answers it; play it to the robot node first"
              .formatted(bags.size()));
    }
    requirePolicy(contender, best);
    return best;
  }

  private static void requirePolicy(Contender contender, Played played) {
    played.chunks().values().stream()
        .filter(chunk -> chunk.source().equals("policy"))
        .filter(chunk -> !chunk.policyId().equals(contender.id()))
        .findFirst()
        .ifPresent(
            chunk -> {
              throw new RobotException(
                  "it was played to policy %s, not to %s"
                      .formatted(chunk.policyId(), contender.id()));
            });
  }
}
