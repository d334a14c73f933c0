package dev.reverie.trainer;

import dev.reverie.policy.PolicyBundle;
import dev.reverie.report.Interval;
import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.Latents;
import dev.reverie.trainer.data.Split;
import dev.reverie.trainer.data.Steps;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.imagination.Filmstrips;
import dev.reverie.trainer.imagination.Grpo;
import dev.reverie.trainer.imagination.Imagination;
import dev.reverie.trainer.imagination.RolloutStarts;
import dev.reverie.trainer.model.ActionControl;
import dev.reverie.trainer.model.FrameVae;
import dev.reverie.trainer.model.JointHead;
import dev.reverie.trainer.model.JointReplay;
import dev.reverie.trainer.model.OpenLoopReplay;
import dev.reverie.trainer.model.RewardClassifier;
import dev.reverie.trainer.model.RewardGate;
import dev.reverie.trainer.model.RewardThreshold;
import dev.reverie.trainer.model.TrainablePolicy;
import dev.reverie.trainer.model.WorldModel;
import dev.reverie.trainer.nn.FreeMemory;
import dev.reverie.trainer.nn.Progress;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainLoop;
import dev.reverie.trainer.nn.TrainerException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;

/**
 * World-model-based policy optimisation (WMPO, arXiv 2511.09515): one round from recorded rollouts
 * of a policy to a better policy.
 *
 * <p>Each stage leaves its result in the work folder, and a run that was stopped goes on there.
 */
final class Wmpo implements AutoCloseable {
  private final Settings settings;
  private final TrainLoop loop;
  private final StageTimes times;
  private final PolicyBundle base;
  private final Steps steps;
  private final Transitions all; // demonstrations, then rollouts
  private final Transitions rollouts;
  private final Split split;
  private final Networks networks;
  private final NetworkTraining training;
  private final FrameVae vae;
  private final WorldModel worldModel;
  private final JointHead jointHead;
  private final RewardClassifier classifier;

  private Wmpo(
      Settings settings,
      TrainLoop loop,
      StageTimes times,
      PolicyBundle base,
      Steps steps,
      Transitions all,
      Transitions rollouts,
      Split split,
      Networks networks) {
    this.settings = settings;
    this.loop = loop;
    this.times = times;
    this.base = base;
    this.steps = steps;
    this.all = all;
    this.rollouts = rollouts;
    this.split = split;
    this.networks = networks;
    long demonstrations = (long) all.data().episodes() - rollouts.data().episodes();
    training = new NetworkTraining(settings, loop, networks, all, demonstrations, split, steps);
    vae = networks.vae();
    worldModel = networks.worldModel();
    jointHead = networks.jointHead();
    classifier = networks.classifier();
  }

  /**
   * Encodes the episodes.
   *
   * @param loop into the work folder
   * @param base that made the rollouts
   * @param demonstrations that it was trained on; freed when taken over
   * @param recorded its rollouts, of both outcomes; freed when taken over
   * @param split which of them judge
   * @param models folder with the auto-encoder and the world model, trained on demonstrations
   */
  static Wmpo prepare(
      Settings settings,
      TrainLoop loop,
      PolicyBundle base,
      Dataset demonstrations,
      Dataset recorded,
      Split split,
      Path models) {
    try (var policy = new TrainablePolicy(base, settings.policy())) {
      policy.tryOut(); // says now, not hours later, if it cannot
    }
    StageTimes times = new StageTimes(loop.folder().resolve("seconds.json"));
    Networks networks =
        Networks.begin(settings, base.spec(), recorded.tasks(), models, loop.seed())
            .together(settings, base.spec(), models);
    Steps steps = settings.steps(base.spec());
    TrainLoop stages = settings.vae().in(steps.in(loop.of(settings.rollouts())));
    NetworkTraining.requireSameInputs(settings, stages, networks);
    split.sides().write(loop.folder());
    try (var _ = new PointerScope()) {
      Dataset data = Dataset.concat(demonstrations, recorded);
      int first = demonstrations.episodes();
      demonstrations.close();
      recorded.close();
      FreeMemory.giveBack();
      Latents latents = times.time("encode", () -> networks.vae().encodeAll(data, loop));
      int count = data.episodes() - first;
      Transitions rollouts =
          new Transitions(
              data.range(first, count), latents.range(first, count).keep(), steps.executed());
      return new Wmpo(
          settings,
          stages,
          times,
          base,
          steps,
          new Transitions(data, latents, steps.executed()),
          rollouts,
          split,
          networks);
    }
  }

