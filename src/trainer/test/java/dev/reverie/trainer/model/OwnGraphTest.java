package dev.reverie.trainer.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.trainer.data.Context;
import dev.reverie.trainer.data.Course;
import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.Examples;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.data.Waves;
import dev.reverie.trainer.nn.LibtorchTest;
import dev.reverie.trainer.nn.Network;
import dev.reverie.trainer.nn.Share;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainLoop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Networks that bench/models.py exported from PyTorch 2.10, beside what it says of them itself. */
class OwnGraphTest extends LibtorchTest {
  private final Path folder;

  OwnGraphTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @Test
  void aWorldModelPredictsAndLearnsAsInPyTorch() throws IOException {
    WorldModel model = OwnGraphs.worldModel(WorldModel.Config.DEFAULT);
    Context past =
        new Context(
            WorldModel.Config.DEFAULT.memory(), Waves.of(2, 2, 2, 8, 12, 12), Waves.of(0, 2, 2, 2));
    Tensor prediction =
        model
            .backbone()
            .given(
                past,
                Course.of(Waves.of(3, 2, 4, 2)),
                Torch.full(0, 2, 6, 0, 12, 12),
                Torch.of(new float[] {0.05f, 0.2f}, 2))
            .predict(Waves.of(1, 2, 4, 8, 12, 12), Torch.of(new float[] {1, 0.5f}, 2));
    compare("world_model", model, Map.of("prediction", prediction));
    model.close();
  }

  @Test
  void anAutoEncoderCodesAndLearnsAsInPyTorch() throws IOException {
    GraphCoder coder = new GraphCoder(OwnGraphs.of("vae"), 8, Examples.canvas());
    Tensor posterior = coder.posterior(Waves.of(4, 2, 3, 48, 48));
    Map<String, Tensor> results = new LinkedHashMap<>();
    results.put("latent_mean", posterior.narrow(1, 0, 8));
    results.put("latent_log_variance", posterior.narrow(1, 8, 8));
    results.put("reconstruction", coder.decode(Waves.of(5, 2, 8, 12, 12)));
    compare("vae", coder, results);
    coder.close();
  }

  @Test
  void aRewardClassifierJudgesAndLearnsAsInPyTorch() throws IOException {
    RewardClassifier classifier = OwnGraphs.classifier(RewardClassifier.Config.DEFAULT);
    Tensor logit = classifier.logits(Waves.of(6, 2, 4, 3, 48, 48), Torch.of(new long[] {0, 1}, 2));
    compare("classifier", classifier, Map.of("logit", logit));
    classifier.close();
  }

  /** Outputs and gradients of the sum of their mean squares, as bench/models.py has them. */
  private static void compare(String name, Network network, Map<String, Tensor> results)
      throws IOException {
    Tensor loss =
        results.values().stream()
            .map(result -> result.square().mean())
            .reduce(Tensor::add)
            .orElseThrow();
    loss.backward();
    Map<String, Tensor> all = new LinkedHashMap<>(results);
    network.parameters().trained().forEach((key, value) -> all.put(key, value.grad()));
    int compared = 0;
    for (String line : Files.readAllLines(OwnGraphs.file("models.txt"))) {
      String[] told = line.split(" ", -1);
      if (told[0].equals(name)) {
        Tensor tensor = Torch.required(all, told[1]);
        double norm = Double.parseDouble(told[3]);
        double product = tensor.mul(Waves.of(5, Torch.shape(tensor))).sum().item_double();
        assertEquals(norm, tensor.norm().item_double(), 1e-4 * norm, line);
        assertEquals(Double.parseDouble(told[2]), product, 1e-4 * norm, line);
        compared++;
      }
    }
    assertEquals(all.size(), compared, all.keySet() + " and what PyTorch says");
  }

  @Test
  void anAutoEncoderLearnsAFewFramesByHeartAndItsStatisticsStayAsTheyWere() throws IOException {
    Dataset data = Examples.episodes("e", 2);
    Tensor images = data.images(Torch.of(new long[] {0, 4, 9, 12}, 4));
    FrameVae vae = OwnGraphs.vae(FrameVae.Config.DEFAULT);
    assertFalse(vae.parameters().trained().keySet().toString().contains("running"));
    double before = FrameVae.psnr(Torch.noGrad(() -> vae.decode(vae.encode(images))), images);
    train("vae", vae, 150, 4e-3, m -> vae.loss(images, Share.whole(images.size(0)), m));
    double after = FrameVae.psnr(Torch.noGrad(() -> vae.decode(vae.encode(images))), images);
    assertTrue(after > before + 10 && after > 22, before + " to " + after + " dB");
    vae.close();
  }

