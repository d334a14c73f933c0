package dev.reverie.trainer.model;

import static org.bytedeco.pytorch.global.torch.ScalarType.Byte;
import static org.bytedeco.pytorch.global.torch.ScalarType.Float;

import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.nn.Check;
import dev.reverie.trainer.nn.Compute;
import dev.reverie.trainer.nn.Metrics;
import dev.reverie.trainer.nn.Ranks;
import dev.reverie.trainer.nn.SettingsText;
import dev.reverie.trainer.nn.Share;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainLoop;
import java.util.Set;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Supervised learning of the policy from demonstrations: what its {@link Head} has to minimise,
 * chunks from every step.
 */
public final class BehaviourCloning {
  private final Config config;
  private final TrainablePolicy policy;
  private final Transitions demonstrations;
  private final Tensor windows;

  /**
   * Prepares the training of a policy on demonstrations.
   *
   * @param demonstrations whose latents are not used
   */
  public BehaviourCloning(Config config, TrainablePolicy policy, Transitions demonstrations) {
    this.config = config;
    this.policy = policy;
    this.demonstrations = demonstrations.acting();
    this.windows = Torch.keep(this.demonstrations.windows());
  }

  /** Mean over the actions of a batch, those before the episode's end; this rank's part. */
  public Tensor loss(Metrics metrics) {
    Dataset data = demonstrations.data();
    Share share = Ranks.world().share(config.batch());
    Tensor all = windows.index_select(0, Torch.integers(windows.size(0), config.batch())); // [B, 2]
    Tensor batch = share.of(all);
    Tensor episode = batch.select(1, 0);
    Tensor now = episode.mul(new Scalar(data.horizon() + 1L)).add(batch.select(1, 1));
    Tensor at = data.before(now, policy.ages());
    Tensor pixels = Compute.onDevice(data.frames().rows(at));
    Tensor noise = Torch.times(share.normal(Torch.shape(pixels)), config.imageNoise() * 127.5);
    pixels = Torch.clamp(pixels.to(Float).add(noise), 0, 255).round().to(Byte);
    Tensor joints = Compute.onDevice(Dataset.rows(data.joints(), at));
    joints = joints.add(share.normalLike(joints), new Scalar(config.jointNoiseRad()));
    Tensor tokens = data.tokens().index_select(0, data.instruction().index_select(0, episode));
    Tensor perStep =
        policy
            .head()
            .cloning(
                policy.seeing(pixels, tokens, joints),
                demonstrations.actions(batch),
                config.distance(),
                share,
                metrics); // [B, K]
    Tensor alive = demonstrations.alive(batch); // [B, K]
    return perStep.mul(alive).sum().div(demonstrations.alive(all).sum());
  }

  public TrainLoop.Config loop() {
    return new TrainLoop.Config(
        config.steps(), config.learningRate(), 0.1, config.weightDecay(), 0);
  }

  /**
   * The settings by which the base policy is trained.
   *
   * @param steps of training
   * @param batch chunks a step
   * @param learningRate peak of the cycle
   * @param weightDecay of AdamW
   * @param imageNoise deviation added to the pictures, where black to white is 2
   * @param jointNoiseRad deviation added to the joint positions
   * @param distance from the demonstrated actions of a policy that gives actions themselves
   */
  public record Config(
      int steps,
      int batch,
      double learningRate,
      double weightDecay,
      double imageNoise,
      double jointNoiseRad,
      Head.Distance distance) {
    /** Components that came later. */
    private static final Set<String> LATER = Set.of("distance");

    public static final Config DEFAULT =
        new Config(1500, 64, 1e-3, 0.01, 0.02, 0.02, Head.Distance.L1);

    /** Fewer steps at a lower rate, from a policy that is there. */
    public static final Config OF_SUCCESSES =
        new Config(600, 64, 3e-4, 0.01, 0.02, 0.02, Head.Distance.L1);

    public Config {
      Check.positive("cloning.steps", steps);
      Check.size("cloning.batch", batch, Check.WIDEST);
      Check.positive("cloning.learningRate", learningRate);
      Check.notNegative("cloning.weightDecay", weightDecay);
      Check.notNegative("cloning.imageNoise", imageNoise);
      Check.notNegative("cloning.jointNoiseRad", jointNoiseRad);
    }

    @Override
    public String toString() {
      return SettingsText.of(this, DEFAULT, LATER);
    }
  }
}
