package dev.reverie.trainer.imagination;

import static org.bytedeco.pytorch.global.torch.ScalarType.Float;

import dev.reverie.trainer.model.ActionsAhead;
import dev.reverie.trainer.model.Head;
import dev.reverie.trainer.model.TrainablePolicy;
import dev.reverie.trainer.nn.AdamW;
import dev.reverie.trainer.nn.Compute;
import dev.reverie.trainer.nn.FiniteNumbers;
import dev.reverie.trainer.nn.Metrics;
import dev.reverie.trainer.nn.Ranks;
import dev.reverie.trainer.nn.Recompute;
import dev.reverie.trainer.nn.Share;
import dev.reverie.trainer.nn.Torch;
import java.util.Arrays;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * The updates of one iteration of {@link Grpo}.
 *
 * @param finite counts updates whose gradients were no numbers
 */
record PolicyUpdate(Grpo.Config config, TrainablePolicy policy, FiniteNumbers finite) {
  /**
   * Chunks of mixed groups.
   *
   * @param rollout that each chunk is of, of all draws [M], int64
   * @param weights of the chunks, of {@link Grpo.Config#length} [M]
   * @param advantage of each chunk's parts, with these weights [M]
   */
  record Batch(PlayedRollouts rollouts, Tensor rollout, Tensor weights, Tensor advantage) {}

  void carryOut(Batch batch, AdamW optimizer, double rate, Metrics metrics) {
    for (int epoch = 0; epoch < config.epochs(); epoch++) {
      for (Tensor places : config.miniBatchOf().draw(batch.rollout(), config.miniBatch())) {
        try (var _ = new PointerScope()) {
          optimizer.zeroGradients();
          gradients(batch, places, metrics);
          optimizer.sumGradients();
          double norm = optimizer.clip(config.clip());
          metrics.add("gradient_norm", norm);
          if (finite.all(norm)) {
            optimizer.step(rate, 0.9);
          }
        }
      }
    }
  }

  /**
   * Adds up the gradients of this rank's part of a mini-batch's mean, in slices so that half of the
   * memory is enough.
   */
  private void gradients(Batch batch, Tensor places, Metrics metrics) {
    double total = config.miniBatchOf().total(batch.weights().index_select(0, places));
    Share share = Ranks.world().part(places.size(0));
    long slice = Compute.atATime(Grpo.SLICE);
    for (long begin = 0; begin < share.count(); begin += slice) {
      long size = Math.min(slice, share.count() - begin);
      Recompute.forget();
      try (var _ = new PointerScope()) {
        Tensor at = share.of(places).narrow(0, begin, size);
        Tensor loss =
            loss(
                batch.rollouts().select(at).onDevice(),
                Compute.onDevice(batch.advantage().index_select(0, at)),
                metrics);
        Recompute.backward(Torch.times(loss, size / total));
      }
    }
  }

  /**
   * Mean of the clipped objective over the parts of what was drawn, or over chunks, each weighted
   * through its advantage: WMPO's eq. 3, with the ratio as {@link Ratio} takes it, and of other
   * heads than tokens as {@link Head.Likelihood} says.
   */
  private Tensor loss(PlayedRollouts data, Tensor advantage, Metrics metrics) {
    Head.Likelihood found =
        policy
            .head()
            .likelihood(
                policy.seeing(
                    data.pixels(),
                    data.words(),
                    data.joints(),
                    new ActionsAhead(data.ahead(), data.first())),
                data.drawn(),
                data.first(),
                config.temperature());
    Tensor change = config.ratio().log(found.parts().sub(data.logProbabilities()));
    Tensor ratio = change.exp(); // [M, E, D], [M, S] by step of denoising, or [M] by chunk
    long[] each = new long[(int) ratio.dim()];
    Arrays.fill(each, 1);
    each[0] = -1;
    Tensor spread = advantage.view(each).expand_as(ratio);
    Torch.noGrad(
        () -> {
          metrics.add("approx_kl", Torch.plus(ratio, -1).sub(change).mean());
          Tensor outside =
              Torch.less(ratio, 1 - config.clipLow())
                  .bitwise_or(Torch.greater(ratio, 1 + config.clipHigh()));
          metrics.add("clipfrac", outside.to(Float).mean());
          found.entropy().ifPresent(entropy -> metrics.add("entropy", entropy.get()));
        });
    return Grpo.clipped(ratio, spread, config).mean();
  }
}
