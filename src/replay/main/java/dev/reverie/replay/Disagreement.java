package dev.reverie.replay;

import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.PolicyOutput;
import dev.reverie.policy.TokenSampler;
import java.util.Map;
import java.util.TreeMap;

/** Measures how differently two greedy policies would act on the same observations. */
final class Disagreement {
  private Disagreement() {}

  /**
   * Adds the share of tokens that differ, the distance of the actions and the divergence of the
   * policy from the one it is compared with.
   *
   * @param mine outputs by the index of the observation
   * @param theirs of the policy that it is compared with
   */
  static void add(
      EpisodeMeasures to,
      BundleSpec spec,
      Map<Integer, PolicyOutput> mine,
      BundleSpec against,
      Map<Integer, PolicyOutput> theirs) {
    if (!spec.actionSpace().equals(against.actionSpace())) {
      to.notes.add(
          "disagreement of tokens and actions is left out: the two policies have other action spaces");
      return;
    }
    boolean sameBins = spec.head().bins() == against.head().bins();
    if (!sameBins) {
      to.notes.add(
          "disagreement of tokens and divergence are left out: %d and %d bins"
              .formatted(spec.head().bins(), against.head().bins()));
    }
    new TreeMap<>(mine)
        .forEach(
            (observation, output) -> {
              PolicyOutput other = theirs.get(observation);
              if (other != null) {
                add(to, output, other, sameBins);
              }
            });
  }

  private static void add(
      EpisodeMeasures to, PolicyOutput mine, PolicyOutput theirs, boolean sameBins) {
    int values = Math.min(mine.horizon(), theirs.horizon()) * mine.dimensions();
    Tally differ = Tally.NONE;
    Tally distance = Tally.NONE;
    Tally divergence = Tally.NONE;
    for (int i = 0; i < values; i++) {
      double[] p = LogSoftmax.of(mine, i, 1);
      double[] q = LogSoftmax.of(theirs, i, 1);
      int token = likeliest(p);
      int other = likeliest(q);
      distance =
          distance.plus(
              Math.abs(
                  TokenSampler.centre(token, p.length) - TokenSampler.centre(other, q.length)));
      if (sameBins) {
        differ = differ.plus(token == other ? 0 : 1);
        divergence = divergence.plus(LogSoftmax.divergence(p, q));
      }
    }
    to.add(EpisodeMeasures.Column.BETWEEN, Measures.ACTION_DISTANCE, distance);
    to.add(EpisodeMeasures.Column.BETWEEN, Measures.TOKENS_DIFFER, differ);
    to.add(EpisodeMeasures.Column.BETWEEN, Measures.DIVERGENCE, divergence);
  }

  private static int likeliest(double[] logs) {
    int best = 0;
    for (int i = 1; i < logs.length; i++) {
      best = logs[i] > logs[best] ? i : best;
    }
    return best;
  }
}
