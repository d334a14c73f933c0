package dev.reverie.trainer.model;

import dev.reverie.trainer.nn.Torch;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * The last frames of films that are shown a chunk after the other, from their beginning on.
 *
 * <p>Frames are [n, F, 3, H, W].
 */
final class EarlierFrames implements AutoCloseable {
  private final int count;
  private Optional<Tensor> last = Optional.empty();

  /**
   * Has seen nothing yet.
   *
   * @param count frames that are kept
   */
  EarlierFrames(int count) {
    this.count = count;
  }

  /**
   * The frames before a chunk. Before the first chunk, whose own stand in, nothing was shown.
   *
   * @param step before the chunk
   */
  Tensor before(int step, Tensor frames) {
    if (step == 0) {
      close();
    }
    return last.orElseGet(() -> standing(frames));
  }

  private Tensor standing(Tensor frames) {
    long[] shape = Torch.shape(frames);
    shape[1] = count;
    return frames.narrow(1, 0, Math.min(1, count)).expand(shape);
  }

  /** Keeps the last frames of a chunk and of those before it. */
  void shown(Tensor before, Tensor frames) {
    if (count == 0) {
      return;
    }
    Tensor all = Torch.cat(1, before, frames);
    Tensor kept = Torch.keep(all.narrow(1, all.size(1) - count, count).clone());
    close();
    last = Optional.of(kept);
  }

  @Override
  public void close() {
    last.ifPresent(Tensor::close);
    last = Optional.empty();
  }
}
