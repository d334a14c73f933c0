package dev.reverie.trainer.model;

import static org.bytedeco.pytorch.global.torch.ScalarType.Byte;

import dev.reverie.trainer.data.Context;
import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.nn.Compute;
import dev.reverie.trainer.nn.Slices;
import dev.reverie.trainer.nn.Torch;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Recorded actions carried out in the world model from the first real frame on, open loop. Episodes
 * are played some at a time, and nobody holds all of their frames.
 */
public final class OpenLoopReplay {
  /** Episodes that are played side by side at most. */
  private static final int SLICE = 256;

  /** Bytes of a chunk's frames of all of them at most. */
  private static final long SLICE_BYTES = 64L << 20;

  private OpenLoopReplay() {}

  /** Looks at the frames of episodes. */
  @FunctionalInterface
  public interface Viewer {
    /**
     * Is shown the frames of a chunk.
     *
     * @param begin the first of the episodes
     * @param step before the first of the frames
     * @param frames of n episodes [n, K, 3, H, W], uint8
     */
    void see(long begin, int step, Tensor frames);
  }

  /** Looks at what is imagined. */
  @FunctionalInterface
  interface Listener {
    /**
     * Is told of a chunk.
     *
     * @param begin the first of the episodes
     * @param step before the first of the frames
     * @param past of n episodes before the chunk
     * @param actions [n, K, D]
     * @param latents of the frames after them [n, K, C, h, w]
     */
    void hear(long begin, int step, Context past, Tensor actions, Tensor latents);
  }

  /** Shows what the world model makes of each episode's actions, chunk after chunk. */
  public static void play(
      Transitions episodes, FrameVae vae, WorldModel worldModel, Viewer viewer) {
    imagine(
        episodes,
        worldModel,
        (begin, step, _, _, z) -> viewer.see(begin, step, Compute.onCpu(vae.decodeAll(z))));
  }

  /** The same without pictures. */
  static void imagine(Transitions episodes, WorldModel worldModel, Listener listener) {
    Dataset data = episodes.data();
    int k = episodes.stride();
    Slices.of(
        data.episodes(),
        slice(episodes),
        (begin, length) -> {
          Tensor beginnings = Torch.range(begin, length);
          Context past =
              episodes.context(
                  Torch.stack(1, beginnings, beginnings.mul(new Scalar(0L))), worldModel.memory());
          past.tensors().forEach(Torch::keep);
          for (int t = 0; t + k <= data.horizon(); t += k) {
            try (var _ = new PointerScope()) {
              Tensor actions =
                  Compute.onDevice(data.actions().narrow(0, begin, length).narrow(1, t, k));
              Tensor z = worldModel.play(past, actions);
              listener.hear(begin, t, past, actions, z);
              Context next = worldModel.after(past, z, actions);
              next.tensors().forEach(Torch::keep);
              past.tensors().forEach(Tensor::close);
              past = next;
            }
          }
          past.tensors().forEach(Tensor::close);
        });
  }

  /** Shows what the cameras saw in each episode, in the same order. */
  public static void recorded(Transitions episodes, Viewer viewer) {
    Dataset data = episodes.data();
    int k = episodes.stride();
    Slices.of(
        data.episodes(),
        slice(episodes),
        (begin, length) -> {
          for (int t = 0; t + k <= data.horizon(); t += k) {
            try (var _ = new PointerScope()) {
              viewer.see(begin, t, frames(data, Torch.range(begin, length), t, k));
            }
          }
        });
  }

  /**
   * The frames of a few episodes' replay.
   *
   * @return [N, T+1, 3, H, W], uint8; the first one real
   */
  public static Tensor of(Transitions episodes, FrameVae vae, WorldModel worldModel) {
    Dataset data = episodes.data();
    int height = data.frames().height();
    int width = data.frames().width();
    Tensor all =
        Torch.keep(Torch.zeros(Byte, data.episodes(), data.horizon() + 1L, 3, height, width));
    Torch.noGrad(() -> all.select(1, 0).copy_(data.frames().at(0)));
    play(
        episodes,
        vae,
        worldModel,
        (begin, step, frames) ->
            all.narrow(0, begin, frames.size(0))
                .narrow(1, step + 1L, frames.size(1))
                .copy_(frames));
    return all;
  }

  /**
   * Peak signal-to-noise ratio of the replay by depth, over the episodes that go on at that frame.
   *
   * @return frame number to dB
   */
  public static SequencedMap<Integer, Double> psnr(
      Transitions episodes, FrameVae vae, WorldModel worldModel, int... depths) {
    Map<Integer, SquaredError> errors = new LinkedHashMap<>();
    Dataset data = episodes.data();
    play(
        episodes,
        vae,
        worldModel,
        (begin, step, frames) -> {
          for (int depth : depths) {
            if (depth > step && depth <= step + frames.size(1)) {
              Tensor steps = data.steps().narrow(0, begin, frames.size(0));
              Tensor alive = Torch.positions(steps.ge(new Scalar((long) depth)));
              if (alive.numel() == 0) {
                continue; // none of these goes on for so long
              }
              Tensor imagined = frames.select(1, depth - step - 1L).index_select(0, alive);
              Tensor real = frames(data, alive.add(new Scalar(begin)), depth - 1, 1).squeeze(1);
              errors.merge(depth, SquaredError.of(real, imagined), SquaredError::plus);
            }
          }
        });
    SequencedMap<Integer, Double> result = new LinkedHashMap<>();
    for (int depth : depths) {
      SquaredError error = errors.getOrDefault(depth, SquaredError.NONE);
      if (error.pixels > 0) {
        result.put(depth, -10 * Math.log10(error.sum / error.pixels));
      }
    }
    return result;
  }

  /** Sum of squared errors, where black to white is 1. */
  private record SquaredError(double sum, long pixels) {
    static final SquaredError NONE = new SquaredError(0, 0);

    static SquaredError of(Tensor real, Tensor imagined) {
      Tensor apart = Dataset.normalised(real).sub(Dataset.normalised(imagined));
      return new SquaredError(Torch.times(apart, 0.5).square().sum().item_double(), real.numel());
    }

    SquaredError plus(SquaredError other) {
      return new SquaredError(sum + other.sum, pixels + other.pixels);
    }
  }

  /**
   * The frames after a step of these episodes [n, count, 3, H, W].
   *
   * @param episodes [n], int64
   */
  private static Tensor frames(Dataset data, Tensor episodes, int step, long count) {
    Tensor first = episodes.mul(new Scalar(data.horizon() + 1L));
    return data.frames().rows(first.unsqueeze(1).add(Torch.range(step + 1L, count).unsqueeze(0)));
  }

  private static long slice(Transitions episodes) {
    long pixels = (long) episodes.data().frames().height() * episodes.data().frames().width();
    return slice(pixels, episodes.stride());
  }

  /**
   * Episodes that are played side by side.
   *
   * @param pixels of a frame
   * @param chunk frames of a chunk
   */
  public static int slice(long pixels, int chunk) {
    return Math.clamp(SLICE_BYTES / (3 * pixels * chunk), 1, SLICE);
  }
}
