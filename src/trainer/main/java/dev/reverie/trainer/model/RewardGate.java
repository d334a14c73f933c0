package dev.reverie.trainer.model;

import dev.reverie.report.Interval;
import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.nn.Check;
import dev.reverie.trainer.nn.TrainerException;
import java.util.Locale;

/**
 * Decides whether a classifier is fit to reward a policy. One that misses successes leaves nothing
 * to learn from; one that sees them everywhere, or ignores the instruction, teaches the policy
 * nothing. What counts is the worse end of each interval: few held-out rollouts prove little.
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
    if (quality.wrongInstruction() > config.wrongInstruction()) {
      throw new TrainerException(
          "the reward classifier also calls %.0f %% of the successes %s a success under a wrong instruction, and at most %.0f %% are allowed; record rollouts under more instructions, or raise classifier.wrongInstructionShare"
              .formatted(100 * quality.wrongInstruction(), where, 100 * config.wrongInstruction()));
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
   * @param wrongInstruction share of the successes at most that also count under a wrong
   *     instruction, in both
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
    public static final Config DEFAULT = new Config(0.6, 0.5, 0.3, 0.5, 0.7, 0.2, 50);

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
