package dev.reverie.trainer.model;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.Examples;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.nn.LibtorchTest;
import dev.reverie.trainer.nn.Metrics;
import dev.reverie.trainer.nn.Network;
import dev.reverie.trainer.nn.Share;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainLoop;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each network learns a handful of samples by heart within seconds. */
class OverfitTest extends LibtorchTest {
  private final Path folder;

  OverfitTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @Test
  void theAutoEncoderLearnsAFewFramesByHeart() {
    Dataset data = Examples.episodes("e", 2);
    Tensor images = data.images(Torch.of(new long[] {0, 4, 9, 12}, 4));
    FrameVae vae = new FrameVae(FrameVae.Config.DEFAULT, Examples.canvas());
    train("vae", vae, 150, 4e-3, metrics -> vae.loss(images, Share.whole(images.size(0)), metrics));
    Tensor decoded = Torch.noGrad(() -> vae.decode(vae.encode(images)));
    double psnr = FrameVae.psnr(decoded, images);
    assertTrue(psnr > 27, "only " + psnr + " dB");
  }

  @Test
  void theWorldModelLearnsAFewWindowsByHeart() {
    Transitions transitions = Examples.transitions(2);
    Tensor windows = transitions.windows().narrow(0, 0, 4);
    WorldModel model = new WorldModel(WorldModel.Config.DEFAULT, 4, 2, 8);
    double before = error(model, transitions, windows);
    train("wm", model, 150, 4e-3, metrics -> model.loss(transitions, windows, metrics));
    double after = error(model, transitions, windows);
    assertTrue(after < 0.1 * before, "squared error " + before + " to " + after);
  }

  @ParameterizedTest
  @CsvSource({
    "4, true, true, VELOCITY, LOGIT_NORMAL, 0.015, UNET",
    "1, true, false, CLEAN, UNIFORM, 0, UNET",
    "4, true, true, VELOCITY, LOGIT_NORMAL, 0.015, TRANSFORMER",
    "1, false, false, CLEAN, UNIFORM, 0, TRANSFORMER"
  })
  void theWorldModelLearnsWithThePapersSettingsToo(
      int memory,
      boolean reference,
      boolean actions,
      RectifiedFlow.Target target,
      RectifiedFlow.TimeLaw times,
      double level,
      Backbone.Kind backbone) {
    WorldModel.Config usual = WorldModel.Config.DEFAULT;
    WorldModel.Config config =
        new WorldModel.Config(
            usual.width(),
            usual.embedding(),
            usual.steps(),
            usual.learningRate(),
            usual.alignSteps(),
            usual.alignLearningRate(),
            usual.rolloutWeight(),
            usual.batch(),
            usual.weightDecay(),
            usual.clip(),
            0,
            memory,
            reference,
            actions,
            target,
            times,
            level,
            level,
            true,
            0,
            0,
            level,
            List.of(0.999, 0.8, 0.6, 0.4, 0.2),
            backbone,
            1,
            2,
            3,
            actions,
            actions ? Backbone.Modulation.EVERY_BLOCK : Backbone.Modulation.SOME_BLOCKS,
            backbone == Backbone.Kind.UNET ? 0 : 1,
            1,
            memory > 1,
            false,
            List.of(),
            true);
    Transitions transitions = Examples.transitions(2);
    Tensor windows = transitions.windows().narrow(0, 0, 4);
    WorldModel model = new WorldModel(config, 4, 2, 2, 8).toldBy(JointPathTest.untrainedHead());
    double before = error(model, transitions, windows);
    train("wm", model, 150, 4e-3, metrics -> model.loss(transitions, windows, metrics));
    double after = error(model, transitions, windows);
    assertTrue(after < 0.8 * before, "squared error " + before + " to " + after);
  }

  @Test
  void theRewardClassifierLearnsToHeedTheInstruction() {
    Transitions transitions = Examples.transitions(4);
    FrameVae vae = new FrameVae(FrameVae.Config.DEFAULT, Examples.canvas());
    WorldModel model = new WorldModel(WorldModel.Config.DEFAULT, 4, 2, 8);
    RewardClips clips =
        RewardClips.of(
            transitions,
            transitions.windows(),
            model,
            vae,
            RewardClassifier.Target.SUCCESS,
            Long.MAX_VALUE,
            new TrainLoop(folder, 1, "x"));
    RewardClassifier classifier =
        new RewardClassifier(RewardClassifier.Config.DEFAULT, 4, 48 * 48, 2);
    train("rc", classifier, 120, 3e-3, metrics -> classifier.loss(clips, metrics));
    Tensor recorded = Dataset.normalised(clips.recorded(clips.positives()));
    long count = clips.positives().size(0);
    double right = mean(classifier.probability(recorded, Torch.of(new long[(int) count], count)));
    double wrong =
        mean(classifier.probability(recorded, Torch.integers(1, count).add(new Scalar(1L))));
    assertTrue(right > 0.6 && wrong < 0.4, "right %s, wrong %s".formatted(right, wrong));
  }

  @Test
  void theJointHeadLearnsAFewFramesByHeart() {
    Transitions transitions = Examples.transitions(2);
    JointHead head = new JointHead(JointHead.Config.DEFAULT, 8, 144, 2, 2);
    Dataset data = transitions.data();
    train("head", head, 150, 3e-3, metrics -> head.loss(transitions, data.livingFrames(), metrics));
    Tensor read = head.positions(transitions.latents().kept());
    double error = read.sub(data.joints().flatten(0, 1)).abs().mean().item_double();
    assertTrue(error < 0.07, "off by " + error + " rad; at first it was 0.4");
  }

  @Test
  void thePolicyLearnsAFewChunksByHeart() {
    Transitions transitions = Examples.transitions(2);
    try (TrainablePolicy policy = new TrainablePolicy(Examples.policy())) {
      BehaviourCloning cloning =
          new BehaviourCloning(BehaviourCloning.Config.DEFAULT, policy, transitions);
      train("policy", policy, 60, 1e-3, cloning::loss);
      double loss = cloning.loss(new Metrics(folder.resolve("x"), "x")).item_double();
      assertTrue(loss < 0.4, "cross-entropy " + loss + "; at first it was 1.6");
    }
  }

  private void train(
      String stage, Network network, int steps, double rate, TrainLoop.Objective objective) {
    new TrainLoop(folder, 1, "test")
        .train(stage, network, new TrainLoop.Config(steps, rate, 0.1, 0, 1), objective);
  }

  private static double error(WorldModel model, Transitions transitions, Tensor windows) {
    Tensor next =
        model.sample(transitions.context(windows, model.memory()), transitions.actions(windows));
    return next.sub(transitions.next(windows)).square().mean().item_double();
  }

  private static double mean(Tensor tensor) {
    return tensor.mean().item_double();
  }
}
