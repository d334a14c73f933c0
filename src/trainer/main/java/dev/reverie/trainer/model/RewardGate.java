package dev.reverie.trainer.model;

import dev.reverie.report.Interval;
import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.nn.Check;
import dev.reverie.trainer.nn.TrainerException;
import java.util.Locale;

/**
 * Decides whether a classifier is fit to reward a policy. One that misses successes leaves nothing
 * to learn from; one that sees them everywhere, or ignores the instruction, teaches the policy
 * nothing. What counts is the worse end of each interval: few held-out rollouts prove little. Of
 * what is said up to each chunk of the replay, which is less still, it is the better end: practice
 * is refused where it would surely be rewarded wrongly.
 */
public record RewardGate(Config config) {
  /**
   * Refuses an unfit classifier.
   *
   * @param rollouts that it was trained with and judged on
   */
  public void check(RewardThreshold threshold, Dataset rollouts) {
    check("in the held-out rollouts", threshold.real(), config.recall(), rollouts);
    check(
        "in the world model's replay of the held-out rollouts",
        threshold.replayed(),
        config.replayedRecall(),
        rollouts);
    for (int depth = 0; depth < threshold.byDepth().size(); depth++) {
      check(depth + 1, threshold.byDepth().get(depth).upTo());
    }
  }

  private void check(int chunks, RewardQuality quality) {
    String where = "up to chunk %d of the world model's replay".formatted(chunks);
    String remedy =
        "record more rollouts, train longer (classifier.steps, worldModel.alignSteps), or check the labels";
    if (quality.recall().high() < config.replayedRecall()) {
      throw new TrainerException(
          "the reward classifier surely finds too few successes %s, %s, and %.0f %% are asked for; %s"
              .formatted(where, percent(quality.recall()), 100 * config.replayedRecall(), remedy));
    }
    if (quality.precision().high() < config.precision()) {
      throw new TrainerException(
          "of what the reward classifier calls a success %s, surely too little is one, %s, and %.0f %% are asked for; %s"
              .formatted(where, percent(quality.precision()), 100 * config.precision(), remedy));
    }
    if (quality.falseAlarm().low() > config.falseAlarm()) {
      throw new TrainerException(
          "the reward classifier surely calls too many failures a success %s, %s, and %.0f %% are allowed; %s"
              .formatted(where, percent(quality.falseAlarm()), 100 * config.falseAlarm(), remedy));
    }
    if (quality.wrongInstruction().low() > config.wrongInstruction()) {
      throw new TrainerException(
          "the reward classifier surely calls too many successes one under a wrong instruction too %s, %s, and %.0f %% are allowed; %s"
              .formatted(
                  where,
                  percent(quality.wrongInstruction()),
                  100 * config.wrongInstruction(),
                  remedy));
    }
  }

  private void check(String where, RewardQuality quality, double recall, Dataset rollouts) {
    Interval found = quality.recall();
    if (found.low() < recall) {
      int have = rollouts.successes();
      int missing = config.successes() - have;
      String remedy =
          missing > 0
              ? "record rollouts until there are %d more successes".formatted(missing)
              : "check the labels, record more rollouts, or train longer (classifier.steps, worldModel.alignSteps)";
      throw new TrainerException(
          "the reward classifier finds %s of the successes %s, and at least %.0f %% must be sure; it learned from %d successes in %d rollouts: %s"
              .formatted(percent(found), where, 100 * recall, have, rollouts.episodes(), remedy));
    }
    if (quality.precision().low() < config.precision()) {
      throw new TrainerException(
          "of what the reward classifier calls a success %s, %s is one, and at least %.0f %% must be sure; check the labels, or record more failures"
              .formatted(where, percent(quality.precision()), 100 * config.precision()));
    }
    if (quality.falseAlarm().high() > config.falseAlarm()) {
      throw new TrainerException(
          "the reward classifier calls %s of the failures %s a success, and more than %.0f %% must be ruled out; check the labels, or record more failures"
              .formatted(percent(quality.falseAlarm()), where, 100 * config.falseAlarm()));
    }
    if (quality.wrongInstruction().high() > config.wrongInstruction()) {
      throw new TrainerException(
          "the reward classifier also calls %s of the successes %s a success under a wrong instruction, and more than %.0f %% must be ruled out; record rollouts under more instructions, or raise classifier.wrongInstructionShare"
              .formatted(
                  percent(quality.wrongInstruction()), where, 100 * config.wrongInstruction()));
    }
  }

  private static String percent(Interval share) {
    return String.format(
        Locale.ROOT,
        "%.0f %% [%.0f, %.0f]",
        100 * share.value(),
        100 * share.low(),
        100 * share.high());
  }

  /**
   * Demands on a classifier, on rollouts that nothing was trained with.
   *
   * @param threshold that others are chosen near to; it held on the simulated arm's task, where 0.9
   *     lost recall
   * @param recall lower end of its interval at least
   * @param replayedRecall the same in the world model's replay, whose pictures are worse
   * @param precision lower end of its interval at least, in both
   * @param falseAlarm upper end of its interval at most, in both
   * @param wrongInstruction upper end at most of the interval of the share of the successes that
   *     also count under a wrong instruction, in both; 0.5 allows 3 of 15 and refuses 4
   * @param successes among the rollouts that were enough on the simulated arm's task; with 31
   *     recall was 0.23, with 16 it was 0.08
   */
  public record Config(
      double threshold,
      double recall,
      double replayedRecall,
      double precision,
      double falseAlarm,
      double wrongInstruction,
      int successes) {
    public static final Config DEFAULT = new Config(0.6, 0.5, 0.3, 0.5, 0.7, 0.5, 50);

    public Config {
      Check.share("gate.threshold", threshold);
      Check.share("gate.recall", recall);
      Check.share("gate.replayedRecall", replayedRecall);
      Check.share("gate.precision", precision);
      Check.share("gate.falseAlarm", falseAlarm);
      Check.share("gate.wrongInstruction", wrongInstruction);
      Check.notNegative("gate.successes", successes);
    }
  }
}
