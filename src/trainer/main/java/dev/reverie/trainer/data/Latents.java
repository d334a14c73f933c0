package dev.reverie.trainer.data;

import static org.bytedeco.pytorch.global.torch.ScalarType.Float;

import dev.reverie.trainer.nn.Torch;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The latents of the frames of N episodes as if they were one tensor [N, T+1, C, h, w]: after an
 * episode's end its last one stands still. Each is kept once, so that a short episode takes what it
 * has; what is asked for is given in 32 bits, whatever it is kept in.
 *
 * @param kept all of them, one episode after the other [R, C, h, w]
 * @param first row of each episode's first [N], int64
 * @param count of each episode's [N], int64
 * @param length T+1
 */
public record Latents(Tensor kept, Tensor first, Tensor count, int length) {
  /**
   * The latents of frames that are kept themselves.
   *
   * @param kept of {@link FrameTable#kept}, in their order
   */
  public static Latents of(FrameTable frames, Tensor kept) {
    long[] counts = frames.lengths();
    long[] first = new long[counts.length];
    for (int n = 1; n < counts.length; n++) {
      first[n] = first[n - 1] + counts[n - 1];
    }
    return new Latents(
        kept, Torch.of(first, first.length), Torch.of(counts, counts.length), frames.length());
  }

  /** Returns those of episodes of one length, [N, T+1, C, h, w]. */
  static Latents of(Tensor padded) {
    long episodes = padded.size(0);
    int length = (int) padded.size(1);
    Tensor numbers = Torch.range(0, episodes);
    return new Latents(
        padded.flatten(0, 1),
        numbers.mul(new Scalar((long) length)),
        numbers.mul(new Scalar(0L)).add(new Scalar((long) length)),
        length);
  }

  /**
   * Gathers latents by the flat positions of their frames.
   *
   * @param at flat positions n * (T+1) + t, any shape
   * @return float, [..., C, h, w]
   */
  public Tensor rows(Tensor at) {
    Tensor flat = at.flatten();
    Tensor episode = torch.floor_divide(flat, new Scalar((long) length));
    Tensor step = flat.sub(episode.mul(new Scalar((long) length)));
    Tensor last = count.index_select(0, episode).sub(new Scalar(1L));
    Tensor row = first.index_select(0, episode).add(torch.minimum(step, last));
    long[] of = Torch.shape(kept);
    long[] shape = new long[(int) at.dim() + of.length - 1];
    for (int i = 0; i < at.dim(); i++) {
      shape[i] = at.size(i);
    }
    System.arraycopy(of, 1, shape, (int) at.dim(), of.length - 1);
    return kept.index_select(0, row).to(Float).view(shape);
  }

  /** Returns those of consecutive episodes; nothing is copied. */
  public Latents range(int from, int episodes) {
    return new Latents(
        kept, first.narrow(0, from, episodes), count.narrow(0, from, episodes), length);
  }

  /** Returns those of the episodes at these places; nothing is copied. */
  public Latents subset(Tensor at) {
    return new Latents(kept, first.index_select(0, at), count.index_select(0, at), length);
  }

  /** Lets them outlive the scope that they were made in, until they are closed. */
  public Latents keep() {
    List.of(kept, first, count).forEach(Torch::keep);
    return this;
  }

  /** Frees what was kept. */
  public void close() {
    List.of(kept, first, count).forEach(Tensor::close);
  }
}
