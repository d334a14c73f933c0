package dev.reverie.trainer;

import static org.bytedeco.pytorch.global.torch.ScalarType.Float;

import dev.reverie.policy.PolicyBundle;
import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.imagination.Filmstrips;
import dev.reverie.trainer.imagination.Grpo;
import dev.reverie.trainer.imagination.Imagination;
import dev.reverie.trainer.imagination.ImaginedRollouts;
import dev.reverie.trainer.imagination.RolloutStarts;
import dev.reverie.trainer.model.FrameVae;
import dev.reverie.trainer.model.JointHead;
import dev.reverie.trainer.model.OpenLoopReplay;
import dev.reverie.trainer.model.RewardClassifier;
import dev.reverie.trainer.model.RewardClips;
import dev.reverie.trainer.model.RewardGate;
import dev.reverie.trainer.model.RewardThreshold;
import dev.reverie.trainer.model.TrainablePolicy;
import dev.reverie.trainer.model.WorldModel;
import dev.reverie.trainer.nn.FreeMemory;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainLoop;
import dev.reverie.trainer.nn.TrainerException;
import java.nio.file.Path;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * World-model-based policy optimisation (WMPO, arXiv 2511.09515): one round from recorded rollouts
 * of a policy to a better policy.
 *
 * <p>Each stage leaves its result in the work folder, and a run that was stopped goes on there.
 */
final class Wmpo {
  private final Settings settings;
  private final TrainLoop loop;
  private final StageTimes times;
  private final PolicyBundle base;
  private final Transitions all; // demonstrations, then rollouts
  private final Transitions rollouts;
  private final Tensor heldOut; // places of rollouts that the reward classifier does not learn from
  private final FrameVae vae;
  private final WorldModel worldModel;
  private final JointHead jointHead;
  private final RewardClassifier classifier;

  private Wmpo(
      Settings settings,
      TrainLoop loop,
      StageTimes times,
      PolicyBundle base,
      Transitions all,
      Transitions rollouts,
      Tensor heldOut,
      Networks networks) {
    this.settings = settings;
    this.loop = loop;
    this.times = times;
    this.base = base;
    this.all = all;
    this.rollouts = rollouts;
    this.heldOut = heldOut;
    vae = networks.vae();
    worldModel = networks.worldModel();
    jointHead = networks.jointHead();
    classifier = networks.classifier();
  }

  /**
   * Encodes the episodes and holds some rollouts out.
   *
   * @param loop into the work folder
   * @param base that made the rollouts
   * @param demonstrations that it was trained on; freed when taken over
   * @param recorded its rollouts, of both outcomes; freed when taken over
   * @param models folder with the auto-encoder and the world model, trained on demonstrations
   */
  static Wmpo prepare(
      Settings settings,
      TrainLoop loop,
      PolicyBundle base,
      Dataset demonstrations,
      Dataset recorded,
      Path models) {
    requireBothOutcomes(recorded);
    StageTimes times = new StageTimes(loop.folder().resolve("seconds.json"));
    Networks networks =
        Networks.begin(settings, base.spec(), recorded.texts().size(), models, loop.seed());
    int horizon = base.spec().chunk().horizon();
    try (var _ = new PointerScope()) {
      Dataset data = Dataset.concat(demonstrations, recorded);
      int first = demonstrations.episodes();
      demonstrations.close();
      recorded.close();
      FreeMemory.giveBack();
      Tensor latents = times.time("encode", () -> networks.vae().encodeAll(data, loop));
      int count = data.episodes() - first;
      Transitions rollouts =
          new Transitions(
              data.range(first, count), Torch.keep(latents.narrow(0, first, count)), horizon);
      Torch.seed(loop.seed(), "held_out");
      return new Wmpo(
          settings,
          loop,
          times,
          base,
          new Transitions(data, latents, horizon),
          rollouts,
          Torch.keep(heldOut(rollouts.data(), settings.gate().heldOutShare())),
          networks);
    }
  }

  /** The outcome of a round, the improved policy with it. */
  record Result(
      PolicyBundle policy,
      double imaginedBefore,
      double imaginedAfter,
      RewardThreshold threshold,
      SequencedMap<Integer, Double> replayPsnrBefore,
      SequencedMap<Integer, Double> replayPsnrAfter,
      double jointErrorRad,
      SequencedMap<String, Double> seconds) {}