  @Test
  void aWorldModelLearnsAFewWindowsByHeart() throws IOException {
    Transitions transitions = Examples.transitions(2);
    Tensor windows = transitions.windows().narrow(0, 0, 4);
    WorldModel model = OwnGraphs.worldModel(WorldModel.Config.DEFAULT);
    assertFalse(model.parameters().trained().containsKey("steps"), "a buffer of PyTorch learns");
    double before = error(model, transitions, windows);
    train("wm", model, 200, 4e-3, m -> model.loss(transitions, windows, m));
    double after = error(model, transitions, windows);
    assertTrue(after < 0.2 * before, "squared error " + before + " to " + after);
    model.close();
  }

  @Test
  void aRewardClassifierLearnsToHeedTheInstruction() throws IOException {
    RewardClassifier classifier = OwnGraphs.classifier(config(RewardClassifier.Target.SUCCESS));
    RewardClips clips = clips(RewardClassifier.Target.SUCCESS);
    train("rc", classifier, 200, 3e-3, metrics -> classifier.loss(clips, metrics));
    Tensor recorded = Dataset.normalised(clips.recorded(clips.positives()));
    long count = clips.positives().size(0);
    double right = mean(classifier.probability(recorded, Torch.of(new long[(int) count], count)));
    Tensor other = Torch.plus(Torch.integers(1, count), 1);
    double wrong = mean(classifier.probability(recorded, other));
    assertTrue(right > 0.6 && wrong < 0.4, right + " under its own instruction, " + wrong);
    classifier.close();
  }

  @Test
  void aProgressModelSaysHowFarASuccessHasCome() throws IOException {
    RewardClassifier.Config config = config(RewardClassifier.Target.PROGRESS);
    RewardClassifier classifier = OwnGraphs.classifier(config);
    RewardClips clips = clips(config.target());
    Transitions transitions = clips.transitions();
    Tensor at = Torch.of(new long[] {0, 0, 0, 1, 0, 2, 1, 4}, 4, 2);
    assertEquals(
        List.of(4f / 6, 5f / 6, 1f, 0f), boxed(transitions.progress(at)), "6 steps to success");
    train("rc", classifier, 300, 3e-3, metrics -> classifier.loss(clips, metrics));
    Tensor frames = transitions.data().frames().rows(transitions.nextFrames(at));
    Tensor progress = classifier.probability(Dataset.normalised(frames), Torch.of(new long[4], 4));
    List<Float> said = boxed(progress);
    assertTrue(said.get(0) < said.get(2) - 0.1 && said.get(3) < 0.3, said.toString());
    classifier.close();
  }

  /** Small batches. */
  private static RewardClassifier.Config config(RewardClassifier.Target target) {
    RewardClassifier.Config usual = RewardClassifier.Config.DEFAULT;
    return new RewardClassifier.Config(
        usual.width(),
        usual.steps(),
        12,
        usual.learningRate(),
        usual.weightDecay(),
        0,
        0,
        target == RewardClassifier.Target.SUCCESS ? usual.wrongInstructionShare() : 0,
        usual.demonstrationWindows(),
        0,
        usual.lateLabelShare(),
        target,
        usual.positiveShare(),
        usual.stride());
  }

  private static List<Float> boxed(Tensor tensor) {
    float[] values = Torch.floats(tensor);
    List<Float> boxed = new ArrayList<>();
    for (float value : values) {
      boxed.add(value);
    }
    return boxed;
  }

  private RewardClips clips(RewardClassifier.Target target) {
    Transitions transitions = Examples.transitions(4);
    return RewardClips.of(
        transitions,
        transitions.windows(),
        new WorldModel(WorldModel.Config.DEFAULT, 4, 2, 8),
        new FrameVae(FrameVae.Config.DEFAULT, Examples.canvas()),
        target,
        Long.MAX_VALUE,
        new TrainLoop(folder, 1, "x"));
  }

  @Test
  void aNetworkThatIsClosedLeavesNothingNativeBehind() throws IOException {
    long[] counts = new long[3];
    for (int i = 0; i < counts.length; i++) {
      try (var _ = new PointerScope()) {
        OwnGraphs.worldModel(WorldModel.Config.DEFAULT).close();
        OwnGraphs.vae(FrameVae.Config.DEFAULT).close();
        OwnGraphs.classifier(RewardClassifier.Config.DEFAULT).close();
      }
      counts[i] = Pointer.totalCount();
    }
    assertEquals(counts[1], counts[2]);
  }

  private static double error(WorldModel model, Transitions transitions, Tensor windows) {
    Tensor next =
        model.sample(transitions.context(windows, model.memory()), transitions.actions(windows));
    return mean(next.sub(transitions.next(windows)).square());
  }

  private static double mean(Tensor tensor) {
    return tensor.mean().item_double();
  }

  private void train(
      String stage, Network network, int steps, double rate, TrainLoop.Objective objective) {
    new TrainLoop(folder, 1, "x")
        .train(stage, network, new TrainLoop.Config(steps, rate, 0.1, 0, 1), objective);
  }
}
