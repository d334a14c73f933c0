package dev.reverie.trainer;

import dev.reverie.trainer.data.Split;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.imagination.Grpo;
import dev.reverie.trainer.imagination.Imagination;
import dev.reverie.trainer.imagination.Keyframes;
import dev.reverie.trainer.imagination.RolloutStarts;
import dev.reverie.trainer.imagination.Trust;
import dev.reverie.trainer.model.Ensemble;
import dev.reverie.trainer.model.RewardThreshold;
import dev.reverie.trainer.model.TrainablePolicy;
import dev.reverie.trainer.model.WorldModel;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * A round's practice in imagination, doubted where several world models disagree.
 *
 * @param rollouts of the policy, from which imagined ones start
 * @param maxSteps of an imagined rollout
 */
record Practice(
    Settings settings,
    TrainLoop loop,
    Networks networks,
    Transitions rollouts,
    Split split,
    int maxSteps) {
  /** Trains the policy, from where it was stopped if it was. */
  void run(TrainablePolicy policy, Imagination imagination, RewardThreshold threshold) {
    try (var _ = new PointerScope();
        Imagination doubted = doubted(imagination)) {
      new Grpo(
              settings.grpo(),
              policy,
              doubted::play,
              new RolloutStarts.Pool(
                  rollouts, split.learned(), maxSteps, doubts(), settings.grpo().keyframe()),
              threshold.trustedChunks(settings.gate()))
          .train(
              settings
                  .ofPolicy(settings.classifier().rewarding(loop))
                  .of(settings.imagination(), parents())
                  .of(new Rewarded(threshold.threshold())));
    }
  }

  /** The probability from which on practice was rewarded. */
  private record Rewarded(double threshold) {}

  /** Stages that practice depends on. */
  private String[] parents() {
    List<String> stages =
        new ArrayList<>(
            List.of(Networks.WORLD_MODEL, Networks.JOINT_HEAD, Networks.REWARD_CLASSIFIER));
    for (int i = 1; i < networks.worldModels().size(); i++) {
      stages.add(Networks.worldModel(i));
    }
    return stages.toArray(String[]::new);
  }

  /**
   * Returns how far the world models disagree along the rollouts, where starts are chosen by that.
   */
  private Optional<Tensor> doubts() {
    if (!settings.grpo().has(Keyframes.DISAGREEMENT)) {
      return Optional.empty();
    }
    Torch.seed(loop.seed(), "keyframes");
    return Optional.of(new Ensemble(networks.worldModels()).doubts(rollouts));
  }

  /** The imagination that is trusted where the world models agree as they do on held-out chunks. */
  private Imagination doubted(Imagination imagination) {
    List<WorldModel> worldModels = networks.worldModels();
    Trust trust = settings.imagination().trust();
    if (worldModels.size() == 1 || trust == Trust.KEEP) {
      return imagination;
    }
    Ensemble ensemble = new Ensemble(worldModels);
    Torch.seed(loop.seed(), "trust");
    double limit =
        split.onHeldOut(
            rollouts, judged -> ensemble.limit(judged, settings.imagination().trustQuantile()));
    return imagination.doubting(ensemble, trust, limit);
  }
}
