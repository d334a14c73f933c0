package dev.reverie.trainer.imagination;

import dev.reverie.trainer.model.TrainablePolicy;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** A world that a policy practises in: imagination, or the arm itself. */
@FunctionalInterface
public interface Environment {
  /** Mean weight of the rollouts below which practice without a mixed group is put down to it. */
  double LITTLE = 0.5;

  /**
   * Lets the policy act until every rollout of P groups of G has ended.
   *
   * @param config with P, G and the temperature
   * @param draw number of the draw, from 0 on; a run that goes on asks for the same one again
   */
  Groups play(TrainablePolicy policy, Grpo.Config config, int draw);

  /**
   * The rollouts of P groups, one group after the other.
   *
   * @param limits chunks that each rollout might have had [B], int64
   * @param fromBeginning which began where an episode does [B], bool
   * @param starts of the groups, P
   */
  record Groups(PlayedRollouts rollouts, Tensor limits, Tensor fromBeginning, List<Start> starts) {}

  /**
   * The start of a group's rollouts.
   *
   * @param episode id of the recorded one; on the arm the name of the group's folder
   * @param frame of the episode, from 0
   */
  record Start(String episode, long frame, String instruction) {}

  /** Returns what its rollouts are called in curves and messages. */
  default String kind() {
    return "imagined";
  }

  /**
   * Returns what is to be done where all groups end alike.
   *
   * @param success share of its rollouts that succeed
   * @param trusted mean weight of its rollouts
   */
  default String remedy(double success, double trusted) {
    if (trusted < LITTLE) {
      return "the world models disagree about most of them (trusted is %.2f): record more rollouts, or set imagination.trust to WEIGH"
          .formatted(trusted);
    }
    return success > 0.5
        ? "the policy needs no practice there, or the reward classifier calls everything a success: look at work/imagined and at the precision in improve.json"
        : "the policy never succeeds there, or the reward classifier sees no success: start more rollouts at keyframes (grpo.keyframeShare), or record more successes";
  }
}
