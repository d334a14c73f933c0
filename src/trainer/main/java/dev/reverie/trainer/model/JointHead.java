package dev.reverie.trainer.model;

import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.nn.Check;
import dev.reverie.trainer.nn.Metrics;
import dev.reverie.trainer.nn.Network;
import dev.reverie.trainer.nn.Parameters;
import dev.reverie.trainer.nn.Ranks;
import dev.reverie.trainer.nn.Share;
import dev.reverie.trainer.nn.Torch;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Reads joint positions from a frame's latent, so that the policy has its joint angles in
 * imagination too: [B, C, h, w] to [B, J], rad.
 */
public final class JointHead implements Network {
  private final Config config;
  private final Parameters parameters = new Parameters();
  private final Parameters.Conv conv;
  private final Parameters.Linear hidden;
  private final Parameters.Linear out;

  /**
   * Creates an untrained head.
   *
   * @param channels C
   * @param cells h * w
   * @param joints J
   */
  public JointHead(Config config, int channels, int cells, int joints) {
    this.config = config;
    conv = parameters.conv("c", channels, 16, 3, 2, 1);
    hidden = parameters.linear("a", 16L * cells / 4, 128);
    out = parameters.linear("b", 128, joints);
  }

  @Override
  public Parameters parameters() {
    return parameters;
  }

  public Tensor positions(Tensor latents) {
    Tensor h = torch.silu(conv.apply(latents)).flatten(1, -1);
    return out.apply(torch.silu(hidden.apply(h)));
  }

  /**
   * Mean squared error over drawn frames, with noise on their latents; this rank's part.
   *
   * @param frames flat positions n * (T+1) + t to draw from
   */
  public Tensor loss(Transitions episodes, Tensor frames, Metrics metrics) {
    Share share = Ranks.world().share(config.batch());
    Tensor at = frames.index_select(0, share.of(Torch.integers(frames.size(0), config.batch())));
    Tensor z = episodes.latents().rows(at);
    z = z.add(share.normalLike(z), new Scalar(config.noise()));
    Tensor error = positions(z).sub(Dataset.rows(episodes.data().joints(), at));
    metrics.add("mean_absolute_error_rad", error.abs().mean());
    return share.part(error.square().mean());
  }

  /** Mean absolute error over all living frames of the episodes, rad. */
  public double error(Transitions episodes) {
    try (var _ = new PointerScope()) {
      Tensor frames = episodes.data().livingFrames();
      Tensor read = Torch.noGrad(() -> positions(episodes.latents().rows(frames)));
      return read.sub(Dataset.rows(episodes.data().joints(), frames)).abs().mean().item_double();
    }
  }

  /**
   * The settings by which the head is trained.
   *
   * @param steps of training
   * @param batch frames a step
   * @param learningRate peak of the cycle
   * @param weightDecay of AdamW
   * @param noise deviation added to the latents, which are imagined ones later
   */
  public record Config(
      int steps, int batch, double learningRate, double weightDecay, double noise) {
    public static final Config DEFAULT = new Config(1000, 128, 3e-3, 0.01, 0.1);

    public Config {
      Check.positive("jointHead.steps", steps);
      Check.positive("jointHead.batch", batch);
      Check.positive("jointHead.learningRate", learningRate);
      Check.notNegative("jointHead.weightDecay", weightDecay);
      Check.notNegative("jointHead.noise", noise);
    }
  }
}
