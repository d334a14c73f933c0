package dev.reverie.trainer.imagination;

import dev.reverie.trainer.nn.Torch;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The parts that the mini-batches of an iteration's updates are made of. */
public enum MiniBatchOf {
  /** Chunks of any rollouts, as in WoVR's code. */
  CHUNKS {
    @Override
    List<Tensor> draw(Tensor rollout, int size) {
      Tensor order = torch.randperm(rollout.size(0));
      return split(
          order.size(0),
          size,
          begin -> order.narrow(0, begin, Math.min(size, order.size(0) - begin)));
    }

    @Override
    double total(Tensor weights) {
      return weights.size(0);
    }
  },
  /** All chunks of some rollouts, as in WMPO, where 128 of 512 make an update. */
  ROLLOUTS {
    @Override
    List<Tensor> draw(Tensor rollout, int size) {
      Tensor there = Torch.greater(rollout.bincount(), 0).to(torch.ScalarType.Long);
      Tensor number = there.cumsum(0).sub(new Scalar(1L)).index_select(0, rollout); // [M], 0..R-1
      long rollouts = there.sum().item_long();
      Tensor turn = torch.randperm(rollouts).index_select(0, number); // of each chunk's rollout
      return split(
          rollouts,
          size,
          begin ->
              Torch.positions(
                  turn.ge(new Scalar(begin)).bitwise_and(turn.lt(new Scalar(begin + size)))));
    }

    @Override
    double total(Tensor weights) {
      return weights.sum().item_double();
    }
  };

  /**
   * Draws the mini-batches of one pass over some chunks; a last one that is too small for a
   * gradient as good as the others is left out.
   *
   * @param rollout that each chunk belongs to [M], int64
   * @param size chunks or rollouts in each
   * @return places of the chunks of each
   */
  abstract List<Tensor> draw(Tensor rollout, int size);

  /**
   * Returns what a mini-batch's sum is divided by: its chunks, or what its rollouts weigh together.
   *
   * @param weights of its chunks
   */
  abstract double total(Tensor weights);

  private static List<Tensor> split(long count, int size, LongFunction<Tensor> from) {
    List<Tensor> parts = new ArrayList<>();
    for (long begin = 0; begin < count; begin += size) {
      if (Math.min(size, count - begin) >= size / 4 || count <= size) {
        parts.add(from.apply(begin));
      }
    }
    return parts;
  }
}
