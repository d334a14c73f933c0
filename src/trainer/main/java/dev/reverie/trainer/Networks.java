package dev.reverie.trainer;

import dev.reverie.policy.BundleSpec;
import dev.reverie.trainer.data.Canvas;
import dev.reverie.trainer.model.FrameVae;
import dev.reverie.trainer.model.JointHead;
import dev.reverie.trainer.model.OwnGraph;
import dev.reverie.trainer.model.RewardClassifier;
import dev.reverie.trainer.model.WorldModel;
import dev.reverie.trainer.nn.Network;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainLoop;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;

/**
 * The networks that imagination is made of.
 *
 * @param others further world models that are aligned separately, to tell what not to believe
 * @param own those that are the user's graphs, by their stages
 */
record Networks(
    FrameVae vae,
    WorldModel worldModel,
    List<WorldModel> others,
    JointHead jointHead,
    RewardClassifier classifier,
    Map<String, OwnGraph> own) {
  static final String WORLD_MODEL = "world_model";
  static final String JOINT_HEAD = "joint_head";
  static final String REWARD_CLASSIFIER = "reward_classifier";

  /** Returns those that imagined frames come from. */
  static String[] imagining(Settings settings) {
    return settings.worldModel().joints()
        ? new String[] {WORLD_MODEL, JOINT_HEAD}
        : new String[] {WORLD_MODEL};
  }

  /** The networks that a round trains. */
  static final List<String> OF_A_ROUND = List.of(WORLD_MODEL, JOINT_HEAD, REWARD_CLASSIFIER);

  /**
   * Creates the networks that a round begins with: auto-encoder and world model as pretrained,
   * joint head and classifier untrained.
   *
   * @param models folder with the auto-encoder and the world model, trained on demonstrations
   * @param tasks how many the classifier tells apart
   */
  static Networks begin(Settings settings, BundleSpec spec, int tasks, Path models, long seed) {
    return of(settings, spec, tasks, models, seed, settings.graphs().ofClassifier());
  }

  private static Networks of(
      Settings settings,
      BundleSpec spec,
      int tasks,
      Path models,
      long seed,
      Optional<OwnGraph> judge) {
    Pretrained pretrained = Pretrained.load(settings, spec, models);
    Canvas canvas = Canvas.of(spec.cameras());
    int pixels = canvas.pixels();
    int executed = settings.steps(spec).executed();
    Map<String, OwnGraph> own = new HashMap<>();
    pretrained.worldModelGraph().ifPresent(graph -> own.put(WORLD_MODEL, graph));
    judge.ifPresent(graph -> own.put(REWARD_CLASSIFIER, graph));
    FrameVae vae = pretrained.vae();
    Torch.seed(seed, "networks");
    try (var _ = new PointerScope()) {
      JointHead jointHead =
          new JointHead(
              settings.jointHead(),
              vae.channels(),
              pixels / FrameVae.PIXELS_A_CELL,
              spec.actionSpace().dimensions(),
              spec.jointNames().size());
      return new Networks(
          vae,
          pretrained.worldModel().toldBy(jointHead),
          List.of(),
          jointHead,
          judge
              .map(
                  graph ->
                      new RewardClassifier(settings.classifier(), executed, canvas, tasks, graph))
              .orElseGet(
                  () -> new RewardClassifier(settings.classifier(), executed, pixels, tasks)),
          own);
    }
  }

  /**
   * The same with as many further world models as the settings want, as pretrained.
   *
   * @param models folder with the pretrained one
   */
  Networks together(Settings settings, BundleSpec spec, Path models) {
    List<WorldModel> more = new ArrayList<>();
    for (int i = 1; i < settings.worldModel().ensemble(); i++) {
      Pretrained pretrained = Pretrained.load(settings, spec, models);
      pretrained.vae().close();
      more.add(pretrained.worldModel().toldBy(jointHead));
    }
    return new Networks(vae, worldModel, more, jointHead, classifier, own);
  }

  /** Frees them. */
  void close() {
    List.of(vae, worldModel, jointHead, classifier).forEach(Network::close);
    others.forEach(Network::close);
  }

  /** Name of the stage that aligns one of the world models, from 0. */
  static String worldModel(int i) {
    return i == 0 ? WORLD_MODEL : WORLD_MODEL + "_" + (i + 1);
  }

  /** A loop for one of the stages, which depends on the user's graph where there is one. */
  TrainLoop in(TrainLoop loop, String stage) {
    return OwnGraph.in(Optional.ofNullable(own.get(stage)), loop);
  }

  /**
   * Leaves the user's graph beside a stage's result.
   *
   * @param of the stage whose network it is
   */
  void leave(TrainLoop loop, String of, String stage) {
    Optional.ofNullable(own.get(of)).ifPresent(graph -> graph.leave(loop, stage));
  }

  /** All world models, the one that imagines first. */
  List<WorldModel> worldModels() {
    List<WorldModel> all = new ArrayList<>(others);
    all.addFirst(worldModel);
    return all;
  }

  /**
   * Loads the networks of a round that has ended.
   *
   * @param models folder with the auto-encoder
   * @param work the round's
   */
  static Networks load(Settings settings, BundleSpec spec, int tasks, Path models, TrainLoop work) {
    Networks networks =
        of(
            settings,
            spec,
            tasks,
            models,
            work.seed(),
            settings.graphs().ofClassifier(work.folder(), REWARD_CLASSIFIER));
    work.load(WORLD_MODEL, networks.worldModel);
    work.load(JOINT_HEAD, networks.jointHead);
    work.load(REWARD_CLASSIFIER, networks.classifier);
    return networks;
  }

  /** The same with the further world models of that round. */
  Networks loadOthers(Settings settings, BundleSpec spec, Path models, TrainLoop work) {
    Networks all = together(settings, spec, models);
    for (int i = 1; i < all.worldModels().size(); i++) {
      work.load(worldModel(i), all.worldModels().get(i));
    }
    return all;
  }
}
