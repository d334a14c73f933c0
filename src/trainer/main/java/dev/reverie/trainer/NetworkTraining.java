package dev.reverie.trainer;

import static org.bytedeco.pytorch.global.torch.ScalarType.Float;

import dev.reverie.trainer.data.Split;
import dev.reverie.trainer.data.Steps;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.model.JointHead;
import dev.reverie.trainer.model.RewardClassifier;
import dev.reverie.trainer.model.RewardClips;
import dev.reverie.trainer.model.WorldModel;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainLoop;
import java.util.List;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The training of the networks that imagination is made of, on demonstrations and on the rollouts
 * that are not held out.
 *
 * @param loop into the work folder
 * @param all demonstrations, then rollouts
 * @param demonstrations how many of them
 */
record NetworkTraining(
    Settings settings,
    TrainLoop loop,
    Networks networks,
    Transitions all,
    long demonstrations,
    Split split,
    Steps steps) {
  /**
   * Refuses a folder in which one of them was trained on other recordings, from other models or
   * graphs, or with another seed; before anything is computed.
   */
  static void requireSameInputs(Settings settings, TrainLoop loop, Networks networks) {
    if (loop.finished(Networks.WORLD_MODEL)) {
      ofWorldModel(settings, loop, networks)
          .requireSame(Networks.WORLD_MODEL, alignment(settings.worldModel()));
    } else if (loop.finished(Networks.JOINT_HEAD)) {
      loop.of(settings.jointHead())
          .requireSame(Networks.JOINT_HEAD, ofJointHead(settings.jointHead()));
    }
  }

  /** Fits the world models to the policy's own behaviour, failures included. */
  void alignWorldModels() {
    List<WorldModel> members = networks.worldModels();
    for (int i = 0; i < members.size(); i++) {
      align(Networks.worldModel(i), members.get(i));
    }
  }

  private static TrainLoop ofWorldModel(Settings settings, TrainLoop loop, Networks networks) {
    return networks.in(loop, Networks.WORLD_MODEL).of(settings.worldModel());
  }

  private static TrainLoop.Config alignment(WorldModel.Config config) {
    return new TrainLoop.Config(
            config.alignSteps(),
            config.alignLearningRate(),
            WorldModel.WARMUP,
            config.weightDecay(),
            config.clip())
        .averaging(config.ema());
  }

  /** Aligns one world model of several; each draws windows and noise of its own. */
  private void align(String stage, WorldModel member) {
    WorldModel.Config config = settings.worldModel();
    try (var _ = new PointerScope()) {
      Transitions predicted = all.windowed(steps.window());
      Tensor learned = all.windows(split.mayLearn(demonstrations));
      Tensor windows =
          config.alignDemonstrations()
              ? learned
              : learned.index_select(0, Torch.positions(ofRollouts(learned)));
      Tensor weights =
          Torch.plus(Torch.times(ofRollouts(windows).to(Float), config.rolloutWeight() - 1), 1);
      ofWorldModel(settings, loop, networks)
          .train(
              stage,
              member,
              alignment(config),
              metrics -> {
                Tensor at =
                    torch.multinomial(weights, config.batch(), true, Torch.sharedGenerator());
                return member.loss(predicted, windows.index_select(0, at), metrics);
              });
    }
    networks.leave(loop, Networks.WORLD_MODEL, stage);
  }

  /** Returns whether windows are of rollouts, not of demonstrations, [B] bool. */
  private Tensor ofRollouts(Tensor windows) {
    return windows.select(1, 0).ge(new Scalar(demonstrations));
  }

  /** Trains the classifier that rewards imagined rollouts; needs the world models aligned. */
  void trainRewardClassifier() {
    RewardClassifier.Config config = settings.classifier();
    RewardClassifier classifier = networks.classifier();
    try (var _ = new PointerScope()) {
      Torch.seed(loop.seed(), "reward_clips");
      // A finished stage is only loaded, and needs no clips.
      Optional<RewardClips> clips =
          loop.finished(Networks.REWARD_CLASSIFIER)
              ? Optional.empty()
              : Optional.of(
                  RewardClips.of(
                      all,
                      classifierWindows(),
                      networks.worldModel(),
                      networks.vae(),
                      config.target(),
                      config.imaginedDraws(),
                      loop));
      networks
          .in(loop, Networks.REWARD_CLASSIFIER)
          .of(config, Networks.imagining(settings))
          .train(
              Networks.REWARD_CLASSIFIER,
              classifier,
              new TrainLoop.Config(
                  config.steps(), config.learningRate(), 0.1, config.weightDecay(), 0),
              metrics -> classifier.loss(clips.orElseThrow(), metrics));
      clips.ifPresent(RewardClips::close);
    }
    networks.leave(loop, Networks.REWARD_CLASSIFIER, Networks.REWARD_CLASSIFIER);
  }

  /** Windows of demonstrations, thinned, and of the rollouts that may be learned from. */
  private Tensor classifierWindows() {
    RewardClassifier.Config config = settings.classifier();
    Tensor windows = decided(all, all.windows(split.mayLearn(demonstrations)), config);
    Tensor isRollout = ofRollouts(windows);
    int most = config.demonstrationWindows();
    Tensor ofDemonstrations = windows.index_select(0, Torch.positions(isRollout.logical_not()));
    return Torch.cat(
        0,
        RewardClips.thinned(all, ofDemonstrations, most, config.positives(most)),
        windows.index_select(0, Torch.positions(isRollout)));
  }

  /** Returns those of the windows of which it is known whether they show success. */
  static Tensor decided(Transitions all, Tensor windows, RewardClassifier.Config config) {
    Tensor undecided = all.undecided(windows, config.labelMargin(), config.lateLabelShare());
    return windows.index_select(0, Torch.positions(undecided.logical_not()));
  }

  /** Trains the head that reads joint positions from latents. */
  void trainJointHead() {
    JointHead jointHead = networks.jointHead();
    try (var _ = new PointerScope()) {
      Tensor frames = all.data().livingFrames(split.mayLearn(demonstrations));
      loop.of(settings.jointHead())
          .train(
              Networks.JOINT_HEAD,
              jointHead,
              ofJointHead(settings.jointHead()),
              metrics -> jointHead.loss(all, frames, metrics));
    }
  }

  private static TrainLoop.Config ofJointHead(JointHead.Config config) {
    return new TrainLoop.Config(
        config.steps(), config.learningRate(), 0.3, config.weightDecay(), 0);
  }
}
