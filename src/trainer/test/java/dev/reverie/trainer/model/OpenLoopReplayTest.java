package dev.reverie.trainer.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.Examples;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.data.Waves;
import dev.reverie.trainer.nn.LibtorchTest;
import dev.reverie.trainer.nn.Torch;
import java.util.List;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class OpenLoopReplayTest extends LibtorchTest {
  private final Transitions episodes = Examples.transitions(3);
  private final FrameVae vae = new FrameVae(FrameVae.Config.DEFAULT, Examples.canvas());
  private final WorldModel worldModel = new WorldModel(WorldModel.Config.DEFAULT, 4, 2, 8);

  @Test
  void recordedFramesAreShownOnceEach() {
    Tensor real = episodes.data().frames().all();
    Tensor seen = real.mul(new Scalar(0L));
    OpenLoopReplay.recorded(
        episodes,
        (begin, step, frames) ->
            seen.narrow(0, begin, frames.size(0))
                .narrow(1, step + 1L, frames.size(1))
                .add_(frames));
    long shown = real.size(1) - 1;
    assertArrayEquals(Torch.bytes(real.narrow(1, 1, shown)), Torch.bytes(seen.narrow(1, 1, shown)));
  }

  @Test
  void theErrorByDepthIsThatOfTheFilmOverTheEpisodesThatGoOn() {
    Waves.fill(worldModel);
    Torch.seed(1, "replay");
    Tensor film = OpenLoopReplay.of(episodes, vae, worldModel);
    Torch.seed(1, "replay");
    SequencedMap<Integer, Double> psnr =
        OpenLoopReplay.psnr(episodes, vae, worldModel, 1, 6, 8, 100);
    assertEquals(List.of(1, 6, 8), List.copyOf(psnr.keySet()));
    psnr.forEach(
        (depth, found) -> {
          Tensor alive = Torch.positions(episodes.data().steps().ge(new Scalar(depth.longValue())));
          Tensor real = episodes.data().frames().at(depth).index_select(0, alive);
          Tensor imagined = film.select(1, depth).index_select(0, alive);
          double expected = FrameVae.psnr(Dataset.normalised(real), Dataset.normalised(imagined));
          assertEquals(expected, found, 1e-4);
        });
  }

  @Test
  void aDepthThatNoneOfTheEpisodesReachesIsLeftOut() {
    Tensor shorter = Torch.positions(episodes.data().steps().lt(new Scalar(8L)));
    var some =
        new Transitions(
            episodes.data().subset(shorter),
            episodes.latents().subset(shorter),
            episodes.horizon());
    assertEquals(8, some.data().horizon(), "as long as all of them");
    assertEquals(
        List.of(1, 6), List.copyOf(OpenLoopReplay.psnr(some, vae, worldModel, 1, 6, 8).keySet()));
  }

  @Test
  void fewEpisodesOfLargePicturesArePlayedSideBySide() {
    assertEquals(256, OpenLoopReplay.slice(48 * 48, 4));
    assertEquals(27, OpenLoopReplay.slice(2 * 224 * 224, 8));
    assertEquals(1, OpenLoopReplay.slice(4096 * 4096, 8));
  }
}
