package dev.reverie.trainer.imagination;

import dev.reverie.trainer.nn.Compute;
import dev.reverie.trainer.nn.Ranks;
import dev.reverie.trainer.nn.Share;
import dev.reverie.trainer.nn.Torch;
import org.bytedeco.pytorch.Tensor;

/**
 * The rollouts that go on, of all ranks. Where none of this rank's goes on while others do, its
 * first stands in for them and does not count, so that the random numbers stay those of all.
 *
 * @param begun this rank's share of the rollouts that were begun
 * @param mask which of all go on [B], bool
 * @param own this rank's share of those
 */
record Going(Share begun, Tensor mask, Share own) {
  static Going of(Share begun, Tensor mask) {
    return new Going(begun, mask, begun.among(mask));
  }

  /** Returns whether a rollout of this rank goes on. */
  boolean here() {
    return own.count() > 0;
  }

  /** Returns which of this rank's rollouts go on, [A], int64; the first where none does. */
  Tensor at() {
    return here() ? Torch.positions(begun.of(mask)) : Compute.onDevice(Torch.range(0, 1));
  }

  /** This rank's share of those that go on, with the one that stands in for them. */
  Share share() {
    return here() ? own : new Share(own.all(), 0, Math.min(1, own.all()));
  }

  /**
   * Returns those that still go on.
   *
   * @param here which of this rank's would, those that had ended included, bool
   */
  Going next(Tensor here) {
    return of(begun, ofAll(begun.of(mask).bitwise_and(here)));
  }

  /** The values of all ranks' rollouts, of those of this rank's. */
  Tensor ofAll(Tensor here) {
    return begun.count() == begun.all()
        ? here.clone()
        : Compute.onDevice(
            Ranks.world()
                .together(
                    Compute.onCpu(here), Torch.range(begun.first(), begun.count()), begun.all()));
  }
}
