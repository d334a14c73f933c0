package dev.reverie.trainer.model;

import static org.bytedeco.pytorch.global.torch.ScalarType.Byte;
import static org.bytedeco.pytorch.global.torch.ScalarType.Float;

import dev.reverie.trainer.data.Canvas;
import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.FrameTable;
import dev.reverie.trainer.data.Latents;
import dev.reverie.trainer.nn.Check;
import dev.reverie.trainer.nn.Compute;
import dev.reverie.trainer.nn.DiskTensors;
import dev.reverie.trainer.nn.Metrics;
import dev.reverie.trainer.nn.Network;
import dev.reverie.trainer.nn.Parameters;
import dev.reverie.trainer.nn.Precision;
import dev.reverie.trainer.nn.Ranks;
import dev.reverie.trainer.nn.SettingsText;
import dev.reverie.trainer.nn.Share;
import dev.reverie.trainer.nn.Slices;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * A variational auto-encoder of single frames (Kingma and Welling, arXiv 1312.6114): [B, 3, H, W]
 * in [-1, 1] to latents [B, C, H/4, W/4] whose channels have mean 0 and deviation 1 over the data.
 * The views of several cameras are coded one by one, with the same weights.
 */
public final class FrameVae implements Network {
  /** Pixels of a side that a latent cell stands for. */
  public static final int CELL = 4;

  /** Pixels that a latent cell stands for. */
  public static final int PIXELS_A_CELL = CELL * CELL;

  /** Frames of 64 x 64 at a time: the activations stay near the caches and below 60 MB. */
  private static final long SLICE = 128;

  /** Frames that the latents are measured on. */
  private static final long MEASURED = 512;

  private static final long SLICE_PIXELS = SLICE * 64 * 64;

  private final Config config;
  private final Canvas canvas;
  private final Parameters parameters;
  private final FrameCoder coder;
  private final Tensor mean;
  private final Tensor deviation;

  /**
   * Creates an untrained auto-encoder.
   *
   * @param canvas that its frames are
   */
  public FrameVae(Config config, Canvas canvas) {
    this(config, canvas, new Parameters());
  }

  private FrameVae(Config config, Canvas canvas, Parameters parameters) {
    this(config, canvas, parameters, new ConvCoder(parameters, config.channels()));
  }

  /**
   * Creates one whose network is a graph of the user's, with the weights that it came with.
   *
   * @param canvas that its frames are
   */
  public FrameVae(Config config, Canvas canvas, OwnGraph graph) {
    this(config, canvas, new GraphCoder(graph, config.channels(), canvas));
  }

  private FrameVae(Config config, Canvas canvas, GraphCoder own) {
    this(config, canvas, own.parameters(), own);
  }

  private FrameVae(Config config, Canvas canvas, Parameters parameters, FrameCoder coder) {
    this.config = config;
    this.canvas = canvas;
    this.parameters = parameters;
    this.coder = coder;
    mean = parameters.buffer("mu", Torch.zeros(Float, config.channels(), 1, 1));
    deviation = parameters.buffer("sd", Torch.full(1, config.channels(), 1, 1));
  }

  @Override
  public Parameters parameters() {
    return parameters;
  }

  public int channels() {
    return config.channels();
  }

  /** Frames [B, 3, H, W] to normalised latents [B, C, h, w]. */
  public Tensor encode(Tensor images) {
    return canvas.joined(
        parts(images, 1)
            .map(view -> posterior(view).narrow(1, 0, config.channels()).sub(mean).div(deviation))
            .toList(),
        CELL,
        0);
  }

  /** Normalised latents [B, C, h, w] to frames [B, 3, H, W]. */
  public Tensor decode(Tensor latents) {
    return canvas.joined(
        parts(latents, CELL)
            .map(view -> Torch.clamp(decodeRaw(view.mul(deviation).add(mean)), -1.05, 1.05))
            .toList(),
        1,
        -1);
  }

  /**
   * Latents of many frames to frames, in slices and without gradients.
   *
   * @param latents [..., C, h, w]
   * @return uint8, [..., 3, H, W]
   */
  public Tensor decodeAll(Tensor latents) {
    Tensor flat = latents.flatten(0, -4);
    long rows = flat.size(0);
    Tensor pixels =
        Compute.onDevice(Torch.zeros(Byte, rows, 3, 4 * flat.size(2), 4 * flat.size(3)));
    Slices.of(
        rows,
        slice(),
        (begin, length) ->
            pixels
                .narrow(0, begin, length)
                .copy_(Dataset.pixels(decode(flat.narrow(0, begin, length)))));
    long[] shape = Torch.shape(latents);
    shape[shape.length - 3] = 3;
    shape[shape.length - 2] *= 4;
    shape[shape.length - 1] *= 4;
    return pixels.view(shape);
  }

