package dev.reverie.trainer.imagination;

import dev.reverie.trainer.model.ActionsAhead;
import dev.reverie.trainer.model.PolicySample;
import dev.reverie.trainer.model.TrainablePolicy;
import dev.reverie.trainer.nn.Ranks;
import dev.reverie.trainer.nn.Share;
import dev.reverie.trainer.nn.Torch;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * A policy that acts in an imagination until every rollout has ended.
 *
 * @param temperature of what it draws
 */
record RolloutPlayer(Imagination imagination, TrainablePolicy policy, double temperature) {
  /** Plays rollouts from these starts, at a time as many as go side by side. */
  PlayedRollouts play(RolloutStarts starts) {
    List<PlayedRollouts> parts = new ArrayList<>();
    long times = Math.ceilDiv(starts.count(), imagination.beside());
    for (long i = 0; i < times; i++) {
      long first = starts.count() * i / times;
      long count = starts.count() * (i + 1) / times - first;
      parts.add(playBeside(starts.range(first, count)));
    }
    return parts.size() == 1 ? parts.getFirst() : PlayedRollouts.inRow(parts);
  }

  /** The same for rollouts side by side; of several ranks each plays its share. */
  private PlayedRollouts playBeside(RolloutStarts starts) {
    Share share = Ranks.world().share(starts.count());
    imagination.reset(starts, share, policy.ages());
    List<PlayedRollouts> parts = new ArrayList<>();
    List<Tensor> numbers = new ArrayList<>(); // of the parts' chunks, among those of all ranks
    long count = 0;
    while (!imagination.done()) {
      try (var _ = new PointerScope()) {
        boolean here = imagination.goesOnHere();
        Imagination.Observation seen = imagination.observe();
        PolicySample sample = act(seen);
        imagination.step(sample.actions());
        Share going = seen.share();
        if (here) {
          numbers.add(Torch.keep(Torch.range(count + going.first(), going.count())));
          parts.add(
              new PlayedRollouts(
                      seen.at().add(new Scalar(share.first())),
                      seen.pixels(),
                      seen.words(),
                      seen.joints(),
                      seen.first(),
                      seen.ahead(),
                      sample.drawn(),
                      sample.logProbabilities(),
                      imagination.succeededHere(),
                      imagination.trustedHere())
                  .kept());
        }
        count += going.all();
      }
    }
    try (var _ = new PointerScope()) {
      PlayedRollouts played =
          PlayedRollouts.concat(parts, imagination.succeeded(), imagination.trusted());
      return share.count() == share.all() ? played : played.together(Torch.cat(0, numbers), count);
    } finally {
      numbers.forEach(Tensor::close);
    }
  }

  /** Returns what the policy draws for an observation. */
  PolicySample act(Imagination.Observation seen) {
    return act(policy, seen, imagination.executed(), temperature);
  }

  /**
   * The same of a policy that acts anywhere.
   *
   * @param executed actions of its chunk that are carried out
   */
  static PolicySample act(
      TrainablePolicy policy, Imagination.Observation seen, long executed, double temperature) {
    try (var _ = new NoGradGuard()) {
      return policy
          .head()
          .draw(
              policy.seeing(
                  seen.pixels(),
                  seen.words(),
                  seen.joints(),
                  new ActionsAhead(seen.ahead(), seen.first())),
              seen.first(),
              executed,
              temperature,
              seen.share());
    }
  }
}
