package dev.reverie.trainer.model;

import static dev.reverie.trainer.model.RewardClassifier.Target.SUCCESS;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.reverie.trainer.data.Examples;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.nn.LibtorchTest;
import dev.reverie.trainer.nn.Share;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainLoop;
import java.nio.file.Path;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RewardClipsTest extends LibtorchTest {
  private final Transitions episodes = Examples.transitions(4);
  private final WorldModel worldModel = new WorldModel(WorldModel.Config.DEFAULT, 4, 2, 8);
  private final FrameVae vae = new FrameVae(FrameVae.Config.DEFAULT, Examples.canvas());

  @Test
  void clipsAreMadeAsNeededWhereTrainingDrawsFewerThanThereAre(@TempDir Path folder) {
    TrainLoop loop = new TrainLoop(folder, 1, "clips");
    Tensor windows = episodes.windows();
    long count = windows.size(0);
    RewardClips stored = RewardClips.of(episodes, windows, worldModel, vae, SUCCESS, count, loop);
    RewardClips asNeeded =
        RewardClips.of(episodes, windows, worldModel, vae, SUCCESS, count - 1, loop);
    assertEquals(RewardClips.Imagined.Stored.class, stored.imagined().getClass());
    assertEquals(RewardClips.Imagined.AsNeeded.class, asNeeded.imagined().getClass());

    Tensor at = Torch.of(new long[] {0, 7, 3}, 3);
    Share all = Share.whole(3);
    Tensor none = Torch.zeros(ScalarType.Bool, 3);
    byte[] recorded = Torch.bytes(stored.pixels(at, none, all.among(none)));
    assertArrayEquals(recorded, Torch.bytes(asNeeded.pixels(at, none, all.among(none))));
    Tensor one = Torch.of(new long[] {0, 1, 0}, 3).to(ScalarType.Bool);
    byte[] mixed = Torch.bytes(asNeeded.pixels(at, one, all.among(one)));
    int clip = mixed.length / 3;
    for (int i = 0; i < 3; i++) {
      byte[] is = Arrays.copyOfRange(mixed, i * clip, (i + 1) * clip);
      byte[] was = Arrays.copyOfRange(recorded, i * clip, (i + 1) * clip);
      if (i == 1) {
        assertNotEquals(Arrays.hashCode(was), Arrays.hashCode(is), "this one is imagined");
      } else {
        assertArrayEquals(was, is);
      }
    }
    Torch.seed(1, "again");
    byte[] first = Torch.bytes(asNeeded.pixels(at, one, all.among(one)));
    Torch.seed(1, "again");
    assertArrayEquals(
        first,
        Torch.bytes(asNeeded.pixels(at, one, all.among(one))),
        "a resumed run goes on alike");
    stored.close();
    asNeeded.close();
  }
}