  /**
   * L1 + w L2 of the reconstruction, and a small divergence to N(0, 1); the mean over pixels, this
   * rank's part.
   *
   * @param images of the share [B, 3, H, W]
   */
  public Tensor loss(Tensor images, Share share, Metrics metrics) {
    return share.part(mean(images, share, metrics));
  }

  private Tensor mean(Tensor images, Share share, Metrics metrics) {
    if (canvas.isOneView()) {
      return lossOfView(images, share, metrics);
    }
    double all = canvas.views().stream().mapToInt(view -> view.width() * view.height()).sum();
    return canvas.views().stream()
        .map(
            view ->
                Torch.times(
                    lossOfView(view.of(images), share, metrics),
                    view.width() * view.height() / all))
        .reduce(Tensor::add)
        .orElseThrow();
  }

  private Tensor lossOfView(Tensor images, Share share, Metrics metrics) {
    Tensor h = posterior(images); // [B, 2C, h, w]
    Tensor m = h.narrow(1, 0, config.channels());
    Tensor logVariance = Torch.clamp(h.narrow(1, config.channels(), config.channels()), -10, 4);
    Tensor z = m.add(share.normalLike(m).mul(Torch.times(logVariance, 0.5).exp()));
    Tensor error = decodeRaw(z).sub(images);
    Tensor squared = error.square().mean();
    Tensor divergence = Torch.plus(m.square().add(logVariance.exp()).sub(logVariance), -1).mean();
    metrics.add("squared_error", squared);
    metrics.add("divergence", divergence);
    return error
        .abs()
        .mean()
        .add(squared, new Scalar(config.squaredWeight()))
        .add(divergence, new Scalar(config.divergenceWeight()));
  }

  /**
   * Measures the latents of some frames, and from then on gives them normalised.
   *
   * @param frames flat positions to draw from
   */
  public void normalise(Dataset data, Tensor frames) {
    Torch.noGrad(
        () -> {
          Tensor at = frames.index_select(0, Torch.integers(frames.size(0), MEASURED));
          List<Tensor> parts = new ArrayList<>();
          for (long first = 0; first < MEASURED; first += measured(canvas)) {
            Tensor some = at.narrow(0, first, Math.min(measured(canvas), MEASURED - first));
            parts.add(Torch.noGrad(() -> coded(data, some)));
          }
          Tensor m = Torch.cat(canvas.isOneView() ? 0 : 2, parts);
          mean.copy_(m.mean(new long[] {0, 2, 3}, false, Torch.sameType()).view(-1, 1, 1));
          deviation.copy_(m.std(new long[] {0, 2, 3}, true, false).view(-1, 1, 1));
        });
  }

  /**
   * Latents of all frames of a data set, encoded in slices.
   *
   * @param loop in whose folder many of them may be; asked after each slice whether to stop
   * @return to be closed
   */
  public Latents encodeAll(Dataset data, TrainLoop loop) {
    try (var _ = new PointerScope()) {
      FrameTable frames = data.frames();
      Tensor at = frames.kept();
      int h = frames.height() / CELL;
      int w = frames.width() / CELL;
      Tensor kept =
          DiskTensors.zeros(loop.folder(), config.latents().type(), at.size(0), channels(), h, w);
      Slices.of(
          at.size(0),
          slice(),
          (begin, length) -> {
            loop.endIfStopped();
            Tensor these = at.narrow(0, begin, length);
            Tensor coded = Torch.zeros(Float, length, channels(), h, w);
            Ranks.world().fill(coded, share -> encode(data.images(share.of(these))));
            kept.narrow(0, begin, length).copy_(coded);
          });
      return Latents.of(frames, kept).keep();
    }
  }

  /**
   * Peak signal-to-noise ratio of frames that were coded and decoded, dB.
   *
   * @param at their flat positions [M]
   */
  public double psnr(Dataset data, Tensor at) {
    double error = 0;
    for (long first = 0; first < at.size(0); first += measured(canvas)) {
      long count = Math.min(measured(canvas), at.size(0) - first);
      try (var _ = new PointerScope()) {
        Tensor images = data.images(at.narrow(0, first, count));
        Tensor again = Torch.noGrad(() -> decode(encode(images)));
        error += count * squaredError(again, images) / at.size(0);
      }
    }
    return psnr(error);
  }