  /**
   * The outcome of a round, the improved policy with it.
   *
   * @param before what imagination says of the base policy, beside what the arm said
   * @param after what it says of the improved policy from the same held-out starts
   * @param control how much the aligned world model heeds actions, on held-out rollouts
   * @param maxSteps of an imagined rollout
   * @param joints how far off they are in imagination, by depth in frames, on held-out rollouts
   */
  record Result(
      PolicyBundle policy,
      ActionControl control,
      Audit before,
      Interval after,
      int maxSteps,
      RewardThreshold threshold,
      SequencedMap<Integer, Double> replayPsnrBefore,
      SequencedMap<Integer, Double> replayPsnrAfter,
      double jointErrorRad,
      SequencedMap<Integer, JointReplay.Apart> joints,
      SequencedMap<String, Double> seconds) {}

  /** The round, in the paper's order. */
  Result run() {
    trainTeller();
    SequencedMap<Integer, Double> psnrBefore = measureReplay();
    alignWorldModel();
    SequencedMap<Integer, Double> psnrAfter = measureReplay();
    ActionControl control = measureControl();
    if (settings.audit().stop()) {
      control.check(settings.audit().control());
    }
    trainRewardClassifier();
    RewardThreshold threshold = chooseThreshold();
    double jointError = trainJointHead();
    SequencedMap<Integer, JointReplay.Apart> joints = measureJoints();

    try (var imagination = imagination(threshold.threshold());
        var policy = new TrainablePolicy(base, settings.policy());
        var before = new TrainablePolicy(base, settings.policy())) {
      Audit audit = audit(imagination, before);
      audit.check(settings.audit());
      practise(policy, imagination, threshold);
      Interval imaginedAfter = imaginedAfter(imagination, policy);
      drawFilmstrips(imagination, before, policy);
      return new Result(
          policy.bundle(),
          control,
          audit,
          imaginedAfter,
          maxSteps(),
          threshold,
          psnrBefore,
          psnrAfter,
          jointError,
          joints,
          times.seconds());
    }
  }

  /** Fits the world model to the policy's own behaviour, failures included. */
  void alignWorldModel() {
    times.time(Networks.WORLD_MODEL, training::alignWorldModels);
  }

  /** Trains the joint head first where the world model imagines nothing without it. */
  private void trainTeller() {
    if (settings.worldModel().joints()) {
      trainJointHead();
    }
  }

  /** Trains the classifier that rewards imagined rollouts; needs the world model aligned. */
  void trainRewardClassifier() {
    trainTeller();
    times.time(Networks.REWARD_CLASSIFIER, training::trainRewardClassifier);
  }

  /** Chooses the threshold on held-out rollouts, and refuses a classifier that is unfit. */
  RewardThreshold chooseThreshold() {
    RewardThreshold threshold = times.time("calibration", this::calibrate);
    new RewardGate(settings.gate()).check(threshold, rollouts.data());
    return threshold;
  }

  /** Trains the head that reads joint positions from latents; its mean error, rad. */
  double trainJointHead() {
    return times.time(
        Networks.JOINT_HEAD,
        () -> {
          training.trainJointHead();
          return split.onHeldOut(rollouts, jointHead::error);
        });
  }

  /** Follows the joints of held-out rollouts in imagination; needs world model and head trained. */
  SequencedMap<Integer, JointReplay.Apart> measureJoints() {
    return times.time("joint_replay", this::jointReplay);
  }

  /** Improves the policy in imagination. */
  private void practise(
      TrainablePolicy policy, Imagination imagination, RewardThreshold threshold) {
    Practice practice = new Practice(settings, loop, networks, rollouts, split, maxSteps());
    times.time(Grpo.STAGE, () -> practice.run(policy, imagination, threshold));
    if (policy.bundle().id().equals(base.id())) {
      throw new TrainerException(
          "practice left the policy %s as it was: no iteration had a group to learn from, for all imagined rollouts of a group ended alike. Where their success (lines 'stage grpo') is near 1 or 0, record more rollouts of the other outcome and train more steps; then choose another --work"
              .formatted(base.id()));
    }
  }

  /** Steps of an imagined rollout at most. */
  private int maxSteps() {
    int set = settings.imagination().maxSteps();
    return set > 0 ? set : (int) rollouts.data().steps().max().item_long();
  }

