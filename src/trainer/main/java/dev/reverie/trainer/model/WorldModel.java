package dev.reverie.trainer.model;

import dev.reverie.trainer.data.Canvas;
import dev.reverie.trainer.data.Context;
import dev.reverie.trainer.data.Memory;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.model.RectifiedFlow.Target;
import dev.reverie.trainer.model.RectifiedFlow.TimeLaw;
import dev.reverie.trainer.nn.Check;
import dev.reverie.trainer.nn.Compute;
import dev.reverie.trainer.nn.Metrics;
import dev.reverie.trainer.nn.Network;
import dev.reverie.trainer.nn.Parameters;
import dev.reverie.trainer.nn.Ranks;
import dev.reverie.trainer.nn.SettingsText;
import dev.reverie.trainer.nn.Share;
import dev.reverie.trainer.nn.Torch;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The world model: a rectified flow over the latents of the next K frames, given the past and the
 * action chunk.
 *
 * <p>A {@link Backbone} predicts the clean frames, as the newest frame plus a correction. As in
 * WMPO (arXiv 2511.09515) the context frames are noised, so that the model gets used to its own
 * errors, and every predicted frame is modulated by its own action.
 *
 * <p>Shapes: B samples, K frames a chunk, D action dimensions, C latent channels, h x w latents; z
 * [B, K, C, h, w], actions [B, K, D].
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

  /**
   * Creates an untrained world model.
   *
   * @param horizon K
   * @param actionDimensions D
   * @param channels C
   */
  public WorldModel(Config config, int horizon, int actionDimensions, int channels) {
    this.config = config;
    flow = new RectifiedFlow(config.target(), config.times(), config.pureNoise());
    this.horizon = horizon;
    this.channels = channels;
    parameters = new Parameters();
    backbone =
        switch (config.backbone()) {
          case UNET -> new UNet(parameters, config, horizon, actionDimensions, channels);
          case TRANSFORMER ->
              new Transformer(parameters, config, horizon, actionDimensions, channels);
        };
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
      int channels,
      Canvas canvas,
      OwnGraph graph) {
    this.config = config;
    flow = new RectifiedFlow(config.target(), config.times(), config.pureNoise());
    this.horizon = horizon;
    this.channels = channels;
    GraphBackbone own =
        new GraphBackbone(graph, config, horizon, actionDimensions, channels, canvas);
    parameters = own.parameters();
    backbone = own;
  }

  @Override
  public Parameters parameters() {
    return parameters;
  }

  @Override
  public void close() {
    if (backbone instanceof GraphBackbone own) {
      own.close();
    } else {
      Network.super.close();
    }
  }

  /** Its network. */
  Backbone backbone() {
    return backbone;
  }

  /** What it is given of the past. */
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
  public Tensor predict(Tensor z, Context past, Tensor actions, Tensor tau, Tensor level) {
    return frames(past, given(past, actions, level).predict(z, tau));
  }

  /** The network with past and actions taken in; products have the precision that is set. */
  private Backbone.Given given(Context past, Tensor actions, Tensor level) {
    Backbone.Given given = Compute.inPrecision(() -> backbone.given(past, actions, level));
    return (z, tau) -> Compute.products(() -> given.predict(z, tau));
  }

  private static Tensor full(double value, long batch) {
    return Compute.onDevice(Torch.full(value, batch));
  }

  private Tensor frames(Context past, Tensor said) {
    return config.target() == Target.CLEAN ? past.newest().add(said) : said;
  }

  /**
   * Squared error of the predicted frames, over those before the episode's end; this rank's part.
   *
   * @param windows of the batch [B, 2]
   */
  public Tensor loss(Transitions data, Tensor windows, Metrics metrics) {
    Share share = Ranks.world().share(windows.size(0));
    Tensor batch = share.of(windows);
    Context past = data.context(batch, memory());
    Tensor next = data.next(batch);
    double low = config.contextNoiseLow();
    Tensor level = Torch.plus(Torch.times(share.uniform(), config.contextNoise() - low), low);
    past = noised(past, level, share.normalLike(past.frames()));
    Tensor tau = Compute.onDevice(share.of(flow.drawTimes(share.all())));
    Tensor noise = share.normalLike(next);
    Tensor z = RectifiedFlow.path(next, noise, tau.view(-1, 1, 1, 1, 1));
    Tensor error =
        predict(z, past, data.actions(batch), tau, level).sub(flow.wanted(next, noise)).square();
    if (config.motionWeight() > 0) {
      error = error.mul(weightOfMotion(past.newest(), next));
    }
    Tensor perFrame = error.mean(new long[] {2, 3, 4}, false, Torch.sameType()); // [B, K]
    return perFrame.mul(data.alive(batch)).sum().div(data.alive(windows).sum());
  }

  /**
   * Weights of the squared error that grow with how far a place moves from frame to frame, of mean
   * 1 [B, K, 1, h, w].
   */
  private Tensor weightOfMotion(Tensor newest, Tensor next) {
    Tensor before = Torch.cat(1, newest, next.narrow(1, 0, horizon - 1L));
    Tensor moved = next.sub(before).abs().mean(new long[] {2}, true, Torch.sameType());
    Tensor mean = Ranks.world().mean(moved.mean());
    Tensor relative = moved.div(torch.clamp_min(mean, new Scalar(1e-6)));
    return Torch.times(
        Torch.plus(Torch.times(relative, config.motionWeight()), 1),
        1 / (1 + config.motionWeight()));
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
   * The noise of a sample.
   *
   * @param frames that the flow starts from [B, K, C, h, w]
   * @param past of the context's frames
   */
  record Draw(Tensor frames, Tensor past) {}

  /**
   * Draws the noise of a sample.
   *
   * @param share of a batch that the rows of the past are
   */
  Draw draw(Context past, Share share) {
    Tensor frames = past.frames();
    Tensor z = share.normal(frames.size(0), horizon, channels, frames.size(3), frames.size(4));
    return new Draw(z, share.normalLike(frames));
  }

  /** The next frames from noise that was drawn. */
  Tensor sample(Context past, Tensor actions, Draw draw) {
    return Torch.noGrad(
        () -> {
          long batch = actions.size(0);
          Tensor z = draw.frames();
          Context noisy = noised(past, full(config.inferenceNoise(), batch), draw.past());
          Backbone.Given given = given(noisy, actions, full(config.inferenceLevel(), batch));
          List<Double> taus = config.taus();
          for (int i = 0; i < taus.size(); i++) {
            double tau = taus.get(i);
            double after = i + 1 < taus.size() ? taus.get(i + 1) : 0;
            Tensor from = z;
            z =
                Torch.noGrad(
                    () -> {
                      Tensor said = frames(noisy, given.predict(from, full(tau, batch)));
                      Tensor x = flow.clean(said, from, tau);
                      return torch.lerp(x, from, new Scalar(after / tau)); // straight to after
                    });
          }
          return z;
        });
  }

  /**
   * Draws the frames after some actions, one window after the other.
   *
   * @param actions of one or more windows [B, n K, D]
   * @param share of a batch that these rows are
   * @return latents [B, n K, C, h, w]
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
      Tensor taken = actions.narrow(1, t, horizon);
      Tensor next = draw.apply(now, taken);
      parts.add(next);
      now = now.after(next, taken);
    }
    return Torch.cat(1, parts);
  }

  /**
   * The past with noise on the memory, as WMPO has it; the reference stays as it is, as in WoVR.
   *
   * @param level [B]
   * @param drawn of the frames' shape
   */
  private Context noised(Context past, Tensor level, Tensor drawn) {
    Tensor frames = past.frames();
    Tensor by = level.view(-1, 1, 1, 1, 1);
    Tensor noise = drawn.mul(by);
    Tensor kept = config.contextScaled() ? frames.mul(Torch.plus(by.neg(), 1)) : frames;
    Tensor noisy = kept.add(noise);
    if (memory().reference()) {
      noisy = Torch.cat(1, frames.narrow(1, 0, 1), noisy.narrow(1, 1, config.memoryFrames()));
    }
    return new Context(past.memory(), noisy, past.actions());
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
   * @param ensemble world models that are aligned separately, so that their disagreement tells what
   *     not to believe; 1 in both papers
   * @param motionWeight of what moves in the loss, against 1 of what stands; in neither paper
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
      double motionWeight,
      int ensemble) {
    /** Components that came later. */
    private static final Set<String> LATER =
        Set.of("backbone", "depth", "heads", "patch", "crossAttention", "motionWeight");

    /** Members are trained each for itself, and as the only one would be. */
    private static final String ENSEMBLE = "ensemble";

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
            0,
            1);

    /** What the world model is given of the past. */
    Memory memory() {
      return new Memory(memoryFrames, reference, memoryActions);
    }

    public Config {
      Check.size("worldModel.width", width, Check.WIDEST);
      Check.that(width % 8 == 0, "worldModel.width", width, "a multiple of 8");
      Check.size("worldModel.embedding", embedding, Check.WIDEST);
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
      boolean down = !taus.isEmpty() && taus.getFirst() <= 1 && taus.getLast() > 0;
      for (int i = 1; i < taus.size(); i++) {
        down &= taus.get(i) < taus.get(i - 1);
      }
      Check.that(
          down, "worldModel.taus", taus, "at most 1 (noise alone), then less and less, above 0");
      Check.size("worldModel.depth", depth, 1000);
      Check.that(
          heads > 0 && (backbone == Backbone.Kind.UNET || width % (2 * heads) == 0),
          "worldModel.heads",
          heads,
          "1 or more, and twice of it a divisor of worldModel.width, which is " + width);
      Check.size("worldModel.patch", patch, Check.WIDEST);
      Check.notNegative("worldModel.motionWeight", motionWeight);
      Check.size("worldModel.ensemble", ensemble, 1000);
    }

    @Override
    public String toString() {
      return SettingsText.of(this, DEFAULT, LATER, Set.of(ENSEMBLE));
    }
  }
}
