package dev.reverie.robot.control;

import java.util.Arrays;

/**
 * The times that the last {@value #KEPT} chunks of a policy took, from the request on: the longest
 * of them is expected of the next one, as in real-time chunking (Black et al. 2025, algorithm 1),
 * since a chunk that comes late costs more than one that comes early. Not thread-safe.
 */
final class Delays {
  private static final int KEPT = 8;

  private final long[] nanos = new long[KEPT];
  private String policyId = "";
  private int next;

  /**
   * Returns what is to be expected of a policy's next chunk, ns.
   *
   * @param warmNanos what it took when it was warmed up, which counts before its first chunk
   */
  long expectedNanos(String id, long warmNanos) {
    long longest = id.equals(policyId) ? Arrays.stream(nanos).max().orElse(0) : 0;
    return longest == 0 ? warmNanos : longest;
  }

  /** Takes in what a chunk took. */
  void add(String id, long took) {
    if (!id.equals(policyId)) {
      Arrays.fill(nanos, 0);
      policyId = id;
    }
    nanos[next] = took;
    next = (next + 1) % KEPT;
  }
}