  /** The round, in the paper's order. */
  Result run() {
    SequencedMap<Integer, Double> psnrBefore = measureReplay();
    alignWorldModel();
    SequencedMap<Integer, Double> psnrAfter = measureReplay();
    trainRewardClassifier();
    RewardThreshold threshold = chooseThreshold();
    double jointError = trainJointHead();

    try (var imagination = imagination(threshold.threshold());
        var policy = new TrainablePolicy(base);
        var before = new TrainablePolicy(base)) {
      double imaginedBefore = measureImaginedSuccess(imagination, before);
      practise(policy, imagination);
      double imaginedAfter = measureImaginedSuccess(imagination, policy);
      drawFilmstrips(imagination, before, policy);
      return new Result(
          policy.bundle(),
          imaginedBefore,
          imaginedAfter,
          threshold,
          psnrBefore,
          psnrAfter,
          jointError,
          times.seconds());
    }
  }

  /** Fits the world model to the policy's own behaviour, failures included. */
  void alignWorldModel() {
    times.time(Networks.WORLD_MODEL, this::fitWorldModel);
  }

  /** Trains the classifier that rewards imagined rollouts; needs the world model aligned. */
  void trainRewardClassifier() {
    times.time(Networks.REWARD_CLASSIFIER, this::fitRewardClassifier);
  }

  /** Chooses the threshold on held-out rollouts, and refuses a classifier that is unfit. */
  RewardThreshold chooseThreshold() {
    RewardThreshold threshold = times.time("calibration", this::calibrate);
    new RewardGate(settings.gate()).check(threshold, rollouts.data());
    return threshold;
  }

  /** Trains the head that reads joint positions from latents; its mean error, rad. */
  double trainJointHead() {
    return times.time(Networks.JOINT_HEAD, this::fitJointHead);
  }

  /** Improves the policy in imagination. */
  private void practise(TrainablePolicy policy, Imagination imagination) {
    times.time(
        "grpo", () -> new Grpo(settings.grpo(), policy, imagination::play, rollouts).train(loop));
  }

  /** Fidelity of the world model over held-out rollouts, frame number to dB. */
  private SequencedMap<Integer, Double> measureReplay() {
    return times.time("replay", this::replayPsnr);
  }

  /** Share of imagined rollouts that succeed, one from the first frame of each recorded one. */
  private double measureImaginedSuccess(Imagination imagination, TrainablePolicy policy) {
    return times.time("imagined_success", () -> success(imagination, policy));
  }

  /** Draws recorded beside imagined episodes, for people to look at. */
  private void drawFilmstrips(
      Imagination imagination, TrainablePolicy before, TrainablePolicy after) {
    times.time("filmstrips", () -> filmstrips(imagination, before, after));
  }

  private void fitWorldModel() {
    WorldModel.Config config = settings.worldModel();
    try (var _ = new PointerScope()) {
      Tensor windows = all.windows();
      int demonstrations = all.data().episodes() - rollouts.data().episodes();
      Tensor isRollout = windows.select(1, 0).ge(new Scalar((long) demonstrations)).to(Float);
      Tensor weights = Torch.plus(Torch.times(isRollout, config.rolloutWeight() - 1), 1);
      loop.train(
          Networks.WORLD_MODEL,
          worldModel,
          new TrainLoop.Config(
              config.alignSteps(),
              config.alignLearningRate(),
              WorldModel.WARMUP,
              config.weightDecay(),
              config.clip()),
          metrics -> {
            Tensor at = torch.multinomial(weights, config.batch(), true, Torch.sharedGenerator());
            return worldModel.loss(all, windows.index_select(0, at), metrics);
          });
    }
  }

  private void fitRewardClassifier() {
    if (loop.finished(Networks.REWARD_CLASSIFIER)) {
      loop.load(Networks.REWARD_CLASSIFIER, classifier);
      return;
    }
    RewardClassifier.Config config = settings.classifier();
    Torch.seed(loop.seed(), "reward_clips");
    RewardClips clips;
    try (var _ = new PointerScope()) {
      clips = RewardClips.of(all, classifierWindows(), worldModel, vae, loop);
    }
    loop.train(
        Networks.REWARD_CLASSIFIER,
        classifier,
        new TrainLoop.Config(config.steps(), config.learningRate(), 0.1, config.weightDecay(), 0),
        metrics -> classifier.loss(clips, metrics));
    clips.close();
  }

