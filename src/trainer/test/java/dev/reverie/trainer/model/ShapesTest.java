package dev.reverie.trainer.model;

import static org.bytedeco.pytorch.global.torch.ScalarType.Byte;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.trainer.data.Canvas;
import dev.reverie.trainer.data.Examples;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.data.Waves;
import dev.reverie.trainer.nn.Compute;
import dev.reverie.trainer.nn.LibtorchTest;
import dev.reverie.trainer.nn.Metrics;
import dev.reverie.trainer.nn.NativeMemory;
import dev.reverie.trainer.nn.Network;
import dev.reverie.trainer.nn.Precision;
import dev.reverie.trainer.nn.Recompute;
import dev.reverie.trainer.nn.Share;
import dev.reverie.trainer.nn.Torch;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Compares what is counted from shapes with real networks: their parameters, and what a step holds.
 */
class ShapesTest extends LibtorchTest {
  private static final int BATCH = 12;

  private final Metrics metrics;

  ShapesTest(@TempDir Path folder) {
    metrics = new Metrics(folder.resolve("curves.jsonl"), "shapes");
  }

  @ParameterizedTest
  @CsvSource({
    "UNET, 32, 2, false, false, false, false",
    "UNET, 64, 4, true, true, false, true",
    "TRANSFORMER, 64, 2, false, false, false, false",
    "TRANSFORMER, 64, 4, true, true, true, true",
    "TRANSFORMER, 96, 3, true, false, true, false"
  })
  void aWorldModelHasTheParametersAndHoldsTheNumbersThatAreCounted(
      Backbone.Kind kind,
      int width,
      int memory,
      boolean reference,
      boolean led,
      boolean cross,
      boolean joints) {
    isCounted(ShapesConfigs.of(kind, width, 3, memory, reference, led, cross, joints));
  }

  @ParameterizedTest
  @CsvSource({
    "UNET, 32, false",
    "UNET, 64, true",
    "TRANSFORMER, 64, false",
    "TRANSFORMER, 64, true"
  })
  void oneWithEveryBlockModulatedToo(Backbone.Kind kind, int width, boolean led) {
    isCounted(ShapesConfigs.everyBlock(kind, width, led));
  }

  private void isCounted(WorldModel.Config config) {
    var model = new WorldModel(config, 4, 2, 2, 8);
    Shapes.OfWorldModel counted = Shapes.worldModel(config, 4, 2, 2, 8, 12, 12);
    assertEquals(model.parameters().count(), counted.parameters());
    Waves.fill(model);
    Transitions data = Examples.transitions(3);
    Tensor windows = data.windows().narrow(0, 0, BATCH);
    near(counted.trained().numbers(), model, () -> model.loss(data, windows, metrics));
  }

  @ParameterizedTest
  @CsvSource({
    "UNET, 32, 2, false, false, false",
    "TRANSFORMER, 64, 2, false, false, false",
    "TRANSFORMER, 64, 4, true, true, true"
  })
  void blocksThatAreComputedAgainHoldTheirEndsAndGiveTheSameGradients(
      Backbone.Kind kind, int width, int memory, boolean reference, boolean led, boolean cross) {
    areTheSameAgain(ShapesConfigs.of(kind, width, 3, memory, reference, led, cross, false));
  }

  @ParameterizedTest
  @CsvSource({"UNET", "TRANSFORMER"})
  void blocksOfWhichEachIsModulatedToo(Backbone.Kind kind) {
    areTheSameAgain(ShapesConfigs.everyBlock(kind, 64, false));
  }

  private void areTheSameAgain(WorldModel.Config config) {
    var model = new WorldModel(config, 4, 2, 8);
    Waves.fill(model);
    Transitions data = Examples.transitions(3);
    Tensor windows = data.windows().narrow(0, 0, BATCH);
    float[] kept = gradients(model, data, windows);
    try {
      new Compute("cpu", Precision.FLOAT32, true, 0).begin(Map.of(), said -> {});
      float[] again = gradients(model, data, windows);
      double largest = 0;
      for (float gradient : kept) {
        largest = Math.max(largest, Math.abs(gradient));
      }
      assertArrayEquals(kept, again, (float) (1e-6 * largest));
      Shapes.OfWorldModel counted = Shapes.worldModel(config, 4, 2, 2, 8, 12, 12);
      near(counted.ends() + counted.rest(), model, () -> model.loss(data, windows, metrics));
      assertTrue(counted.trainedAgain().numbers() < 0.6 * counted.trained().numbers());
    } finally {
      Compute.DEFAULT.begin(Map.of(), said -> {});
    }
  }

