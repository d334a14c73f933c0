package dev.reverie.trainer;

import dev.reverie.policy.BundleSpec;
import dev.reverie.trainer.data.Canvas;
import dev.reverie.trainer.data.Split;
import dev.reverie.trainer.data.Steps;
import dev.reverie.trainer.imagination.Grpo;
import dev.reverie.trainer.model.BehaviourCloning;
import dev.reverie.trainer.model.ClipScan;
import dev.reverie.trainer.model.FrameVae;
import dev.reverie.trainer.model.OpenLoopReplay;
import dev.reverie.trainer.model.RewardClassifier;
import dev.reverie.trainer.model.RewardClips;
import dev.reverie.trainer.model.Shapes;
import dev.reverie.trainer.model.TrainablePolicy;
import dev.reverie.trainer.nn.DiskTensors;
import dev.reverie.trainer.nn.Pass;
import dev.reverie.trainer.nn.Precision;
import java.util.ArrayList;
import java.util.List;

/**
 * Counts what the stages would need, from settings, policy and the size of the data. Nothing is
 * trained, and no network but the policy is there.
 *
 * <p>Memory is counted as the code holds it: every result of a training step's operations until the
 * step ends, weights with gradients and two moments, as many rollouts as go side by side.
 */
final class DryRun {
  /** The Java machine, libtorch and what they keep for later. */
  private static final double BASE = 0.6 * (1L << 30);

  private static final int FLOAT = Float.BYTES;

  /** Weights, gradients, two moments, and the root of the second while a step is made. */
  private static final int TRAINED = 5 * FLOAT;

  /** Results of the pass back that are there at a time beside those of the pass forward. */
  private static final double BACK = 1.15;

  private final Settings settings;
  private final DataSizes sizes;
  private final Steps steps;
  private final Canvas canvas;
  private final int dimensions;
  private final int joints;
  private final long policyParameters; // that are trained
  private final double policyBytes;
  private final TrainablePolicy.Work policy;
  private final Shapes.OfWorldModel worldModel;
  private final Shapes.OfVae vae;
  private final Shapes classifier;
  private final Shapes jointHead;

  /**
   * Counts the networks.
   *
   * @param policy the base policy with the part of it that is trained, or one as it would be made
   */
  DryRun(Settings settings, BundleSpec spec, TrainablePolicy policy, DataSizes sizes) {
    this.settings = settings;
    this.sizes = sizes;
    steps = settings.steps(spec);
    canvas = Canvas.of(spec.cameras());
    dimensions = spec.actionSpace().dimensions();
    joints = spec.jointNames().size();
    policyParameters = policy.parameters().count();
    policyBytes = policy.bytes();
    this.policy = policy.drawing();
    int channels = settings.vae().channels();
    worldModel = CountedNetworks.worldModel(settings, steps.window(), dimensions, joints, canvas);
    vae = CountedNetworks.vae(settings, canvas);
    classifier = CountedNetworks.classifier(settings, steps.executed(), canvas, sizes.tasks());
    jointHead = Shapes.jointHead(settings.jointHead(), channels, cells(), dimensions, joints);
  }

  /**
   * The needs of a stage.
   *
   * @param parameters that it trains; 0 where it trains none
   * @param weights of all networks that are there, with what the optimiser keeps; bytes
   * @param results of the operations of a step, or of what is imagined side by side; bytes
   * @param data in memory, bytes
   * @param disk that it fills, bytes
   * @param steps that it has; 0 where there are none
   * @param flops of all of it
   */
  record Stage(
      String name,
      long parameters,
      double weights,
      double results,
      double data,
      double disk,
      long steps,
      double flops) {
    double peak() {
      return BASE + weights + results + data;
    }
  }

  /** Returns those of {@code pretrain}. */
  List<Stage> pretraining() {
    DataSizes.Episodes episodes = sizes.demonstrations();
    double networks = FLOAT * (double) (vae.parameters() + worldModel.parameters());
    double data = tables(episodes);
    double pictures = episodes.pictures(canvas);
    BehaviourCloning.Config cloning = settings.cloning();
    List<Stage> stages = new ArrayList<>();
    stages.add(
        trained(
            "policy",
            policyParameters,
            networks,
            0,
            step(policy.once().plus(Pass.numbers(noisyPicture())), cloning.batch()),
            data,
            pictures,
            cloning.steps()));
    // The step, or the frames that the latents are measured on: the picture in four forms more.
    Pass measured =
        vae.encoded()
            .plus(vae.decoded())
            .plus(Pass.numbers(16.0 * canvas.pixels()))
            .times(FrameVae.measured(canvas) / BACK);
    Pass step = step(vae.trained(), settings.vae().batch());
    stages.add(
        trained(
            "vae",
            vae.parameters(),
            networks,
            0,
            new Pass(step.flops(), step.attention(), Math.max(step.numbers(), measured.numbers())),
            data,
            0,
            settings.vae().steps()));
    stages.add(encoding(episodes, networks, data, 0));
    stages.add(
        trained(
            "world_model",
            worldModel.parameters(),
            networks,
            settings.worldModel().ema(),
            worldModelStep(),
            data + inMemory(episodes.latents(settings.vae(), canvas)),
            0,
            settings.worldModel().steps()));
    return stages;
  }

