package dev.reverie.trainer.model;

import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.nn.Check;
import dev.reverie.trainer.nn.Compute;
import dev.reverie.trainer.nn.Metrics;
import dev.reverie.trainer.nn.Network;
import dev.reverie.trainer.nn.Parameters;
import dev.reverie.trainer.nn.Ranks;
import dev.reverie.trainer.nn.SettingsText;
import dev.reverie.trainer.nn.Share;
import dev.reverie.trainer.nn.Torch;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Joint positions in imagination, where the policy has them too: read from each frame's latent, [B,
 * C, h, w] to [B, J], rad, or followed from action to action with what is read as correction.
 */
public final class JointHead implements Network {
  private final Config config;
  private final Parameters parameters = new Parameters();
  private final Parameters.Conv conv;
  private final Parameters.Linear hidden;
  private final Parameters.Linear out;
  private final Optional<JointDynamics> dynamics;

  /**
   * Creates an untrained head.
   *
   * @param channels C
   * @param cells h * w
   * @param dimensions of an action, D
   * @param joints J
   */
  public JointHead(Config config, int channels, int cells, int dimensions, int joints) {
    this.config = config;
    conv = parameters.conv("c", channels, 16, 3, 2, 1);
    hidden = parameters.linear("a", 16L * cells / 4, 128);
    out = parameters.linear("b", 128, joints);
    dynamics =
        config.kind() == Kind.DYNAMICS
            ? Optional.of(new JointDynamics(parameters, dimensions, joints))
            : Optional.empty();
  }

  /** Ways to know where the joints are in imagination. */
  public enum Kind {
    /** Each frame's latent tells, by itself. */
    PICTURE,
    /** The joints before and the action tell, and the latent corrects them. */
    DYNAMICS
  }

  @Override
  public Parameters parameters() {
    return parameters;
  }

  /** Positions before a frame that it needs to know of, at least. */
  public int memory() {
    return dynamics.isPresent() ? JointDynamics.MEMORY : 1;
  }

  /** Positions that single frames show. */
  public Tensor positions(Tensor latents) {
    return Compute.products(() -> read(latents));
  }

  private Tensor read(Tensor latents) {
    Tensor h = torch.silu(conv.apply(latents)).flatten(1, -1);
    return out.apply(torch.silu(hidden.apply(h)));
  }

  /**
   * Positions in the last frames after some actions.
   *
   * @param before positions in the frames before, {@link #memory} or more [B, m, J], rad
   * @param led action that led to the last of these [B, D]
   * @param actions [B, E, D]
   * @param latents of the frames after them [B, E, C, h, w]
   * @param wanted of the last frames
   * @return [B, wanted, J], rad
   */
  public Tensor after(Tensor before, Tensor led, Tensor actions, Tensor latents, long wanted) {
    return dynamics
        .map(model -> last(model.path(before, led, actions, Optional.of(shown(latents))), wanted))
        .orElseGet(() -> shown(last(latents, wanted)));
  }

  /**
   * Positions after some actions of which nothing is seen yet; of {@link Kind#DYNAMICS} alone.
   *
   * @param before positions in the frames before, {@link #memory} or more [B, m, J], rad
   * @param led action that led to the last of these [B, D]
   * @param actions [B, E, D]
   * @return [B, E, J], rad
   */
  public Tensor foretold(Tensor before, Tensor led, Tensor actions) {
    return dynamics
        .orElseThrow(() -> new IllegalStateException("pictures alone foretell nothing"))
        .path(before, led, actions, Optional.empty());
  }

  private static Tensor last(Tensor tensor, long wanted) {
    return tensor.narrow(1, tensor.size(1) - wanted, wanted);
  }

  /** [B, E, C, h, w] to [B, E, J]. */
  private Tensor shown(Tensor latents) {
    return positions(latents.flatten(0, 1)).view(latents.size(0), latents.size(1), -1);
  }

