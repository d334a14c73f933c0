package dev.reverie.trainer;

import dev.reverie.policy.BundleSpec;
import dev.reverie.trainer.data.Canvas;
import dev.reverie.trainer.model.FrameVae;
import dev.reverie.trainer.model.JointHead;
import dev.reverie.trainer.model.RewardClassifier;
import dev.reverie.trainer.model.WorldModel;
import dev.reverie.trainer.nn.Network;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainLoop;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;

/**
 * The networks that imagination is made of.
 *
 * @param others further world models that are aligned separately, to tell what not to believe
 */
record Networks(
    FrameVae vae,
    WorldModel worldModel,
    List<WorldModel> others,
    JointHead jointHead,
    RewardClassifier classifier) {
  static final String WORLD_MODEL = "world_model";
  static final String JOINT_HEAD = "joint_head";
  static final String REWARD_CLASSIFIER = "reward_classifier";

  /** Those that a round trains. */
  static final List<String> OF_A_ROUND = List.of(WORLD_MODEL, JOINT_HEAD, REWARD_CLASSIFIER);

  /**
   * Creates the networks that a round begins with: auto-encoder and world model as pretrained,
   * joint head and classifier untrained.
   *
   * @param models folder with the auto-encoder and the world model, trained on demonstrations
   * @param tasks how many the classifier tells apart
   */
  static Networks begin(Settings settings, BundleSpec spec, int tasks, Path models, long seed) {
    Pretrained pretrained = Pretrained.load(settings, spec, models);
    int pixels = Canvas.of(spec.cameras()).pixels();
    FrameVae vae = pretrained.vae();
    Torch.seed(seed, "networks");
    try (var _ = new PointerScope()) {
      return new Networks(
          vae,
          pretrained.worldModel(),
          List.of(),
          new JointHead(
              settings.jointHead(),
              vae.channels(),
              pixels / FrameVae.PIXELS_A_CELL,
              spec.actionSpace().dimensions(),
              spec.jointNames().size()),
          new RewardClassifier(
              settings.classifier(), settings.steps(spec).executed(), pixels, tasks));
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
      more.add(pretrained.worldModel());
    }
    return new Networks(vae, worldModel, more, jointHead, classifier);
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
    Networks networks = begin(settings, spec, tasks, models, work.seed());
    work.load(WORLD_MODEL, networks.worldModel);
    work.load(JOINT_HEAD, networks.jointHead);
    work.load(REWARD_CLASSIFIER, networks.classifier);
    return networks;
  }
}
