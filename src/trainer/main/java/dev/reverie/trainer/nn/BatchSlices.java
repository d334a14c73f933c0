package dev.reverie.trainer.nn;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * Adds up the gradients of a batch in slices (gradient accumulation), so that a batch need not fit
 * into memory at once ({@link Compute#slice}).
 *
 * <p>An objective is asked once for each slice of this rank's rows. Every time it begins with the
 * same random numbers, so it draws the same batch, and {@link Ranks#share} gives it the rows of the
 * slice alone. Used by one thread at a time.
 */
final class BatchSlices {
  private static boolean slicing;
  private static long number; // of the slice that is computed
  private static long count;

  private BatchSlices() {}

  /** Adds the gradients of a batch to those of the parameters; returns this rank's part of it. */
  static double gradients(TrainLoop.Objective objective, Metrics metrics) {
    if (Compute.isWhole()) {
      return ofSlice(objective, metrics);
    }
    slicing = true;
    try (var _ = new PointerScope()) {
      Tensor beginning = Torch.randomState();
      double sum = 0;
      number = 0;
      count = 1; // as many as the objective's share of the batch has
      do {
        Torch.restoreRandomState(beginning);
        try (var _ = new PointerScope()) {
          sum += ofSlice(objective, metrics);
        }
        number++;
      } while (number < count);
      return sum;
    } finally {
      slicing = false;
    }
  }

  private static double ofSlice(TrainLoop.Objective objective, Metrics metrics) {
    Recompute.forget();
    Tensor loss = objective.loss(metrics);
    Recompute.backward(loss);
    return loss.item_double();
  }

  /** The rows of the slice that is computed, of a rank's share; all of it where there is none. */
  static Share of(Share share) {
    if (!slicing) {
      return share;
    }
    count = Compute.slices(share.count());
    return share.slice(number, count);
  }
}