  /** Returns those of {@code train improve}. */
  List<Stage> round() {
    DataSizes.Episodes episodes = sizes.demonstrations().and(sizes.rollouts());
    int members = settings.worldModel().ensemble();
    Split.requireEnough(sizes.rollouts().count(), settings.rollouts());
    int heldOut =
        Math.max(
            2, (int) Math.round(settings.rollouts().heldOutShare() * sizes.rollouts().count()));
    double networks =
        FLOAT
            * (double)
                (vae.parameters()
                    + members * worldModel.parameters()
                    + classifier.parameters()
                    + jointHead.parameters());
    double tables = tables(episodes);
    double data = tables + inMemory(episodes.latents(settings.vae(), canvas));
    List<Stage> stages = new ArrayList<>();
    stages.add(encoding(episodes, networks, tables, episodes.pictures(canvas)));
    stages.add(replayed(heldOut, networks, data));
    for (int i = 0; i < members; i++) {
      stages.add(
          trained(
              Networks.worldModel(i),
              worldModel.parameters(),
              networks,
              settings.worldModel().ema(),
              worldModelStep(),
              data,
              0,
              settings.worldModel().alignSteps()));
    }
    stages.addAll(rewarded(heldOut, networks, data));
    stages.add(
        trained(
            Networks.JOINT_HEAD,
            jointHead.parameters(),
            networks,
            0,
            step(jointHead.pass(), settings.jointHead().batch()),
            data,
            0,
            settings.jointHead().steps()));
    stages.add(imaginedSuccess(heldOut, networks, data));
    stages.add(practice(networks, data));
    return stages;
  }

  private Stage encoding(DataSizes.Episodes episodes, double networks, double data, double disk) {
    Pass one = vae.encoded();
    double latents = episodes.latents(settings.vae(), canvas);
    return new Stage(
        "encode",
        0,
        networks,
        FLOAT * FrameVae.slice(canvas) * (one.numbers() + 9.0 * canvas.pixels()),
        data + inMemory(latents),
        disk + latents - inMemory(latents),
        0,
        episodes.frames() * one.forward());
  }

  /** Recorded actions in the world model: before alignment, after it, and under the classifier. */
  private Stage replayed(int heldOut, double networks, double data) {
    return new Stage(
        "replay",
        0,
        networks,
        digits()
            * drawn(Math.min(heldOut, OpenLoopReplay.slice(canvas.pixels(), steps.executed()))),
        data,
        0,
        0,
        3.0 * heldOut * chunks(sizes.steps()) * imaginedChunk().forward());
  }

  /** Rows of a batch that are imagined at once; of a slice it may be each. */
  private double drawnAtOnce(RewardClassifier.Config config) {
    long rows = settings.compute().rowsOf(config.batch());
    boolean whole = rows == config.batch() || config.imaginedShare() == 0;
    return whole ? config.imaginedShare() * rows : rows;
  }

  private List<Stage> rewarded(int heldOut, double networks, double data) {
    RewardClassifier.Config config = settings.classifier();
    double windows =
        config.demonstrationWindows()
            + (double) (sizes.rollouts().count() - heldOut) * sizes.steps();
    boolean asNeeded = windows > config.imaginedDraws();
    double clip = 3.0 * steps.executed() * canvas.pixels(); // bytes
    double clips = asNeeded ? 0 : windows * clip;
    double imagined = Math.min(windows, config.imaginedDraws()) * imaginedChunk().forward();
    double drawn = asNeeded ? drawnAtOnce(config) : RewardClips.SLICE;
    Stage trained =
        trained(
            Networks.REWARD_CLASSIFIER,
            classifier.parameters(),
            networks,
            0,
            step(classifier.pass(), config.batch()),
            data + inMemory(clips),
            clips - inMemory(clips),
            config.steps());
    return List.of(
        new Stage(
            trained.name(),
            trained.parameters(),
            trained.weights(),
            asNeeded
                ? trained.results() + beside(drawn) // what is freed is not all used again
                : Math.max(trained.results(), beside(drawn)),
            trained.data(),
            trained.disk(),
            trained.steps(),
            trained.flops() + imagined));
  }

  /** The audit's rollouts, of the base policy and of the better one. */
  private Stage imaginedSuccess(int heldOut, double networks, double data) {
    int each = settings.audit().rollouts();
    double along = Math.min(settings.audit().starts(), heldOut * chunks(sizes.steps()));
    double moments = Math.max(heldOut, along);
    double rollouts = moments * each;
    double beside = Math.min(rollouts, Math.max(1, FrameVae.beside(canvas) / each) * each);
    return new Stage(
        "imagined_success",
        0,
        networks + 2.0 * policyBytes,
        beside(beside),
        data + kept(beside),
        0,
        0,
        (rollouts + (double) heldOut * each) * chunks(sizes.steps()) * actedChunk());
  }