  /** Windows of demonstrations, thinned, and of the rollouts that are not held out. */
  private Tensor classifierWindows() {
    int demonstrations = all.data().episodes() - rollouts.data().episodes();
    Tensor windows = all.windows();
    Tensor episode = windows.select(1, 0);
    Tensor learned = torch.ones(all.data().episodes());
    learned.index_fill_(0, heldOut.add(new Scalar((long) demonstrations)), new Scalar(0f));
    Tensor isRollout = episode.ge(new Scalar((long) demonstrations));
    Tensor ofRollouts =
        Torch.positions(isRollout.bitwise_and(Torch.greater(learned.index_select(0, episode), 0)));
    Tensor ofDemonstrations = Torch.positions(isRollout.logical_not());
    return Torch.cat(
        0,
        RewardClips.thinned(
            all,
            windows.index_select(0, ofDemonstrations),
            settings.classifier().demonstrationWindows()),
        windows.index_select(0, ofRollouts));
  }

  private RewardThreshold calibrate() {
    Torch.seed(loop.seed(), "calibration");
    Transitions judged = heldOutRollouts();
    RewardThreshold threshold =
        RewardThreshold.of(judged, vae, worldModel, classifier, settings.gate().threshold());
    judged.data().close();
    return threshold;
  }

  private double fitJointHead() {
    JointHead.Config config = settings.jointHead();
    loop.train(
        Networks.JOINT_HEAD,
        jointHead,
        new TrainLoop.Config(config.steps(), config.learningRate(), 0.3, config.weightDecay(), 0),
        metrics -> jointHead.loss(all.data(), all.latents(), metrics));
    try (var _ = new PointerScope()) {
      Tensor read = Torch.noGrad(() -> jointHead.positions(rollouts.latents().flatten(0, 1)));
      return read.sub(rollouts.data().joints().flatten(0, 1)).abs().mean().item_double();
    }
  }

  private Imagination imagination(double threshold) {
    return new Imagination(
        vae, worldModel, jointHead, classifier, threshold, rollouts.data().tokens());
  }

  private double success(Imagination imagination, TrainablePolicy policy) {
    Torch.seed(loop.seed(), "imagined_success");
    try (var _ = new PointerScope()) {
      ImaginedRollouts played =
          imagination.play(
              policy, RolloutStarts.beginnings(rollouts), settings.grpo().temperature());
      double rate = played.successRate();
      played.close();
      return rate;
    }
  }

  private SequencedMap<Integer, Double> replayPsnr() {
    Torch.seed(loop.seed(), "replay");
    Transitions judged = heldOutRollouts();
    Tensor replayed = OpenLoopReplay.of(judged, vae, worldModel);
    int horizon = judged.data().horizon();
    int[] depths = IntStream.of(1, 4, 8, 16, 24, 32).filter(d -> d <= horizon).toArray();
    SequencedMap<Integer, Double> psnr = OpenLoopReplay.psnr(judged.data(), replayed, depths);
    replayed.close();
    judged.data().close();
    return psnr;
  }

  private void filmstrips(Imagination imagination, TrainablePolicy before, TrainablePolicy after) {
    Torch.seed(loop.seed(), "filmstrips");
    Transitions judged = heldOutRollouts();
    Filmstrips.write(
        loop.folder().resolve("imagined"), judged, vae, worldModel, imagination, before, after);
    judged.data().close();
  }

  private Transitions heldOutRollouts() {
    try (var _ = new PointerScope()) {
      return new Transitions(
          rollouts.data().subset(heldOut),
          Torch.keep(rollouts.latents().index_select(0, heldOut)),
          rollouts.horizon());
    }
  }

  /** Draws the same share of the successes and of the failures. */
  private static Tensor heldOut(Dataset data, double share) {
    Tensor success = drawn(Torch.positions(data.success()), share);
    return Torch.cat(0, success, drawn(Torch.positions(data.success().logical_not()), share));
  }

  private static Tensor drawn(Tensor places, double share) {
    long count = Math.max(1, Math.round(share * places.size(0)));
    return places.index_select(0, torch.randperm(places.size(0)).narrow(0, 0, count));
  }

  private static void requireBothOutcomes(Dataset recorded) {
    int successes = recorded.successes();
    if (successes < 2 || recorded.episodes() - successes < 2) {
      throw new TrainerException(
          ("%d of %d rollouts are successes; practice compares successes with failures, so record"
                  + " rollouts until there are a few of both")
              .formatted(successes, recorded.episodes()));
    }
  }
}
