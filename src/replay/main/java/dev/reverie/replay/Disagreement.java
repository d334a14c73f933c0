package dev.reverie.replay;

import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.HeadSpec;
import dev.reverie.policy.PolicyOutput;
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
    boolean comparable = comparable(spec.head(), against.head());
    if (!comparable) {
      to.notes.add(
          "disagreement of tokens and divergence are left out: the heads are %s and %s"
              .formatted(spec.head(), against.head()));
    }
    new TreeMap<>(mine)
        .forEach(
            (observation, output) -> {
              PolicyOutput other = theirs.get(observation);
              if (other != null) {
                add(to, output, other, comparable);
              }
            });
  }

  private static boolean comparable(HeadSpec mine, HeadSpec theirs) {
    return mine instanceof HeadSpec.Tokens
        ? mine.equals(theirs)
        : isNormal(mine) && isNormal(theirs);
  }

  private static boolean isNormal(HeadSpec head) {
    return head instanceof HeadSpec.Regression || head instanceof HeadSpec.Gaussian;
  }

  private static void add(
      EpisodeMeasures to, PolicyOutput mine, PolicyOutput theirs, boolean comparable) {
    int values = Math.min(mine.horizon(), theirs.horizon()) * mine.dimensions();
    float[] actions = mine.greedy();
    float[] others = theirs.greedy();
    Tally differ = Tally.NONE;
    Tally distance = Tally.NONE;
    Tally divergence = Tally.NONE;
    for (int i = 0; i < values; i++) {
      distance = distance.plus(Math.abs(actions[i] - others[i]));
      if (comparable && mine.head() instanceof HeadSpec.Tokens) {
        double[] p = LogSoftmax.of(mine, i, 1);
        double[] q = LogSoftmax.of(theirs, i, 1);
        differ = differ.plus(actions[i] == others[i] ? 0 : 1);
        divergence = divergence.plus(LogSoftmax.divergence(p, q));
      } else if (comparable) {
        divergence = divergence.plus(mine.normal(i, 1).divergence(theirs.normal(i, 1)));
      }
    }
    to.add(EpisodeMeasures.Column.BETWEEN, Measures.ACTION_DISTANCE, distance);
    to.add(EpisodeMeasures.Column.BETWEEN, Measures.TOKENS_DIFFER, differ);
    to.add(EpisodeMeasures.Column.BETWEEN, Measures.DIVERGENCE, divergence);
  }
}