  /** Peak signal-to-noise ratio of two pictures in [-1, 1], dB. */
  public static double psnr(Tensor a, Tensor b) {
    return psnr(squaredError(a, b));
  }

  private static double psnr(double squaredError) {
    return -10 * Math.log10(squaredError);
  }

  /** Mean squared error of two pictures in [-1, 1], where black to white is 1. */
  private static double squaredError(Tensor a, Tensor b) {
    return Torch.times(a.sub(b), 0.5).square().mean().item_double();
  }

  /** Means of the latents of frames: of one view [B, C, h, w], of several [1, C, cells, 1]. */
  private Tensor coded(Dataset data, Tensor at) {
    if (canvas.isOneView()) {
      return posterior(data.images(at)).narrow(1, 0, config.channels());
    }
    return Torch.cat(
        2,
        parts(data.images(at), 1)
            .map(view -> posterior(view).narrow(1, 0, config.channels()))
            .map(m -> m.transpose(0, 1).flatten(1, -1).unsqueeze(0).unsqueeze(-1))
            .toList());
  }

  /** The views in pictures or latents of the canvas. */
  private Stream<Tensor> parts(Tensor whole, int by) {
    return canvas.isOneView()
        ? Stream.of(whole)
        : canvas.views().stream().map(view -> view.dividedBy(by).of(whole));
  }

  /** Returns how many of the frames the latents are measured on at a time. */
  public static long measured(Canvas canvas) {
    return Math.clamp(MEASURED * 64 * 64 / canvas.pixels(), 1, (int) MEASURED);
  }

  /** Rollouts that are imagined side by side, of large pictures fewer. */
  public int beside() {
    return beside(canvas);
  }

  /** The same for any pictures. */
  public static int beside(Canvas canvas) {
    return (int) Math.clamp(2 * SLICE_PIXELS / canvas.pixels(), 1, 2 * SLICE);
  }

  private long slice() {
    return slice(canvas);
  }

  /** Frames that are coded at a time, of large pictures fewer. */
  public static long slice(Canvas canvas) {
    return Math.clamp(SLICE_PIXELS / canvas.pixels(), 1, SLICE);
  }

  private Tensor posterior(Tensor images) {
    return Compute.products(() -> coder.posterior(images));
  }

  private Tensor decodeRaw(Tensor z) {
    return Compute.products(() -> coder.decode(z));
  }

  /**
   * The settings by which the auto-encoder is built and trained.
   *
   * @param channels C of a latent; 6 gave 27 dB and a world model that the policy could not learn
   *     in
   * @param steps of training; 1600 are enough for flat pictures, MuJoCo's take 2000 for 33 dB
   * @param batch frames a step
   * @param learningRate peak of the cycle; half of it gave 27 dB
   * @param weightDecay of AdamW
   * @param clip norm of the gradients at most; without it a loss spike at this rate cost one of two
   *     seeds 5 dB
   * @param squaredWeight of the squared error beside the absolute one
   * @param divergenceWeight small, since nothing is ever drawn from the prior
   * @param latents bits that the latents of recorded frames are kept in; 16 take half the disk
   */
  public record Config(
      int channels,
      int steps,
      int batch,
      double learningRate,
      double weightDecay,
      double clip,
      double squaredWeight,
      double divergenceWeight,
      Precision latents) {
    /** Settings that the auto-encoder itself does not depend on. */
    private static final Set<String> APART = Set.of("latents");

    public static final Config DEFAULT =
        new Config(8, 2000, 32, 4e-3, 0.01, 1, 2, 1e-5, Precision.FLOAT32);

    public Config {
      Check.size("vae.channels", channels, Check.WIDEST);
      Check.positive("vae.steps", steps);
      Check.size("vae.batch", batch, Check.WIDEST);
      Check.positive("vae.learningRate", learningRate);
      Check.notNegative("vae.weightDecay", weightDecay);
      Check.notNegative("vae.clip", clip);
      Check.notNegative("vae.squaredWeight", squaredWeight);
      Check.notNegative("vae.divergenceWeight", divergenceWeight);
    }

    /** Returns the loop of stages that learn from latents; of 32 bits nothing is said of them. */
    public TrainLoop in(TrainLoop loop) {
      return latents == Precision.FLOAT32 ? loop : loop.of(new Kept(latents));
    }

    private record Kept(Precision latents) {}

    @Override
    public String toString() {
      return SettingsText.of(this, DEFAULT, Set.of(), APART);
    }
  }
}
