package dev.reverie.trainer.model;

import static org.bytedeco.pytorch.global.torch.ScalarType.Float;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.Examples;
import dev.reverie.trainer.data.Latents;
import dev.reverie.trainer.nn.LibtorchTest;
import dev.reverie.trainer.nn.Precision;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainLoop;
import java.nio.file.Path;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Latents of recorded frames: of 8 steps and of 6, where the success came. */
class LatentsTest extends LibtorchTest {
  private static final int LENGTH = 9;

  private final Dataset data = Examples.episodes("e", 4);
  private final TrainLoop loop;

  LatentsTest(@TempDir Path folder) {
    loop = new TrainLoop(folder, 1, "of the test");
  }

  @Test
  void aShortEpisodeTakesWhatItHasAndStandsStillAfterItsEnd() {
    FrameVae vae = vae(Precision.FLOAT32);
    Latents latents = vae.encodeAll(data, loop);
    assertEquals(7 + 9 + 7 + 9, latents.kept().size(0));
    assertEquals(LENGTH, latents.length());
    Tensor everywhere = Torch.range(0, 4 * LENGTH).view(4, LENGTH);
    Tensor padded = vae.encode(data.images(everywhere.flatten())).view(4, LENGTH, 8, 12, 12);
    near(padded, latents.rows(everywhere), 1e-5);
    assertArrayEquals(
        Torch.floats(latents.rows(Torch.of(new long[] {6}, 1))),
        Torch.floats(latents.rows(Torch.of(new long[] {8}, 1))));
  }

  @Test
  void someOfTheEpisodesAreTheSameMemory() {
    Latents latents = vae(Precision.FLOAT32).encodeAll(data, loop);
    Tensor third = latents.rows(Torch.range(2 * LENGTH, LENGTH));
    near(third, latents.range(2, 2).rows(Torch.range(0, LENGTH)), 0);
    Latents chosen = latents.subset(Torch.of(new long[] {3, 2}, 2));
    near(third, chosen.rows(Torch.range(LENGTH, LENGTH)), 0);
    assertEquals(Torch.memory(latents.kept()).address(), Torch.memory(chosen.kept()).address());
  }

  @Test
  void sixteenBitsAreHalfAsManyAndGiveNearlyTheSame() {
    Latents whole = vae(Precision.FLOAT32).encodeAll(data, loop);
    Tensor everywhere = Torch.range(0, 4L * LENGTH);
    for (Precision precision : new Precision[] {Precision.BFLOAT16, Precision.FLOAT16}) {
      Latents half = vae(precision).encodeAll(data, loop);
      assertEquals(2, half.kept().element_size());
      Tensor given = half.rows(everywhere);
      assertEquals(Float, given.scalar_type().intern());
      near(whole.rows(everywhere), given, precision == Precision.FLOAT16 ? 1e-3 : 8e-3);
    }
  }

  @Test
  void stagesThatLearnFromThemSayHowManyBitsTheyHave() {
    TrainLoop of16 = config(Precision.BFLOAT16).in(loop);
    assertEquals(loop, config(Precision.FLOAT32).in(loop), "as in files from before");
    assertNotEquals(loop.inputs(), of16.inputs());
    assertEquals(
        config(Precision.FLOAT32).toString(),
        config(Precision.BFLOAT16).toString(),
        "the auto-encoder is the same");
  }

  private static FrameVae vae(Precision precision) {
    Torch.seed(1, "vae");
    return new FrameVae(config(precision), Examples.canvas());
  }

  private static FrameVae.Config config(Precision precision) {
    FrameVae.Config usual = FrameVae.Config.DEFAULT;
    return new FrameVae.Config(
        usual.channels(),
        usual.steps(),
        usual.batch(),
        usual.learningRate(),
        usual.weightDecay(),
        usual.clip(),
        usual.squaredWeight(),
        usual.divergenceWeight(),
        precision);
  }

  /** At most a share of the largest number apart. */
  private static void near(Tensor expected, Tensor actual, double share) {
    assertArrayEquals(Torch.shape(expected), Torch.shape(actual));
    double apart = torch.max(expected.sub(actual).abs()).item_double();
    double largest = torch.max(expected.abs()).item_double();
    assertTrue(apart <= share * largest, apart + " of " + largest);
  }
}
