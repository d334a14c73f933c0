package dev.reverie.trainer.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.trainer.data.Context;
import dev.reverie.trainer.data.Course;
import dev.reverie.trainer.data.Examples;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.data.Waves;
import dev.reverie.trainer.nn.LibtorchTest;
import dev.reverie.trainer.nn.NativeMemory;
import dev.reverie.trainer.nn.Pass;
import dev.reverie.trainer.nn.Torch;
import java.io.IOException;
import java.util.Arrays;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Drawing from a world model leaves what its blocks gave, and not what led there. */
class DrawnTest extends LibtorchTest {
  private static final int BATCH = 4;

  private final Transitions data = Examples.transitions(3);
  private final Tensor windows = data.windows().narrow(0, 0, BATCH);

  private static WorldModel.Config config(Backbone.Kind kind, int depth, boolean wovr) {
    return ShapesConfigs.of(kind, 64, depth, 4, wovr, wovr, wovr, false);
  }

  private static WorldModel model(WorldModel.Config config) {
    var model = new WorldModel(config, 4, 2, 8);
    Waves.fill(model);
    return model;
  }

  private Tensor predicted(WorldModel model) {
    Context past = data.context(windows, model.memory());
    Course course = data.course(windows, model.memory());
    return model.predict(
        Waves.of(2, BATCH, 4, 8, 12, 12),
        past,
        course,
        Torch.full(0.7, BATCH),
        Torch.full(0.1, BATCH));
  }

  @ParameterizedTest
  @CsvSource({"UNET, false", "UNET, true", "TRANSFORMER, false", "TRANSFORMER, true"})
  void withoutGradientsTheSameIsSaidBitForBit(Backbone.Kind kind, boolean wovr) {
    WorldModel model = model(config(kind, 3, wovr));
    float[] whole = Torch.floats(predicted(model).detach());
    float[] freed = Torch.floats(Torch.noGrad(() -> predicted(model)));
    assertArrayEquals(whole, freed);
  }

  @ParameterizedTest
  @CsvSource({"UNET, 0.75", "TRANSFORMER, 0.25"})
  void whatIsLeftIsAFewBlocksOfAllOfThem(Backbone.Kind kind, double share) {
    WorldModel.Config config = config(kind, 12, false);
    WorldModel model = model(config);
    Shapes.OfWorldModel counted = Shapes.worldModel(config, 4, 2, 2, 8, 12, 12);
    double all = 4.0 * BATCH * (counted.given().numbers() + counted.predicted().numbers());
    double[] left = new double[7]; // the JVM takes memory now and then, and gives it back
    for (int i = 0; i < left.length; i++) {
      try (var _ = new PointerScope();
          var _ = new NoGradGuard()) {
        double before = NativeMemory.inUse();
        Tensor _ = predicted(model);
        left[i] = NativeMemory.inUse() - before;
      }
    }
    Arrays.sort(left);
    double median = left[left.length / 2];
    assertTrue(median < share * all, "%s of %s bytes".formatted(median, all));
    double drawn = 4.0 * BATCH * counted.drawn();
    assertTrue(median < drawn && drawn < 2 * share * all, drawn + " bytes are counted");
  }

  @ParameterizedTest
  @CsvSource({"UNET, false", "TRANSFORMER, true"})
  void aFewRolloutsAtATimeAreDrawnAsAllTogether(Backbone.Kind kind, boolean wovr) {
    WorldModel.Config config = config(kind, 2, wovr);
    WorldModel model = model(config);
    Context past = data.context(windows, model.memory());
    Course course = data.course(windows, model.memory());
    var sample =
        new FlowSample(
            config, new RectifiedFlow(config.target(), config.times(), config.pureNoise()));
    var draw =
        new FlowSample.Draw(
            Waves.of(2, BATCH, 4, 8, 12, 12), Waves.of(3, Torch.shape(past.frames())));
    float[] together = Torch.floats(Torch.noGrad(() -> sample.of(model, past, course, draw)));
    float[] apart = Torch.floats(Torch.noGrad(() -> sample.of(model, past, course, draw, 3)));
    assertArrayEquals(together, apart, 1e-5f);
    assertEquals(BATCH * 4 * 8 * 144, apart.length);
  }

  @Test
  void aGraphOfOnesOwnToo() throws IOException {
    WorldModel.Config config = WorldModel.Config.DEFAULT;
    WorldModel model = OwnGraphs.worldModel(config);
    Context past = data.context(windows, model.memory());
    Course course = data.course(windows, model.memory());
    var sample =
        new FlowSample(
            config, new RectifiedFlow(config.target(), config.times(), config.pureNoise()));
    Tensor z = Waves.of(2, BATCH, 4, 8, 12, 12);
    var draw = new FlowSample.Draw(z, Waves.of(3, Torch.shape(past.frames())));
    float[] together = Torch.floats(Torch.noGrad(() -> sample.of(model, past, course, draw, 4)));
    float[] apart = Torch.floats(Torch.noGrad(() -> sample.of(model, past, course, draw, 1)));
    assertArrayEquals(together, apart, 1e-5f);
    long beside = sample.beside(model, course, z);
    double numbers = ((GraphBackbone) model.backbone()).counted().drawn();
    assertEquals((long) (4.0 * (1L << 30) / Float.BYTES / numbers), beside);
    assertTrue(beside > BATCH, "a small one draws all that fit: " + beside);
    model.close();
  }

  @Test
  void ofALargeGraphOfOnesOwnAFewAreDrawnAtATime() {
    Pass half = Pass.numbers(1 << 27); // of 4 bytes each
    assertEquals(4, Shapes.OfWorldModel.whole(1, half, half).beside());
  }

  @ParameterizedTest
  @CsvSource({"64, 256", "1152, 4"})
  void aLargeNetworkDrawsAFewAtATimeAndASmallOneAllThatFit(int width, long most) {
    WorldModel.Config config =
        ShapesConfigs.of(
            Backbone.Kind.TRANSFORMER, width, width == 64 ? 2 : 28, 4, false, false, false, false);
    int edge = width == 64 ? 16 : 64;
    long beside = Shapes.worldModel(config, 8, 7, 7, 8, edge, edge).beside();
    assertTrue(width == 64 ? beside >= most : beside <= most && beside >= 1, beside + " at a time");
  }
}
