package dev.reverie.trainer.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.policy.BundleSpec;
import dev.reverie.testing.Refusal;
import dev.reverie.trainer.nn.LibtorchTest;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainerException;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CanvasTest extends LibtorchTest {
  @Test
  void oneViewIsTheWholeAndSeveralLieSoThatLittleIsLeftOver() {
    Canvas one = Examples.canvas();
    assertTrue(one.isOneView());
    assertEquals(new Canvas.View("camera", 0, 0, 48, 48), one.views().getFirst());
    Canvas beside = Canvas.of(Examples.TWO_CAMERAS);
    assertFalse(beside.isOneView());
    assertEquals(72 * 48, beside.pixels());
    assertEquals(new Canvas.View("side", 48, 0, 24, 32), beside.views().getLast());
    Canvas below =
        Canvas.of(
            List.of(
                new BundleSpec.Camera("wide", 256, 32), new BundleSpec.Camera("wider", 256, 64)));
    assertEquals(List.of(256, 96), List.of(below.width(), below.height()));
    assertEquals(new Canvas.View("wider", 0, 32, 256, 64), below.views().getLast());
  }

  @Test
  void viewsComeBackAsTheyWerePutIn() {
    Canvas canvas = Canvas.of(Examples.TWO_CAMERAS);
    List<Tensor> parts = List.of(Waves.of(1, 2, 3, 12, 12), Waves.of(2, 2, 3, 8, 6));
    Tensor whole = canvas.joined(parts, 4, -1);
    assertArrayEquals(new long[] {2, 3, 12, 18}, Torch.shape(whole));
    for (int i = 0; i < 2; i++) {
      Tensor back = canvas.views().get(i).dividedBy(4).of(whole);
      assertArrayEquals(Torch.floats(parts.get(i)), Torch.floats(back));
    }
    assertEquals(-1, whole.select(0, 0).select(0, 0).select(0, 11).select(0, 17).item_double());
  }

  @Test
  void sizesThatTheNetworksCannotTakeAreRefusedWithTheCamera() {
    for (int side : new int[] {44, 264}) {
      Refusal.of(
          TrainerException.class,
          () ->
              Canvas.of(
                  List.of(
                      new BundleSpec.Camera("good", 256, 256),
                      new BundleSpec.Camera("top", 64, side))),
          "camera 'top' is 64x" + side,
          "multiples of 8 pixels, up to 256");
    }
  }

  @Test
  void allCamerasOfABagAreDecodedIntoTheirPlaces(@TempDir Path folder) {
    BundleSpec spec = Examples.spec(Examples.TWO_CAMERAS);
    Canvas canvas = Canvas.of(spec.cameras());
    Dataset data = Examples.episodes("e", 2, "", canvas);
    Bags.write(folder.resolve("bags"), data, spec.jointNames(), 4, "", canvas);
    Dataset read = read(folder, spec);
    byte[] expected = Torch.bytes(data.frames().all());
    assertArrayEquals(expected, Torch.bytes(read.frames().all()));
    Canvas.View side = canvas.views().getLast();
    assertEquals(24 * 32 * 3, read.spreadPictures(side, 3).getFirst().length);
    byte[] first = Torch.bytes(side.of(data.frames().at(0).select(0, 0)).permute(1, 2, 0));
    assertArrayEquals(first, read.spreadPictures(side, 3).getFirst());

    BundleSpec other = Examples.spec(List.of(Examples.TWO_CAMERAS.getLast()));
    Dataset alone = read(folder, other);
    assertArrayEquals(Torch.bytes(side.of(data.frames().all())), Torch.bytes(alone.frames().all()));
  }

  private static Dataset read(Path folder, BundleSpec spec) {
    EpisodeCache cache =
        new EpisodeCache(
            new EpisodeCache.Config(folder.resolve("cache"), true),
            EpisodeDecoder.of(spec),
            _ -> {});
    return Recordings.open(List.of(folder.resolve("bags")), cache, () -> false)
        .data(spec)
        .getFirst()
        .data();
  }
}
