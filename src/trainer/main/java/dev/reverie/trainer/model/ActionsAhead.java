package dev.reverie.trainer.model;

import static org.bytedeco.pytorch.global.torch.ScalarType.Float;
import static org.bytedeco.pytorch.global.torch.ScalarType.Long;

import dev.reverie.policy.ChunkLayout;
import dev.reverie.trainer.nn.Compute;
import dev.reverie.trainer.nn.Torch;
import org.bytedeco.pytorch.Tensor;

/**
 * Actions that are carried out before those of a chunk are, of which a graph with an action prefix
 * is told (real-time chunking, arXiv 2506.07339).
 *
 * @param actions from the one after the observation on, in [-1, 1] [B, n, D]; n may be 0
 * @param count of each that are so many [B], int64 in 0..n; what lies behind does not count
 */
public record ActionsAhead(Tensor actions, Tensor count) {
  /** None of B. */
  public static ActionsAhead none(long batch) {
    return new ActionsAhead(
        Compute.onDevice(Torch.zeros(Float, batch, 0, 1)),
        Compute.onDevice(Torch.zeros(Long, batch)));
  }

  /** The graph's chunk of them, 0 beside and behind them, [B, K', D']. */
  Tensor chunk(ChunkLayout layout) {
    long batch = actions.size(0);
    Tensor whole = Compute.onDevice(Torch.full(0, batch, layout.rows(), layout.width()));
    long most = actions.size(1);
    if (most > 0) {
      Tensor counts =
          Compute.onDevice(Torch.range(0, most)).unsqueeze(0).lt(count.unsqueeze(1)).unsqueeze(2);
      whole
          .narrow(1, layout.skip(), most)
          .narrow(2, 0, layout.dimensions())
          .copy_(new ChunkTensors(layout).values(actions).mul(counts));
    }
    return whole;
  }
}