  private float[] gradients(WorldModel model, Transitions data, Tensor windows) {
    List<Tensor> parameters = List.copyOf(model.parameters().trained().values());
    Torch.seed(1, "gradients");
    try (var _ = new PointerScope()) {
      Recompute.backward(model.loss(data, windows, metrics));
      Tensor all =
          Torch.cat(
              0,
              parameters.stream()
                  .filter(parameter -> parameter.grad().defined())
                  .map(parameter -> parameter.grad().flatten())
                  .toList());
      float[] gradients = Torch.floats(all);
      parameters.forEach(parameter -> parameter.mutable_grad().reset());
      return gradients;
    }
  }

  /** Printed by bench/transformer.py --flops, which counts the same networks in PyTorch. */
  @ParameterizedTest
  @CsvSource({"2, false, 39346176, 91111424", "4, true, 116128768, 108474368"})
  void aTransformersProductsAreThosePyTorchCounts(
      int memory, boolean wovr, double given, double predicted) {
    WorldModel.Config config =
        ShapesConfigs.of(Backbone.Kind.TRANSFORMER, 64, 3, memory, wovr, wovr, wovr, false);
    Shapes.OfWorldModel counted = Shapes.worldModel(config, 4, 2, 2, 8, 12, 12);
    assertEquals(given, counted.given().forward(), 0);
    assertEquals(predicted, counted.predicted().forward(), 0);
  }

  @Test
  void theOtherNetworksToo() {
    Canvas canvas = Examples.canvas();
    int pixels = canvas.pixels();
    var vae = new FrameVae(FrameVae.Config.DEFAULT, canvas);
    Shapes.OfVae ofVae = Shapes.vae(FrameVae.Config.DEFAULT, pixels);
    assertEquals(vae.parameters().count(), ofVae.parameters());
    Transitions data = Examples.transitions(3);
    near(
        ofVae.trained().numbers(),
        vae,
        () -> vae.loss(data.data().images(Torch.range(0, BATCH)), Share.whole(BATCH), metrics));

    var classifier = new RewardClassifier(RewardClassifier.Config.DEFAULT, 4, pixels, 2);
    Shapes ofClassifier = Shapes.classifier(RewardClassifier.Config.DEFAULT, 4, pixels, 2);
    assertEquals(classifier.parameters().count(), ofClassifier.parameters());
    RewardClips clips =
        new RewardClips(
            data,
            data.windows(),
            new RewardClips.Imagined.Stored(
                Torch.zeros(Byte, data.windows().size(0), 4, 3, 48, 48)),
            Torch.full(1, data.windows().size(0)),
            Torch.range(0, 2),
            Torch.range(2, 4));
    double batch = RewardClassifier.Config.DEFAULT.batch() / (double) BATCH;
    near(batch * ofClassifier.pass().numbers(), classifier, () -> classifier.loss(clips, metrics));

    var head = new JointHead(JointHead.Config.DEFAULT, 8, 144, 2, 2);
    Shapes ofHead = Shapes.jointHead(JointHead.Config.DEFAULT, 8, 144, 2, 2);
    assertEquals(head.parameters().count(), ofHead.parameters());
    Tensor frames = data.data().livingFrames();
    double drawn = JointHead.Config.DEFAULT.batch() / (double) BATCH;
    near(drawn * ofHead.pass().numbers(), head, () -> head.loss(data, frames, metrics));
  }

  @Test
  void jointsThatAreFollowedToo() {
    JointHead.Config config =
        new JointHead.Config(1, BATCH, 1e-3, 0, 0.1, JointHead.Kind.DYNAMICS, 8);
    var head = new JointHead(config, 8, 144, 2, 2);
    Shapes counted = Shapes.jointHead(config, 8, 144, 2, 2);
    assertEquals(head.parameters().count(), counted.parameters());
    Transitions data = Examples.transitions(3);
    near(
        counted.pass().numbers(), head, () -> head.loss(data, data.data().livingFrames(), metrics));
  }

  /** Compares what is counted for a sample with what a batch holds before its pass back. */
  private static void near(double counted, Network network, Supplier<Tensor> loss) {
    double[] held = new double[7]; // the JVM takes memory now and then, and gives it back
    for (int i = 0; i < held.length; i++) {
      try (var _ = new PointerScope()) {
        double before = NativeMemory.inUse();
        Tensor _ = loss.get();
        held[i] = (NativeMemory.inUse() - before) / 4;
        Recompute.forget();
      }
    }
    Arrays.sort(held);
    double median = held[held.length / 2];
    assertEquals(1, median / (BATCH * counted), 0.15, network.getClass().getSimpleName());
  }
}
