package dev.reverie.trainer.model;

import dev.reverie.trainer.data.Canvas;
import dev.reverie.trainer.data.Context;
import dev.reverie.trainer.data.Course;
import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.Memory;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.model.RectifiedFlow.Target;
import dev.reverie.trainer.model.RectifiedFlow.TimeLaw;
import dev.reverie.trainer.nn.Check;
import dev.reverie.trainer.nn.Compute;
import dev.reverie.trainer.nn.Metrics;
import dev.reverie.trainer.nn.Network;
import dev.reverie.trainer.nn.Parameters;
import dev.reverie.trainer.nn.SettingsText;
import dev.reverie.trainer.nn.Share;
import dev.reverie.trainer.nn.Torch;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import org.bytedeco.pytorch.Tensor;

/**
 * The world model: a rectified flow over the latents of the next K frames, given the past and the
 * action chunk.
 *
 * <p>A {@link Backbone} predicts the clean frames, as the newest frame plus a correction. As in
 * WMPO (arXiv 2511.09515) the context frames are noised, so that the model gets used to its own
 * errors, and every predicted frame is modulated by its own action. An arm's pose follows from its
 * joints, so the path of the joints may be given too: the recorded one in training, and in
 * imagination what a {@link JointHead} foretells from the actions. That is in neither paper.
 *
 * <p>Shapes: B samples, K frames a chunk, D action dimensions, J joints, C latent channels, h x w
 * latents; z [B, K, C, h, w], actions [B, K, D].
 */
public final class WorldModel implements Network {
  /** Share of the steps before the peak of the learning rate. */
  public static final double WARMUP = 0.05;

  private final Config config;
  private final RectifiedFlow flow;
  private final int horizon;
  private final int channels;
  private final Parameters parameters;
  private final Backbone backbone;
  private final Teller teller;

  /**
   * Creates an untrained world model.
   *
   * @param horizon K
   * @param actionDimensions D
   * @param joints J, which count where the settings have it told of them
   * @param channels C
   */
  public WorldModel(Config config, int horizon, int actionDimensions, int joints, int channels) {
    Parameters parameters = new Parameters();
    int told = config.told(joints);
    Backbone backbone =
        switch (config.backbone()) {
          case UNET -> new UNet(parameters, config, horizon, actionDimensions, told, channels);
          case TRANSFORMER ->
              new Transformer(parameters, config, horizon, actionDimensions, told, channels);
        };
    this(config, horizon, channels, parameters, backbone, Teller.none(config));
  }

  /** Creates an untrained world model that is not told of joints. */
  public WorldModel(Config config, int horizon, int actionDimensions, int channels) {
    this(config, horizon, actionDimensions, 0, channels);
  }

  /**
   * Creates one whose network is a graph of the user's, with the weights that it came with.
   *
   * @param canvas of which the latents are
   */
  public WorldModel(
      Config config,
      int horizon,
      int actionDimensions,
      int joints,
      int channels,
      Canvas canvas,
      OwnGraph graph) {
    GraphBackbone own =
        new GraphBackbone(
            graph, config, horizon, actionDimensions, config.told(joints), channels, canvas);
    this(config, horizon, channels, own.parameters(), own, Teller.none(config));
  }

  private WorldModel(
      Config config,
      int horizon,
      int channels,
      Parameters parameters,
      Backbone backbone,
      Teller teller) {
    this.config = config;
    flow = new RectifiedFlow(config.target(), config.times(), config.pureNoise());
    this.horizon = horizon;
    this.channels = channels;
    this.parameters = parameters;
    this.backbone = backbone;
    this.teller = teller;
  }

  /** The same network, told by a head where actions lead the joints, if the settings say so. */
  public WorldModel toldBy(JointHead head) {
    return told(teller.with(head));
  }

  /** The same network, shown where the arm is, if the settings say so. */
  public WorldModel shownBy(ArmMasks drawing) {
    return told(teller.with(drawing));
  }

  private WorldModel told(Teller by) {
    return new WorldModel(config, horizon, channels, parameters, backbone, by);
  }

  @Override
  public Parameters parameters() {
    return parameters;
  }

  /** Its network. */
  Backbone backbone() {
    return backbone;
  }

  /** Returns what it is given of the past. */
  public Memory memory() {
    return config.memory();
  }

  /**
   * Predicts the target of the flow; the clean frames as a rule.
   *
   * @param z frames with noise
   * @param tau share of noise in z [B], 1 = noise alone
   * @param level of the noise in the context [B]
   */
  public Tensor predict(Tensor z, Context past, Course course, Tensor tau, Tensor level) {
    return frames(past, given(past, course, level).predict(z, tau));
  }

  /** The network with past and course taken in; products have the precision that is set. */
  Backbone.Given given(Context past, Course course, Tensor level) {
    Tensor masks = teller.masks(past, course);
    Backbone.Given given = Compute.inPrecision(() -> backbone.given(past, course, masks, level));
    return (z, tau) -> Compute.products(() -> given.predict(z, tau));
  }