  private Stage practice(double networks, double data) {
    Grpo.Config config = settings.grpo();
    double rollouts = (double) config.groups() * config.groupSize();
    double limit =
        settings.imagination().maxSteps() > 0 ? settings.imagination().maxSteps() : sizes.steps();
    double chunks = chunks(limit);
    double imagined = rollouts * chunks * actedChunk();
    double updated = config.epochs() * rollouts * chunks * policy.pass().training();
    double update =
        BACK * digits() * settings.compute().rowsAtATime(config.slice()) * policy.pass().numbers();
    return new Stage(
        Grpo.STAGE,
        policyParameters,
        // The base policy is there too, whose success is imagined beside the better one's.
        networks + 2 * policyBytes + (double) TRAINED * policyParameters,
        Math.max(beside(Math.min(rollouts, FrameVae.beside(canvas))), update),
        data + 2 * kept(rollouts),
        4.0 * FLOAT * policyParameters,
        config.iterations(),
        config.iterations() * (imagined + updated));
  }

  /** A network's training. */
  private Stage trained(
      String name,
      long parameters,
      double networks,
      double ema,
      Pass step,
      double data,
      double disk,
      long many) {
    int copies = ema > 0 ? TRAINED + FLOAT : TRAINED;
    // Its weights stand among the networks; the checkpoint to go on from has them and the moments.
    double file = (double) FLOAT * parameters * (ema > 0 ? 5 : 4);
    return new Stage(
        name,
        parameters,
        networks + (double) copies * parameters,
        BACK * digits() * step.numbers(),
        data,
        disk + file,
        many,
        many * step.training());
  }

  private Pass worldModelStep() {
    Pass sample = settings.compute().recompute() ? worldModel.trainedAgain() : worldModel.trained();
    return step(sample, settings.worldModel().batch());
  }

  /** A step over a batch of samples, of which those of a slice leave their results at a time. */
  private Pass step(Pass sample, int batch) {
    Pass all = sample.times(batch);
    return new Pass(
        all.flops(), all.attention(), sample.numbers() * settings.compute().rowsOf(batch));
  }

  /** Bytes of a number that a network's operations leave. */
  private double digits() {
    return settings.compute().precision() == Precision.FLOAT32 ? FLOAT : FLOAT / 2.0;
  }

  /** A chunk of one rollout as world model and auto-encoder imagine it. */
  private Pass imaginedChunk() {
    return worldModel
        .sampled(settings.worldModel().taus().size())
        .times(windows())
        .plus(vae.decoded().times(steps.executed()));
  }

  /** The clips of a chunk that are judged. */
  private ClipScan scan() {
    return settings.classifier().scan(steps.executed());
  }

  /** Windows of the world model that a chunk takes. */
  private double windows() {
    return Math.ceilDiv(steps.executed(), steps.window());
  }

  /** FLOPs of a chunk that a policy acts in. */
  private double actedChunk() {
    int members = settings.worldModel().ensemble();
    double more =
        (members - 1)
            * worldModel.sampled(settings.worldModel().taus().size()).forward()
            * windows();
    return policy.pass().forward()
        + imaginedChunk().forward()
        + more
        + scan().clips() * classifier.pass().forward()
        + jointHead.pass().forward();
  }

  /** Numbers that imagining a chunk of some rollouts holds at a time. */
  private double drawn(double rollouts) {
    return Math.min(rollouts, worldModel.beside()) * worldModel.drawn()
        + rollouts * 2.0 * steps.executed() * cells() * settings.vae().channels();
  }

  /** Bytes of rollouts side by side at a time: the world model, or what comes before and after. */
  private double beside(double rollouts) {
    double clip = 0.75 * (steps.executed() + scan().before()) * canvas.pixels();
    double most =
        Math.max(
            drawn(rollouts),
            rollouts * Math.max(policy.pass().numbers(), classifier.pass().numbers()));
    return digits() * (most + rollouts * clip);
  }

  /** Bytes of what is kept of imagined rollouts: what the policy saw before every chunk. */
  private double kept(double rollouts) {
    return rollouts * chunks(sizes.steps()) * 3.0 * canvas.pixels();
  }

  private double chunks(double ofSteps) {
    return Math.ceil(ofSteps / steps.executed());
  }

  /** Bytes of actions and joints, which are padded to the longest episode. */
  private double tables(DataSizes.Episodes episodes) {
    double rows = episodes.count() * (chunks(sizes.steps()) * steps.executed() + 1);
    return FLOAT * rows * (dimensions + joints);
  }

  /** Returns what of a tensor lies in memory, and not on disk. */
  private static double inMemory(double bytes) {
    return bytes < DiskTensors.LARGE_BYTES ? bytes : 0;
  }

  /** Numbers of a picture with noise, in five forms. */
  private double noisyPicture() {
    return 5 * 3.0 * canvas.pixels();
  }

  private int cells() {
    return canvas.pixels() / FrameVae.PIXELS_A_CELL;
  }
}
