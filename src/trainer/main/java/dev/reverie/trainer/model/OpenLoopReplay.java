package dev.reverie.trainer.model;

import static org.bytedeco.pytorch.global.torch.ScalarType.Byte;

import dev.reverie.trainer.data.Context;
import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.nn.Torch;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** Recorded actions carried out in the world model from the first real frame on, open loop. */
public final class OpenLoopReplay {
  private OpenLoopReplay() {}

  /**
   * Plays the recorded actions of each episode in the world model.
   *
   * @return frames [N, T+1, 3, H, W], uint8; the first one real
   */
  public static Tensor of(Transitions episodes, FrameVae vae, WorldModel worldModel) {
    Dataset data = episodes.data();
    Tensor frames =
        Torch.keep(
            Torch.zeros(
                Byte,
                data.episodes(),
                data.horizon() + 1L,
                3,
                data.frames().height(),
                data.frames().width()));
    int k = episodes.stride();
    Torch.noGrad(
        () -> {
          frames.select(1, 0).copy_(data.frames().at(0));
          Tensor beginnings = Torch.range(0, data.episodes());
          Context past =
              episodes.context(
                  Torch.stack(1, beginnings, beginnings.mul(new Scalar(0L))), worldModel.memory());
          for (int t = 0; t + k <= data.horizon(); t += k) {
            Tensor actions = data.actions().narrow(1, t, k);
            Tensor z = worldModel.play(past, actions);
            frames.narrow(1, t + 1L, k).copy_(vae.decodeAll(z));
            past = past.after(z, actions);
          }
        });
    return frames;
  }

  /**
   * Peak signal-to-noise ratio of a replay by depth, over the episodes that go on at that frame.
   *
   * @return frame number to dB
   */
  public static SequencedMap<Integer, Double> psnr(Dataset data, Tensor replayed, int... depths) {
    SequencedMap<Integer, Double> result = new LinkedHashMap<>();
    for (int depth : depths) {
      try (var _ = new PointerScope()) {
        if (depth > data.horizon()) {
          continue;
        }
        Tensor alive = Torch.positions(data.steps().ge(new Scalar((long) depth)));
        if (alive.size(0) == 0) {
          continue;
        }
        Tensor real = data.frames().at(depth).index_select(0, alive);
        Tensor imagined = replayed.select(1, depth).index_select(0, alive);
        result.put(depth, FrameVae.psnr(Dataset.normalised(real), Dataset.normalised(imagined)));
      }
    }
    return result;
  }
}
