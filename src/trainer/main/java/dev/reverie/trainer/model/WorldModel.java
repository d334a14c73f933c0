package dev.reverie.trainer.model;

import dev.reverie.trainer.data.Context;
import dev.reverie.trainer.data.Memory;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.model.RectifiedFlow.Target;
import dev.reverie.trainer.model.RectifiedFlow.TimeLaw;
import dev.reverie.trainer.nn.Check;
import dev.reverie.trainer.nn.Metrics;
import dev.reverie.trainer.nn.Network;
import dev.reverie.trainer.nn.Parameters;
import dev.reverie.trainer.nn.Torch;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The world model: a rectified flow over the latents of the next K frames, given the past and the
 * action chunk.
 *
 * <p>A small U-Net predicts the clean frames, as the newest frame plus a correction. As in WMPO
 * (arXiv 2511.09515) the context frames are noised, so that the model gets used to its own errors,
 * and every predicted frame is modulated by its own action.
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
  private final Parameters parameters = new Parameters();
  private final Parameters.Conv in;
  private final Mlp ofActions;
  private final Mlp ofTimes;
  private final Block block1;
  private final Parameters.Conv down;
  private final Block block2;
  private final Block block3;
  private final Block block4;
  private final Parameters.Conv up;
  private final Block block5;
  private final Block block6;
  private final Parameters.GroupNorm outNorm;
  private final Mlp ofFrame;
  private final Tensor frameOffsets;
  private final Parameters.Conv out;

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
    long fine = config.width();
    long coarse = 2L * fine;
    long e = config.embedding();
    in = parameters.conv("inp", (long) (memory().slots() + horizon) * channels, fine, 3, 1, 1);
    long retained = config.memoryActions() ? (long) config.memoryFrames() * actionDimensions : 0;
    ofActions = mlp("act", 2L * horizon * actionDimensions + retained, e, e);
    ofTimes = mlp("tim", 2, 64, e);
    block1 = new Block(parameters, "r1", fine, fine, e);
    down = parameters.conv("dn", fine, coarse, 3, 2, 1);
    block2 = new Block(parameters, "r2", coarse, coarse, e);
    block3 = new Block(parameters, "r3", coarse, coarse, e);
    block4 = new Block(parameters, "r4", coarse, coarse, e);
    up = parameters.conv("up", coarse, 4 * fine, 1, 1, 0);
    block5 = new Block(parameters, "r5", 2 * fine, fine, e);
    block6 = new Block(parameters, "r6", fine, fine, e);
    outNorm = parameters.groupNorm("no", 8, fine);
    ofFrame = mlp("fa", 2L * actionDimensions, 64, 2 * fine);
    out = parameters.conv("out", fine, channels, 3, 1, 1);
    frameOffsets = parameters.parameter("jf", Torch.times(torch.randn(horizon, 2 * fine), 0.3));
    // The untrained model says: nothing moves.
    Torch.noGrad(
        () -> {
          out.weight().zero_();
          out.bias().zero_();
        });
  }

  @Override
  public Parameters parameters() {
    return parameters;
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
    long batch = z.size(0);
    Tensor moves = Torch.cat(-1, actions, actions.cumsum(1)); // [B, K, 2D]: each, and all so far
    Tensor times =
        Torch.stack(1, Torch.plus(Torch.times(tau, 2), -1), Torch.plus(Torch.times(level, 5), -1));
    Tensor ahead = moves.flatten(1, 2);
    Tensor known =
        config.memoryActions() ? Torch.cat(1, ahead, past.actions().flatten(1, 2)) : ahead;
    Tensor e = torch.silu(ofActions.apply(known).add(ofTimes.apply(times)));
    Tensor fine = in.apply(Torch.cat(1, past.frames().flatten(1, 2), z.flatten(1, 2)));
    fine = block1.apply(fine, e); // [B, width, h, w]
    Tensor h = block2.apply(down.apply(fine), e); // [B, 2 width, h/2, w/2]
    h = torch.pixel_shuffle(up.apply(block4.apply(block3.apply(h, e), e)), 2);
    h = block6.apply(block5.apply(Torch.cat(1, h, fine), e), e);
    h = outNorm.apply(h).unsqueeze(1); // [B, 1, width, h, w]
    Tensor film =
        ofFrame.apply(moves).add(frameOffsets).unsqueeze(-1).unsqueeze(-1); // [B, K, 2 width, 1, 1]
    Tensor scale = Torch.plus(film.narrow(2, 0, config.width()), 1);
    h = torch.silu(h.mul(scale).add(film.narrow(2, config.width(), config.width())));
    Tensor said = out.apply(h.flatten(0, 1)).view(batch, horizon, channels, z.size(3), z.size(4));
    return config.target() == Target.CLEAN ? past.newest().add(said) : said;
  }

  /**
   * Squared error of the predicted frames, over those before the episode's end.
   *
   * @param batch windows [B, 2]
   */
  public Tensor loss(Transitions data, Tensor batch, Metrics metrics) {
    Context past = data.context(batch, memory());
    Tensor next = data.next(batch);
    Tensor alive = data.alive(batch); // [B, K]
    long size = batch.size(0);
    double low = config.contextNoiseLow();
    Tensor level = Torch.plus(Torch.times(torch.rand(size), config.contextNoise() - low), low);
    past = noised(past, level);
    Tensor tau = flow.drawTimes(size);
    Tensor noise = torch.randn_like(next);
    Tensor z = RectifiedFlow.path(next, noise, tau.view(-1, 1, 1, 1, 1));
    Tensor error =
        predict(z, past, data.actions(batch), tau, level).sub(flow.wanted(next, noise)).square();
    Tensor perFrame = error.mean(new long[] {2, 3, 4}, false, Torch.sameType()); // [B, K]
    return perFrame.mul(alive).sum().div(alive.sum());
  }

  /**
   * Draws the next frames.
   *
   * @return latents [B, K, C, h, w]
   */
  public Tensor sample(Context past, Tensor actions) {
    return Torch.noGrad(
        () -> {
          long batch = actions.size(0);
          Tensor frames = past.frames();
          Tensor z = torch.randn(batch, horizon, channels, frames.size(3), frames.size(4));
          Context noisy = noised(past, Torch.full(config.inferenceNoise(), batch));
          Tensor level = Torch.full(config.inferenceLevel(), batch);
          List<Double> taus = config.taus();
          for (int i = 0; i < taus.size(); i++) {
            double tau = taus.get(i);
            double after = i + 1 < taus.size() ? taus.get(i + 1) : 0;
            Tensor x =
                flow.clean(predict(z, noisy, actions, Torch.full(tau, batch), level), z, tau);
            z = torch.lerp(x, z, new Scalar(after / tau)); // a straight step from tau to after
          }
          return z;
        });
  }

  /**
   * The past with noise on the memory, as WMPO has it; the reference stays as it is, as in WoVR.
   *
   * @param level [B]
   */
  private Context noised(Context past, Tensor level) {
    Tensor frames = past.frames();
    Tensor by = level.view(-1, 1, 1, 1, 1);
    Tensor noise = torch.randn_like(frames).mul(by);
    Tensor kept = config.contextScaled() ? frames.mul(Torch.plus(by.neg(), 1)) : frames;
    Tensor noisy = kept.add(noise);
    if (memory().reference()) {
      noisy = Torch.cat(1, frames.narrow(1, 0, 1), noisy.narrow(1, 1, config.memoryFrames()));
    }
    return new Context(past.memory(), noisy, past.actions());
  }

  private Mlp mlp(String name, long in, long hidden, long out) {
    return new Mlp(
        parameters.linear(name + ".0", in, hidden), parameters.linear(name + ".2", hidden, out));
  }

  private record Mlp(Parameters.Linear first, Parameters.Linear second) {
    Tensor apply(Tensor x) {
      return second.apply(torch.silu(first.apply(x)));
    }
  }

  /** A residual block that an embedding modulates (FiLM, arXiv 1709.07871). */
  private static final class Block {
    private final Parameters.GroupNorm norm1;
    private final Parameters.Conv conv1;
    private final Parameters.GroupNorm norm2;
    private final Parameters.Linear film;
    private final Parameters.Conv conv2;
    private final Parameters.Conv[] skip;
    private final long out;

    Block(Parameters parameters, String name, long in, long out, long embedding) {
      this.out = out;
      norm1 = parameters.groupNorm(name + ".n1", 8, in);
      conv1 = parameters.conv(name + ".c1", in, out, 3, 1, 1);
      norm2 = parameters.groupNorm(name + ".n2", 8, out);
      film = parameters.linear(name + ".f", embedding, 2 * out);
      conv2 = parameters.conv(name + ".c2", out, out, 3, 1, 1);
      skip =
          in == out
              ? new Parameters.Conv[0]
              : new Parameters.Conv[] {parameters.conv(name + ".sk", in, out, 1, 1, 0)};
      Torch.noGrad(() -> conv2.weight().zero_());
    }

    /** x [B, in, h, w], e [B, embedding]. */
    Tensor apply(Tensor x, Tensor e) {
      Tensor h = norm2.apply(conv1.apply(torch.silu(norm1.apply(x))));
      Tensor ab = film.apply(e).unsqueeze(-1).unsqueeze(-1);
      h = h.mul(Torch.plus(ab.narrow(1, 0, out), 1)).add(ab.narrow(1, out, out));
      Tensor straight = Arrays.stream(skip).findFirst().map(s -> s.apply(x)).orElse(x);
      return straight.add(conv2.apply(torch.silu(h)));
    }
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
      List<Double> taus) {
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
            List.of(1.0, 0.5));

    /** What the world model is given of the past. */
    Memory memory() {
      return new Memory(memoryFrames, reference, memoryActions);
    }

    public Config {
      Check.that(width > 0 && width % 8 == 0, "worldModel.width", width, "a multiple of 8");
      Check.positive("worldModel.embedding", embedding);
      Check.positive("worldModel.steps", steps);
      Check.positive("worldModel.learningRate", learningRate);
      Check.positive("worldModel.alignSteps", alignSteps);
      Check.positive("worldModel.alignLearningRate", alignLearningRate);
      Check.positive("worldModel.rolloutWeight", rolloutWeight);
      Check.positive("worldModel.batch", batch);
      Check.notNegative("worldModel.weightDecay", weightDecay);
      Check.notNegative("worldModel.clip", clip);
      Check.that(ema >= 0 && ema < 1, "worldModel.ema", ema, "0 to below 1");
      Check.positive("worldModel.memoryFrames", memoryFrames);
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
    }
  }
}