  /** The target of the flow of what the network said. */
  Tensor frames(Context past, Tensor said) {
    return config.target() == Target.CLEAN ? past.newest().add(said) : said;
  }

  /**
   * Squared error of the predicted frames, over those before the episode's end; this rank's part.
   *
   * @param windows of the batch [B, 2]
   */
  public Tensor loss(Transitions data, Tensor windows, Metrics metrics) {
    return new FlowLoss(config, flow).of(this, data, windows);
  }

  /**
   * Draws the next frames of a whole batch.
   *
   * @return latents [B, K, C, h, w]
   */
  public Tensor sample(Context past, Tensor actions) {
    return sample(past, actions, Share.whole(actions.size(0)));
  }

  private Tensor sample(Context past, Tensor actions, Share share) {
    return Torch.noGrad(() -> sample(past, actions, draw(past, share)));
  }

  /**
   * Draws the noise of a sample.
   *
   * @param share of a batch that the rows of the past are
   */
  FlowSample.Draw draw(Context past, Share share) {
    return FlowSample.draw(past, horizon, channels, share);
  }

  /** The next frames from noise that was drawn. */
  Tensor sample(Context past, Tensor actions, FlowSample.Draw draw) {
    return Torch.noGrad(
        () -> new FlowSample(config, flow).of(this, past, teller.ahead(past, actions), draw));
  }

  /**
   * Draws the frames after some actions, one window after the other. In the last one the last
   * action goes on where there are no more, as after an episode's end in training, and what follows
   * is left.
   *
   * @param actions [B, E, D]
   * @param share of a batch that these rows are
   * @return latents [B, E, C, h, w]
   */
  public Tensor play(Context past, Tensor actions, Share share) {
    return play(past, actions, (now, taken) -> sample(now, taken, share));
  }

  /** The same for a whole batch. */
  public Tensor play(Context past, Tensor actions) {
    return play(past, actions, Share.whole(actions.size(0)));
  }

  /** The same with a window's frames drawn in some way from its past and its actions. */
  Tensor play(Context past, Tensor actions, BiFunction<Context, Tensor, Tensor> draw) {
    if (actions.size(1) == horizon) {
      return draw.apply(past, actions);
    }
    List<Tensor> parts = new ArrayList<>();
    Context now = past;
    for (long t = 0; t < actions.size(1); t += horizon) {
      Tensor taken = actions.narrow(1, t, Math.min(horizon, actions.size(1) - t));
      Tensor next = draw.apply(now, Dataset.extended(taken, horizon)).narrow(1, 0, taken.size(1));
      parts.add(next);
      now = after(now, next, taken);
    }
    return Torch.cat(1, parts);
  }

  /**
   * The past after some actions.
   *
   * @param next latents of the frames after them [B, E, C, h, w]
   * @param taken the actions [B, E, D]
   */
  public Context after(Context past, Tensor next, Tensor taken) {
    return past.after(next, teller.seen(past, next, taken));
  }

