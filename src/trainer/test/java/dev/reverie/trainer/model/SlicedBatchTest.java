package dev.reverie.trainer.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.policy.HeadSpec;
import dev.reverie.trainer.data.Examples;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.data.Waves;
import dev.reverie.trainer.nn.Compute;
import dev.reverie.trainer.nn.LibtorchTest;
import dev.reverie.trainer.nn.Metrics;
import dev.reverie.trainer.nn.NativeMemory;
import dev.reverie.trainer.nn.Network;
import dev.reverie.trainer.nn.Precision;
import dev.reverie.trainer.nn.Ranks;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainLoop;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The gradients of a batch whose rows go through a network some at a time. */
class SlicedBatchTest extends LibtorchTest {
  private final Transitions data = Examples.transitions(4);
  private final Path folder;
  private int runs;

  SlicedBatchTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @AfterEach
  void batchesAreWholeAgain() {
    slices(0, false);
  }

  private static void slices(int rows, boolean recompute) {
    new Compute("cpu", Precision.FLOAT32, recompute, rows).begin(Map.of(), said -> {});
  }

  @ParameterizedTest
  @CsvSource({
    "UNET, false, false",
    "UNET, true, false",
    "TRANSFORMER, true, false",
    "TRANSFORMER, true, true"
  })
  void ofAWorldModelAreThoseOfTheWholeBatch(Backbone.Kind kind, boolean motion, boolean again) {
    WorldModel.Config config =
        motion
            ? ShapesConfigs.weighingMotion(kind, 32)
            : ShapesConfigs.of(kind, 32, 1, 2, false, false, false, false);
    WorldModel model = new WorldModel(config, 4, 2, 2, 8).toldBy(JointPathTest.untrainedHead());
    Waves.fill(model);
    Tensor windows = data.windows().narrow(0, 0, 8);
    alike(model, again, metrics -> model.loss(data, windows, metrics));
  }

  @Test
  void ofAnAutoEncoderAreThoseOfTheWholeBatch() {
    FrameVae vae = new FrameVae(FrameVae.Config.DEFAULT, Examples.canvas());
    Tensor all = Torch.range(0, 8);
    alike(
        vae,
        false,
        metrics -> {
          var share = Ranks.world().share(8);
          return vae.loss(data.data().images(share.of(all)), share, metrics);
        });
  }

  @ParameterizedTest
  @CsvSource({"1000000", "0"})
  void ofAClassifierAreThoseOfTheWholeBatch(long draws) {
    RewardClips clips =
        RewardClips.of(
            data,
            data.windows(),
            new WorldModel(WorldModel.Config.DEFAULT, 4, 2, 8),
            new FrameVae(FrameVae.Config.DEFAULT, Examples.canvas()),
            RewardClassifier.Target.SUCCESS,
            draws,
            new TrainLoop(folder, 1, "x"));
    RewardClassifier classifier =
        new RewardClassifier(RewardClassifier.Config.DEFAULT, 4, 48 * 48, 2);
    alike(classifier, false, metrics -> classifier.loss(clips, metrics));
    clips.close();
  }

  @ParameterizedTest
  @EnumSource
  void ofAJointHeadAreThoseOfTheWholeBatch(JointHead.Kind kind) {
    JointHead.Config config = new JointHead.Config(1, 9, 1e-3, 0, 0.1, kind, 8);
    JointHead head = new JointHead(config, 8, 144, 2, 2);
    alike(head, false, metrics -> head.loss(data, data.data().livingFrames(), metrics));
  }

  static Stream<HeadSpec> heads() {
    return Heads.all(2).stream();
  }

  @ParameterizedTest
  @MethodSource("heads")
  void ofAPolicyAreThoseOfTheWholeBatch(HeadSpec head) {
    try (TrainablePolicy policy = new TrainablePolicy(HeadTest.bundle(head))) {
      BehaviourCloning.Config config =
          new BehaviourCloning.Config(1, 8, 1e-3, 0, 0.02, 0.02, Head.Distance.L1);
      alike(policy, false, new BehaviourCloning(config, policy, data)::loss);
      Dpo dpo = new Dpo(new Dpo.Config(1, 7, 1e-3, 0.1, 1), policy, data, Torch.range(0, 4));
      alike(policy, false, dpo::loss);
      dpo.close();
    }
  }

  private void alike(Network network, boolean recompute, TrainLoop.Objective objective) {
    Step whole = step(network, 0, recompute, objective);
    double largest = 0;
    for (float gradient : whole.gradients) {
      largest = Math.max(largest, Math.abs(gradient));
    }
    assertTrue(largest > 0);
    for (int rows : List.of(1, 3, 1000)) {
      Step sliced = step(network, rows, recompute, objective);
      assertArrayEquals(whole.gradients, sliced.gradients, (float) (1e-5 * largest));
      assertEquals(whole.loss, sliced.loss, 1e-5 * Math.max(1, Math.abs(whole.loss)));
      assertArrayEquals(whole.next, sliced.next, "the numbers that are drawn next");
    }
  }

  /**
   * One step of training.
   *
   * @param loss of the batch, as the curves have it
   * @param next random numbers after it
   */
  private record Step(float[] gradients, double loss, float[] next) {}

  private Step step(Network network, int rows, boolean recompute, TrainLoop.Objective objective) {
    slices(rows, recompute);
    float[][] after = new float[2][];
    Path run = folder.resolve("run" + runs++);
    var loop =
        new TrainLoop(
            run,
            1,
            "x",
            () -> {
              after[0] = gradients(network);
              after[1] = Torch.floats(torch.rand(4));
              return false;
            });
    loop.train("step", network, new TrainLoop.Config(1, 1e-12, 0.1, 0, 0), objective);
    return new Step(after[0], Metrics.meanOf(run.resolve("step.jsonl"), "loss"), after[1]);
  }

  private static float[] gradients(Network network) {
    return Torch.floats(
        Torch.cat(
            0,
            network.parameters().trained().values().stream()
                .map(parameter -> parameter.grad().flatten())
                .toList()));
  }

  @Test
  void aSliceHoldsWhatItsRowsLeave() {
    WorldModel model =
        new WorldModel(
            ShapesConfigs.of(Backbone.Kind.TRANSFORMER, 32, 2, 2, false, false, false, false),
            4,
            2,
            8);
    Waves.fill(model);
    Tensor windows = data.windows().repeat(2, 1).narrow(0, 0, 32);
    double whole = held(model, 0, windows);
    double sliced = held(model, 4, windows);
    assertTrue(sliced < whole / 5, "%s of %s bytes".formatted(sliced, whole));
  }

  /** Bytes that are in use at most when the loss of some rows is there. */
  private double held(WorldModel model, int rows, Tensor windows) {
    double[] most = {0};
    step(
        model,
        rows,
        false,
        metrics -> {
          double before = NativeMemory.inUse();
          Tensor loss = model.loss(data, windows, metrics);
          most[0] = Math.max(most[0], NativeMemory.inUse() - before);
          return loss;
        });
    return most[0];
  }
}
