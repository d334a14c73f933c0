package dev.reverie.trainer.model;

import java.util.ArrayList;
import java.util.List;

/**
 * Probabilities of the chunks of rollouts, up to the chunk in which each ended.
 *
 * @param own of each rollout, a chunk after the other
 * @param other highest ones under another instruction, in the same way; empty where there is none
 * @param success whether each succeeded
 */
record RewardScores(List<float[]> own, List<float[]> other, boolean[] success) {
  /** Returns how well the rollouts are judged, each as a whole. */
  RewardQuality at(double threshold) {
    return upTo(deepest(), threshold);
  }

  /** Returns what is said in each chunk, and up to there. */
  List<RewardDepth> byDepth(double threshold) {
    List<RewardDepth> depths = new ArrayList<>();
    for (int chunk = 0; chunk < deepest(); chunk++) {
      depths.add(in(chunk, threshold));
    }
    return depths;
  }

  private int deepest() {
    return own.stream().mapToInt(chunks -> chunks.length).max().orElse(0);
  }

  private RewardDepth in(int chunk, double threshold) {
    int undecided = 0;
    int rightly = 0;
    int wrongly = 0;
    for (int i = 0; i < success.length; i++) {
      int first = first(own.get(i), threshold);
      undecided += own.get(i).length > chunk && first >= chunk ? 1 : 0;
      rightly += first == chunk && success[i] ? 1 : 0;
      wrongly += first == chunk && !success[i] ? 1 : 0;
    }
    return new RewardDepth(
        undecided,
        rightly,
        wrongly,
        RewardQuality.share(rightly, rightly + wrongly),
        upTo(chunk + 1, threshold));
  }

  /**
   * Returns how well the rollouts are judged by their first chunks. One that ends later and
   * succeeds has nothing to be found yet, but is rightly called a success if it is.
   */
  private RewardQuality upTo(int chunks, double threshold) {
    int rightly = 0;
    int wrongly = 0;
    int due = 0;
    int found = 0;
    int failures = 0;
    int misled = 0;
    for (int i = 0; i < success.length; i++) {
      boolean said = first(own.get(i), threshold) < chunks;
      boolean ended = success[i] && own.get(i).length <= chunks;
      rightly += said && success[i] ? 1 : 0;
      wrongly += said && !success[i] ? 1 : 0;
      failures += success[i] ? 0 : 1;
      due += ended ? 1 : 0;
      found += ended && said ? 1 : 0;
      misled += ended && !other.isEmpty() && first(other.get(i), threshold) < chunks ? 1 : 0;
    }
    return new RewardQuality(
        RewardQuality.share(rightly, rightly + wrongly),
        RewardQuality.share(found, due),
        RewardQuality.share(wrongly, failures),
        other.isEmpty() ? RewardQuality.NEVER : RewardQuality.share(misled, due));
  }

  /** The chunk that is first called a success; the largest integer where none is. */
  private static int first(float[] chunks, double threshold) {
    for (int chunk = 0; chunk < chunks.length; chunk++) {
      if (chunks[chunk] > threshold) {
        return chunk;
      }
    }
    return Integer.MAX_VALUE;
  }
}