  /**
   * The settings by which the world model is built, trained and sampled.
   *
   * @param width channels of the fine level; the coarse one has twice as many
   * @param embedding width of the conditioning
   * @param steps of training on demonstrations
   * @param learningRate peak of the cycle then
   * @param alignSteps of training on demonstrations and the policy's own rollouts
   * @param alignLearningRate peak of the cycle then
   * @param rolloutWeight how much more often a rollout is drawn than a demonstration then
   * @param alignDemonstrations whether demonstrations are drawn then at all; in both papers the
   *     world model is fitted to the policy's own rollouts alone
   * @param batch windows a step
   * @param weightDecay of AdamW
   * @param clip norm of the gradients at most
   * @param ema share of the old in the average of the weights that is kept at the end; 0: the last
   *     weights. WMPO's paper has 0.9999
   * @param memoryFrames given of the past; 4 in both papers
   * @param reference whether the first frame is given too, as in WoVR
   * @param memoryActions whether the actions that led to the memory are given, as in WoVR's code
   * @param target that is predicted: velocity in WMPO's code, noise in its paper
   * @param times law of the flow's times: logit-normal in WMPO
   * @param contextNoiseLow training noises the context by a level from U(this, contextNoise); the
   *     same as contextNoise for a fixed one: 0.05 in WMPO's paper, 0.015 in its code
   * @param contextNoise see contextNoiseLow
   * @param contextScaled whether the frames are scaled by 1 - level, as the path of the flow has
   *     it; in WMPO they are
   * @param pureNoise share of the training samples that start from noise alone, as sampling does
   * @param inferenceNoise level of the context noise in imagination; WMPO's code has 0
   * @param inferenceLevel that the network is told then; WMPO's code has 0.015
   * @param taus flow times of the evaluations of one sample, from 1 down; one alone cost 5 points
   * @param backbone the network: both papers have transformers
   * @param depth pairs of a spatial and a temporal block of the transformer; 28 in WMPO
   * @param heads of its attention; 16 in WMPO, at width 1152
   * @param patch edge of the squares of a latent that are its tokens; 2 in WMPO
   * @param crossAttention whether frames also attend to the actions so far, WoVR's second channel
   * @param modulation by a frame's own action; both papers write every block, WMPO's code has the
   *     spatial ones
   * @param ensemble world models that are aligned separately, so that their disagreement tells what
   *     not to believe; 1 in both papers
   * @param motionWeight of what moves in the loss, against 1 of what stands; in neither paper
   * @param joints whether the path of the joints is given beside the actions; in neither paper
   * @param silhouette whether the arm is drawn where its joints are or will be; in neither paper
   * @param handEye files that say where cameras stand that the URDF does not have
   */
  public record Config(
      int width,
      int embedding,
      int steps,
      double learningRate,
      int alignSteps,
      double alignLearningRate,
      double rolloutWeight,
      int batch,
      double weightDecay,
      double clip,
      double ema,
      int memoryFrames,
      boolean reference,
      boolean memoryActions,
      Target target,
      TimeLaw times,
      double contextNoiseLow,
      double contextNoise,
      boolean contextScaled,
      double pureNoise,
      double inferenceNoise,
      double inferenceLevel,
      List<Double> taus,
      Backbone.Kind backbone,
      int depth,
      int heads,
      int patch,
      boolean crossAttention,
      Backbone.Modulation modulation,
      double motionWeight,
      int ensemble,
      boolean joints,
      boolean silhouette,
      List<String> handEye,
      boolean alignDemonstrations) {
    /** Components that came later. */
    private static final Set<String> LATER =
        Set.of(
            "backbone",
            "depth",
            "heads",
            "patch",
            "crossAttention",
            "modulation",
            "motionWeight",
            "joints",
            "silhouette",
            "alignDemonstrations");

    /** Members are trained each for itself, and as the only one would be. */
    private static final String ENSEMBLE = "ensemble";

    /** The setting whose file is among what a stage with silhouettes is made of. */
    private static final String HAND_EYE = "handEye";

    public static final Config DEFAULT =
        new Config(
            32,
            128,
            1800,
            2e-3,
            600,
            1e-3,
            4,
            48,
            0.01,
            1,
            0,
            2,
            false,
            false,
            Target.CLEAN,
            TimeLaw.UNIFORM,
            0,
            0.3,
            false,
            0.3,
            0.05,
            0.05,
            List.of(1.0, 0.5),
            Backbone.Kind.UNET,
            2,
            4,
            2,
            false,
            Backbone.Modulation.SOME_BLOCKS,
            0,
            1,
            false,
            false,
            List.of(),
            true);

    /** Returns what the world model is given of the past. */
    Memory memory() {
      return new Memory(memoryFrames, reference, memoryActions, joints);
    }

    /** Channels of each frame that show where the arm is. */
    int drawn() {
      return silhouette ? 1 : 0;
    }

    /** Joints that the network is told of, of as many as the arm has. */
    int told(int ofArm) {
      return joints ? ofArm : 0;
    }

    public Config {
      backbone.check(width, embedding, depth, heads, patch);
      Check.positive("worldModel.steps", steps);
      Check.positive("worldModel.learningRate", learningRate);
      Check.positive("worldModel.alignSteps", alignSteps);
      Check.positive("worldModel.alignLearningRate", alignLearningRate);
      Check.positive("worldModel.rolloutWeight", rolloutWeight);
      Check.size("worldModel.batch", batch, Check.WIDEST);
      Check.notNegative("worldModel.weightDecay", weightDecay);
      Check.notNegative("worldModel.clip", clip);
      Check.that(ema >= 0 && ema < 1, "worldModel.ema", ema, "0 to below 1");
      Check.size("worldModel.memoryFrames", memoryFrames, Check.WIDEST);
      Check.that(
          !joints || memoryFrames >= JointDynamics.MEMORY,
          "worldModel.memoryFrames",
          memoryFrames,
          "%d or more where worldModel.joints is true: joints are followed from where they are and were"
              .formatted(JointDynamics.MEMORY));
      Check.that(
          joints || !silhouette,
          "worldModel.silhouette",
          silhouette,
          "false where worldModel.joints is: the arm is drawn where its joints are said to be");
      handEye = List.copyOf(handEye);
      Check.notNegative("worldModel.contextNoiseLow", contextNoiseLow);
      Check.that(
          contextNoise >= contextNoiseLow,
          "worldModel.contextNoise",
          contextNoise,
          "contextNoiseLow or more");
      Check.share("worldModel.pureNoise", pureNoise);
      Check.notNegative("worldModel.inferenceNoise", inferenceNoise);
      Check.notNegative("worldModel.inferenceLevel", inferenceLevel);
      taus = List.copyOf(taus);
      Check.that(
          RectifiedFlow.goDown(taus),
          "worldModel.taus",
          taus,
          "at most 1 (noise alone), then less and less, above 0");
      Check.notNegative("worldModel.motionWeight", motionWeight);
      Check.size("worldModel.ensemble", ensemble, 1000);
    }

    @Override
    public String toString() {
      return SettingsText.of(this, DEFAULT, LATER, Set.of(ENSEMBLE, HAND_EYE));
    }
  }
}
