package dev.reverie.trainer.imagination;

import static org.bytedeco.pytorch.global.torch.ScalarType.Float;

import dev.reverie.trainer.nn.Torch;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The rule for an imagined rollout when the world models disagree about a chunk of it. */
public enum Trust {
  /** Nothing. */
  KEEP {
    @Override
    Tensor weights(Tensor doubt, double limit) {
      return torch.ones_like(doubt);
    }
  },
  /**
   * It goes on and counts as a part of a rollout: the limit by its most doubtful chunk's doubt, at
   * most 1.
   */
  WEIGH {
    @Override
    Tensor weights(Tensor doubt, double limit) {
      Tensor share = torch.clamp_min(doubt, new Scalar(NONE)).reciprocal();
      return Torch.clamp(Torch.times(share, limit), 0, 1);
    }
  },
  /** It ends and is masked from the loss; it is no failure, since nobody knows how it ends. */
  CUT {
    @Override
    Tensor weights(Tensor doubt, double limit) {
      return doubt.le(new Scalar(limit)).to(Float);
    }
  };

  private static final double NONE = 1e-12;

  /**
   * The weight of each rollout after a chunk, 1 where nothing is doubted.
   *
   * @param doubt of the chunk [A]
   * @param limit up to which it is usual
   * @return [A]
   */
  abstract Tensor weights(Tensor doubt, double limit);
}
