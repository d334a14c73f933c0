package dev.reverie.trainer.nn;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A rank's rows of a batch, as equal a part as can be. Random numbers are drawn for all rows on
 * every rank, so that what they are does not depend on how many ranks there are.
 *
 * @param all rows of the batch
 * @param first of this rank's
 * @param count of this rank's; 0 where there are fewer rows than ranks
 */
public record Share(long all, long first, long count) {
  static Share of(long all, int rank, int ranks) {
    long first = all * rank / ranks;
    return new Share(all, first, all * (rank + 1) / ranks - first);
  }

  /** One of the equal parts, as far as can be, that its rows are divided into. */
  Share slice(long number, long parts) {
    long begin = count * number / parts;
    return new Share(all, first + begin, count * (number + 1) / parts - begin);
  }

  /** All of a batch. */
  public static Share whole(long all) {
    return new Share(all, 0, all);
  }

  /**
   * Its part of those rows of the batch of which something is true, in their order.
   *
   * @param mask of all rows of the batch, bool
   */
  public Share among(Tensor mask) {
    return new Share(
        mask.sum().item_long(),
        mask.narrow(0, 0, first).sum().item_long(),
        of(mask).sum().item_long());
  }

  /** This rank's rows of something that is there for all. */
  public Tensor of(Tensor batch) {
    return count == all ? batch : batch.narrow(0, first, count);
  }

  /** Numbers of the uniform distribution on [0, 1), one a row. */
  public Tensor uniform() {
    return Compute.onDevice(mine(torch.rand(all)));
  }

  /**
   * Numbers of the normal distribution.
   *
   * @param shape of this rank's rows
   */
  public Tensor normal(long... shape) {
    long[] whole = shape.clone();
    whole[0] = all;
    return Compute.onDevice(mine(torch.randn(whole)));
  }

  /**
   * Numbers of the exponential distribution of rate 1.
   *
   * @param shape of this rank's rows
   */
  public Tensor exponential(long... shape) {
    long[] whole = shape.clone();
    whole[0] = all;
    return Compute.onDevice(mine(torch.empty(whole).exponential_()));
  }

  /** Its rows of numbers that were drawn for all of the batch, which are freed. */
  private Tensor mine(Tensor drawn) {
    if (count == all) {
      return drawn;
    }
    try (Tensor rows = of(drawn)) {
      return rows.clone();
    } finally {
      drawn.close();
    }
  }

  /** Numbers of the normal distribution in the shape of this rank's rows. */
  public Tensor normalLike(Tensor rows) {
    return count == all && !Compute.isElsewhere()
        ? torch.randn_like(rows)
        : normal(Torch.shape(rows));
  }

  /** A rank's part of the mean over the batch; the parts add up to it. */
  public Tensor part(Tensor meanOfRows) {
    return count == all ? meanOfRows : Torch.times(meanOfRows, (double) count / all);
  }
}
