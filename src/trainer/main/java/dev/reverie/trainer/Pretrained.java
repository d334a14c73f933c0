package dev.reverie.trainer;

import dev.reverie.policy.BundleSpec;
import dev.reverie.trainer.data.ArmSight;
import dev.reverie.trainer.data.Canvas;
import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.Steps;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.model.ArmMasks;
import dev.reverie.trainer.model.FrameVae;
import dev.reverie.trainer.model.Graphs;
import dev.reverie.trainer.model.OwnGraph;
import dev.reverie.trainer.model.WorldModel;
import dev.reverie.trainer.nn.Ranks;
import dev.reverie.trainer.nn.Share;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainLoop;
import java.nio.file.Path;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/** Auto-encoder and world model, trained on demonstrations: what a round starts from. */
final class Pretrained {
  static final String VAE = "vae";

  private final Settings settings;
  private final Steps steps;
  private final TrainLoop loop;
  private final Own own;
  private final Optional<ArmSight> sight;
  private final FrameVae vae;
  private final WorldModel worldModel;

  /** Says in what a stage is made of how the arm was drawn. */
  private record Drawn(String sight) {}

  /** The two networks where they are the user's own. */
  private record Own(Optional<OwnGraph> vae, Optional<OwnGraph> worldModel) {}

  private Pretrained(Settings settings, TrainLoop loop, BundleSpec spec, Own own) {
    this.settings = settings;
    steps = settings.steps(spec);
    this.loop = loop;
    this.own = own;
    Torch.seed(loop.seed(), "networks");
    Canvas canvas = Canvas.of(spec.cameras());
    int dimensions = spec.actionSpace().dimensions();
    int joints = spec.jointNames().size();
    WorldModel.Config config = settings.worldModel();
    try (var _ = new PointerScope()) {
      vae =
          own.vae()
              .map(graph -> new FrameVae(settings.vae(), canvas, graph))
              .orElseGet(() -> new FrameVae(settings.vae(), canvas));
      int channels = vae.channels();
      WorldModel network =
          own.worldModel()
              .map(
                  graph ->
                      new WorldModel(
                          config, steps.window(), dimensions, joints, channels, canvas, graph))
              .orElseGet(
                  () -> new WorldModel(config, steps.window(), dimensions, joints, channels));
      sight = config.silhouette() ? Optional.of(ArmSight.read(loop.folder())) : Optional.empty();
      worldModel = sight.map(arm -> network.shownBy(new ArmMasks(arm, spec))).orElse(network);
    }
  }

  /** The auto-encoder's weights in a folder. */
  static Path vaeWeights(Path models) {
    return models.resolve(VAE + ".safetensors");
  }

  /** Loads both from a folder. */
  static Pretrained load(Settings settings, BundleSpec spec, Path models) {
    var loop = new TrainLoop(models, 0, "");
    Graphs graphs = settings.graphs();
    Own left =
        new Own(graphs.ofVae(models, VAE), graphs.ofWorldModel(models, Networks.WORLD_MODEL));
    var pretrained = new Pretrained(settings, loop, spec, left);
    loop.load(VAE, pretrained.vae);
    loop.load(Networks.WORLD_MODEL, pretrained.worldModel);
    return pretrained;
  }

  /** Both untrained; training leaves them in the loop's folder. */
  static Pretrained untrained(Settings settings, BundleSpec spec, TrainLoop loop) {
    Graphs graphs = settings.graphs();
    return new Pretrained(settings, loop, spec, new Own(graphs.ofVae(), graphs.ofWorldModel()));
  }

  FrameVae vae() {
    return vae;
  }

  WorldModel worldModel() {
    return worldModel;
  }

  /** The world model's graph, where it is the user's own. */
  Optional<OwnGraph> worldModelGraph() {
    return own.worldModel();
  }

  void trainVae(Dataset data) {
    FrameVae.Config config = settings.vae();
    try (var _ = new PointerScope()) {
      Tensor frames = data.livingFrames();
      OwnGraph.in(own.vae(), loop)
          .of(config)
          .train(
              VAE,
              vae,
              new TrainLoop.Config(
                  config.steps(), config.learningRate(), 0.1, config.weightDecay(), config.clip()),
              metrics -> {
                Share share = Ranks.world().share(config.batch());
                return vae.loss(drawn(data, frames, share), share, metrics);
              },
              () -> vae.normalise(data, frames));
    }
    own.vae().ifPresent(graph -> graph.leave(loop, VAE));
  }

  /** Measures how well frames survive the auto-encoder, dB. */
  double psnr(Dataset data) {
    Torch.seed(loop.seed(), "psnr");
    try (var _ = new PointerScope()) {
      Tensor frames = data.livingFrames();
      return vae.psnr(data, frames.index_select(0, Torch.integers(frames.size(0), 512)));
    }
  }

  /** Needs the auto-encoder trained. */
  void trainWorldModel(Dataset data) {
    WorldModel.Config config = settings.worldModel();
    try (var _ = new PointerScope()) {
      Transitions transitions =
          new Transitions(data, vae.encodeAll(data, loop), steps.window(), steps.executed());
      Tensor windows = transitions.windows();
      TrainLoop of = settings.vae().in(steps.in(loop));
      OwnGraph.in(own.worldModel(), sight.map(arm -> of.of(new Drawn(arm.sha256()))).orElse(of))
          .of(config, VAE)
          .train(
              Networks.WORLD_MODEL,
              worldModel,
              new TrainLoop.Config(
                      config.steps(),
                      config.learningRate(),
                      WorldModel.WARMUP,
                      config.weightDecay(),
                      config.clip())
                  .averaging(config.ema()),
              metrics -> {
                Tensor at = Torch.integers(windows.size(0), config.batch());
                return worldModel.loss(transitions, windows.index_select(0, at), metrics);
              });
      transitions.latents().close();
    }
    own.worldModel().ifPresent(graph -> graph.leave(loop, Networks.WORLD_MODEL));
  }

  private static Tensor drawn(Dataset data, Tensor frames, Share share) {
    Tensor at = share.of(Torch.integers(frames.size(0), share.all()));
    return data.images(frames.index_select(0, at));
  }
}
