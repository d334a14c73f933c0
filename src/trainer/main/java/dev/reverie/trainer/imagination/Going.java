package dev.reverie.trainer.imagination;

import static org.bytedeco.pytorch.global.torch.ScalarType.Float;

import dev.reverie.trainer.nn.Ranks;
import dev.reverie.trainer.nn.Share;
import dev.reverie.trainer.nn.Torch;
import org.bytedeco.pytorch.Tensor;

/**
 * Which rollouts go on, of all ranks. Where none of this rank's goes on while others do, its first
 * stands in for them and does not count, so that the random numbers stay those of all.
 *
 * @param begun this rank's share of the rollouts that were begun
 * @param mask which of all go on [B], bool
 */
record Going(Share begun, Tensor mask) {
  /** Returns whether a rollout of this rank goes on. */
  boolean here() {
    return begun.among(mask).count() > 0;
  }

  /** Which of this rank's rollouts go on, [A], int64; the first where none does. */
  Tensor at() {
    return here() ? Torch.positions(begun.of(mask)) : Torch.range(0, 1);
  }

  /** This rank's share of those that go on. */
  Share share() {
    Share own = begun.among(mask);
    return own.count() > 0 ? own : new Share(own.all(), 0, Math.min(1, own.all()));
  }

  /**
   * Those that still go on.
   *
   * @param here which of this rank's would, those that had ended included, bool
   */
  Going next(Tensor here) {
    return new Going(begun, ofAll(begun.of(mask).bitwise_and(here)));
  }

  /** The values of all ranks' rollouts, of those of this rank's. */
  Tensor ofAll(Tensor here) {
    if (begun.count() == begun.all()) {
      return here.clone();
    }
    Tensor all = Torch.zeros(Float, begun.all());
    begun.of(all).copy_(here);
    Ranks.world().sum(all);
    return all.to(here.scalar_type());
  }
}