  /**
   * Mean squared error over drawn frames, with noise on their latents; of a path also that of what
   * the drawn frames lead to. This rank's part.
   *
   * @param frames flat positions n * (T+1) + t to draw from
   */
  public Tensor loss(Transitions episodes, Tensor frames, Metrics metrics) {
    Share share = Ranks.world().share(config.batch());
    Tensor all = frames.index_select(0, Torch.integers(frames.size(0), config.batch()));
    if (dynamics.isPresent()) {
      return lossOfPaths(dynamics.get(), episodes, all, share, metrics);
    }
    Tensor at = share.of(all);
    Tensor z = Compute.onDevice(episodes.latents().rows(at));
    z = z.add(share.normalLike(z), new Scalar(config.noise()));
    Tensor error = positions(z).sub(Compute.onDevice(Dataset.rows(episodes.data().joints(), at)));
    metrics.add("mean_absolute_error_rad", error.abs().mean());
    return share.part(error.square().mean());
  }

  /**
   * Mean squared error of paths from recorded positions on, with the pictures' correction and
   * without, and of what single frames show, up to the episode's end. The noise on the latents
   * stays as it is along a path: what is imagined wrong goes on being wrong, and is no mean of
   * many.
   *
   * @param all frames of the batch
   */
  private Tensor lossOfPaths(
      JointDynamics model, Transitions episodes, Tensor all, Share share, Metrics metrics) {
    Transitions paths = episodes.windowed(config.path());
    Tensor ofBatch = paths.windowsAt(all);
    Tensor beginnings = share.of(ofBatch); // [B, 2]
    Tensor frames = paths.nextFrames(beginnings);
    Tensor z = Compute.onDevice(episodes.latents().rows(frames)); // [B, E, C, h, w]
    Tensor noise = share.normalLike(z.select(1, 0)).unsqueeze(1);
    Tensor shown = shown(z.add(noise, new Scalar(config.noise())));
    Tensor before =
        Compute.onDevice(
            Dataset.rows(episodes.data().joints(), paths.frames(beginnings, JointDynamics.MEMORY)));
    Tensor led = paths.led(beginnings, 1).squeeze(1);
    Tensor actions = paths.actions(beginnings);
    Tensor path = model.path(before, led, actions, Optional.of(shown));
    Tensor blind = model.path(before, led, actions, Optional.empty());
    Tensor real = Compute.onDevice(Dataset.rows(episodes.data().joints(), frames));
    Tensor alive = paths.alive(beginnings).unsqueeze(-1); // [B, E, 1]
    Tensor living = torch.clamp_min(paths.alive(ofBatch).mean(), new Scalar(1e-6));
    Tensor error = path.sub(real).mul(alive);
    metrics.add("mean_absolute_error_rad", error.abs().mean().div(living));
    Tensor squared =
        error
            .square()
            .add(blind.sub(real).mul(alive).square())
            .add(shown.sub(real).mul(alive).square());
    return share.part(squared.mean().div(living));
  }

  /** Mean absolute error of what single frames show, over all living ones of the episodes, rad. */
  public double error(Transitions episodes) {
    try (var _ = new PointerScope()) {
      Tensor frames = episodes.data().livingFrames();
      Tensor read =
          Torch.noGrad(() -> positions(Compute.onDevice(episodes.latents().rows(frames))));
      return read.sub(Compute.onDevice(Dataset.rows(episodes.data().joints(), frames)))
          .abs()
          .mean()
          .item_double();
    }
  }

  /**
   * The settings by which the head is built and trained.
   *
   * @param steps of training
   * @param batch frames a step, or paths
   * @param learningRate peak of the cycle
   * @param weightDecay of AdamW
   * @param noise deviation added to the latents, which are imagined ones later
   * @param kind how positions in imagination are known; in neither paper, whose policies have none
   * @param path steps that {@code DYNAMICS} learns to follow from a recorded position on
   */
  public record Config(
      int steps,
      int batch,
      double learningRate,
      double weightDecay,
      double noise,
      Kind kind,
      int path) {
    /** Components that came later. */
    private static final Set<String> LATER = Set.of("kind", "path");

    public static final Config DEFAULT = new Config(1000, 128, 3e-3, 0.01, 0.1, Kind.PICTURE, 16);

    public Config {
      Check.positive("jointHead.steps", steps);
      Check.size("jointHead.batch", batch, Check.WIDEST);
      Check.positive("jointHead.learningRate", learningRate);
      Check.notNegative("jointHead.weightDecay", weightDecay);
      Check.notNegative("jointHead.noise", noise);
      Check.size("jointHead.path", path, Check.WIDEST);
    }

    @Override
    public String toString() {
      return SettingsText.of(this, DEFAULT, LATER);
    }
  }
}
