package dev.reverie.trainer;

import dev.reverie.policy.BundleSpec;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/** Auto-encoder and world model, trained on demonstrations: what a round starts from. */
final class Pretrained {
  private static final String VAE = "vae";
  private static final String WORLD_MODEL = "world_model";

  private final Settings settings;
  private final TrainLoop loop;
  private final FrameVae vae;
  private final WorldModel worldModel;

  /**
   * Untrained networks.
   *
   * @param spec of the policy, for the sizes
   * @param loop into the models' folder
   */
  private Pretrained(Settings settings, TrainLoop loop, BundleSpec spec, boolean load) {
    this.settings = settings;
    this.loop = loop;
    Torch.seed(loop.seed(), "networks");
    try (var _ = new PointerScope()) {
      vae = new FrameVae(settings.vae());
      worldModel =
          new WorldModel(
              settings.worldModel(),
              spec.chunk().horizon(),
              spec.actionSpace().dimensions(),
              vae.channels());
    }
    if (load) {
      loop.load(VAE, vae);
      loop.load(WORLD_MODEL, worldModel);
    }
  }

  /** Loads both from a folder. */
  Pretrained(Settings settings, BundleSpec spec, TrainLoop loop) {
    this(settings, loop, spec, true);
  }

  /** Trains both on demonstrations into the loop's folder. */
  static Pretrained train(
      Settings settings, BundleSpec spec, TrainLoop loop, Dataset demonstrations) {
    Pretrained made = new Pretrained(settings, loop, spec, false);
    made.trainVae(demonstrations);
    made.trainWorldModel(demonstrations, spec.chunk().horizon());
    return made;
  }

  FrameVae vae() {
    return vae;
  }

  WorldModel worldModel() {
    return worldModel;
  }

  private void trainVae(Dataset data) {
    FrameVae.Config config = settings.vae();
    try (var _ = new PointerScope()) {
      Tensor frames = data.livingFrames();
      loop.train(
          VAE,
          vae,
          new TrainLoop.Config(config.steps(), config.learningRate(), .1, config.weightDecay(), 0),
          metrics -> vae.loss(drawn(data, frames, config.batch()), metrics),
          () -> vae.normalise(data, frames));
    }
  }

  private void trainWorldModel(Dataset data, int horizon) {
    WorldModel.Config config = settings.worldModel();
    try (var _ = new PointerScope()) {
      Transitions transitions = new Transitions(data, vae.encodeAll(data), horizon);
      Tensor windows = transitions.windows();
      loop.train(
          WORLD_MODEL,
          worldModel,
          new TrainLoop.Config(
              config.steps(),
              config.learningRate(),
              WorldModel.WARMUP,
              config.weightDecay(),
              config.clip()),
          metrics -> {
            Tensor at = Torch.integers(windows.size(0), config.batch());
            return worldModel.loss(transitions, windows.index_select(0, at), metrics);
          });
      transitions.latents().close();
    }
  }

  private static Tensor drawn(Dataset data, Tensor frames, int count) {
    return data.images(frames.index_select(0, Torch.integers(frames.size(0), count)));
  }
}
