package dev.reverie.trainer.model;

import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.nn.TrainerException;

/**
 * Decides whether a classifier is fit to reward a policy. One that misses successes leaves nothing
 * to learn from; one that ignores the instruction teaches the policy to ignore it.
 */
public record RewardGate(Config config) {
  /**
   * Refuses an unfit classifier.
   *
   * @param rollouts that it was trained with and judged on
   */
  public void check(RewardThreshold threshold, Dataset rollouts) {
    RewardThreshold.Quality real = threshold.real();
    if (real.recall() < config.recall()) {
      int have = rollouts.successes();
      int missing = config.successes() - have;
      String remedy =
          missing > 0
              ? "record rollouts until there are %d more successes".formatted(missing)
              : "check the labels, or train the classifier longer (classifier.steps)";
      throw new TrainerException(
          ("the reward classifier finds %.0f %% of the held-out successes, and at least %.0f %% are"
                  + " needed; it learned from %d successes in %d rollouts: %s")
              .formatted(
                  100 * real.recall(), 100 * config.recall(), have, rollouts.episodes(), remedy));
    }
    double wrong = Math.max(real.wrongInstruction(), threshold.replayed().wrongInstruction());
    if (wrong > config.wrongInstruction()) {
      throw new TrainerException(
          ("the reward classifier also calls %.0f %% of the successes a success under a wrong"
                  + " instruction, and at most %.0f %% are allowed; record rollouts under more"
                  + " instructions, or raise classifier.wrongInstructionShare")
              .formatted(100 * wrong, 100 * config.wrongInstruction()));
    }
  }

  /**
   * Demands on a classifier.
   *
   * @param heldOutShare of the rollouts that it is judged on instead of trained with
   * @param threshold that others are chosen near to; it held on the simulated arm's task, where 0.9
   *     lost recall
   * @param recall at least, on held-out rollouts
   * @param wrongInstruction share of the successes at most that also count under a wrong
   *     instruction
   * @param successes among the rollouts that were enough on the simulated arm's task; with 31
   *     recall was 0.23, with 16 it was 0.08
   */
  public record Config(
      double heldOutShare,
      double threshold,
      double recall,
      double wrongInstruction,
      int successes) {
    public static final Config DEFAULT = new Config(0.2, 0.6, 0.7, 0.2, 50);
  }
}