  /** Fidelity of the world model over held-out rollouts, frame number to dB. */
  private SequencedMap<Integer, Double> measureReplay() {
    return times.time("replay", this::replayPsnr);
  }

  /** Returns how much the world model heeds the actions of held-out rollouts. */
  private ActionControl measureControl() {
    return times.time(
        "action_control",
        () ->
            split.onHeldOut(
                rollouts, judged -> ActionControl.of(judged.windowed(steps.window()), worldModel)));
  }

  /** Compares what imagination says of a policy's held-out rollouts with how they ended. */
  private Audit audit(Imagination imagination, TrainablePolicy policy) {
    ImaginedSuccess beginnings = imaginedSuccess(imagination, policy);
    Audit audit =
        times.time(
            "audit",
            () -> {
              try (var _ = new PointerScope()) {
                return Audit.of(
                    beginnings,
                    imagination,
                    policy,
                    heldOut(),
                    ended(),
                    settings.audit(),
                    settings.grpo().temperature(),
                    loop);
              }
            });
    Progress.say(
        audit.said(
            settings.audit(),
            "record more rollouts, or hold more of them out (rollouts.heldOutShare)"));
    return audit;
  }

  /** Returns what imagination says of the better policy, from the same first frames. */
  private Interval imaginedAfter(Imagination imagination, TrainablePolicy policy) {
    double[] success = imaginedSuccess(imagination, policy).byStart();
    double[] starts = new double[success.length];
    Arrays.fill(starts, 1);
    return ended().mean(success, starts);
  }

  private RolloutStarts.Pool heldOut() {
    return new RolloutStarts.Pool(rollouts, split.heldOut(), maxSteps());
  }

  private Outcomes ended() {
    return Outcomes.ofHeldOut(rollouts.data().success(), split.heldOut());
  }

  private ImaginedSuccess imaginedSuccess(Imagination imagination, TrainablePolicy policy) {
    return times.time("imagined_success", () -> success(imagination, policy));
  }

  /** Draws recorded beside imagined episodes, for people to look at. */
  private void drawFilmstrips(
      Imagination imagination, TrainablePolicy before, TrainablePolicy after) {
    times.time("filmstrips", () -> filmstrips(imagination, before, after));
  }

  private RewardThreshold calibrate() {
    Torch.seed(loop.seed(), "calibration");
    return split.onHeldOut(
        rollouts,
        judged ->
            RewardThreshold.of(judged, vae, worldModel, classifier, settings.gate().threshold()));
  }

  private Imagination imagination(double threshold) {
    return new Imagination(
        vae, worldModel, jointHead, classifier, threshold, rollouts.data(), steps);
  }

  private ImaginedSuccess success(Imagination imagination, TrainablePolicy policy) {
    Torch.seed(loop.seed(), "imagined_success");
    int times = settings.audit().rollouts();
    try (var _ = new PointerScope()) {
      return ImaginedSuccess.of(
          imagination,
          policy,
          heldOut().beginnings(times),
          times,
          settings.grpo().temperature(),
          loop);
    }
  }

  private SequencedMap<Integer, Double> replayPsnr() {
    Torch.seed(loop.seed(), "replay");
    return split.onHeldOut(
        rollouts,
        judged -> OpenLoopReplay.psnr(judged, vae, worldModel, depths(judged.data().horizon())));
  }

  private SequencedMap<Integer, JointReplay.Apart> jointReplay() {
    Torch.seed(loop.seed(), "joint_replay");
    return split.onHeldOut(
        rollouts,
        judged -> JointReplay.of(judged, worldModel, jointHead, depths(judged.data().horizon())));
  }

  /** Frames at which what is imagined is compared with what was recorded. */
  private static int[] depths(int horizon) {
    return IntStream.of(1, 4, 8, 16, 24, 32).filter(depth -> depth <= horizon).toArray();
  }

  private void filmstrips(Imagination imagination, TrainablePolicy before, TrainablePolicy after) {
    Torch.seed(loop.seed(), "filmstrips");
    Path folder = loop.folder().resolve("imagined");
    split.onHeldOut(
        rollouts,
        judged -> {
          Filmstrips.write(folder, judged, vae, worldModel, imagination, before, after);
          return folder;
        });
  }

  /** Frees episodes and networks. */
  @Override
  public void close() {
    all.latents().close();
    rollouts.latents().close();
    all.data().close();
    rollouts.data().close();
    networks.close();
  }
}
