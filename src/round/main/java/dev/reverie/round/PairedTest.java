package dev.reverie.round;

import java.util.stream.IntStream;

/**
 * A sequential test of two policies over pairs of episodes from the same start. Only pairs in which
 * one policy succeeds and the other does not tell them apart; where neither is better each of the
 * two wins such a pair as often. The evidence against that is the likelihood ratio of a win rate
 * drawn evenly from [0, 1] to 1/2. It may be looked at after every pair: where neither is better it
 * ever exceeds {@link #SURE} with a probability of 5 % at most (Ville 1939).
 *
 * @param onlyA pairs in which A alone succeeded
 * @param onlyB pairs in which B alone succeeded
 * @param alike pairs in which both did, or neither
 */
record PairedTest(int onlyA, int onlyB, int alike) {
  static final double SURE = 20;

  static final PairedTest BEGIN = new PairedTest(0, 0, 0);

  /** Fewer pairs tell nothing apart, though one policy wins them all. */
  static final int LEAST =
      IntStream.iterate(1, n -> n + 1).filter(BEGIN::open).findFirst().orElse(1);

  /** The policy that is surely better. */
  enum Better {
    A,
    B,
    NEITHER
  }

  /** This and one more pair. */
  PairedTest and(boolean aSucceeded, boolean bSucceeded) {
    if (aSucceeded == bSucceeded) {
      return new PairedTest(onlyA, onlyB, alike + 1);
    }
    return aSucceeded
        ? new PairedTest(onlyA + 1, onlyB, alike)
        : new PairedTest(onlyA, onlyB + 1, alike);
  }

  int pairs() {
    return onlyA + onlyB + alike;
  }

  /** Evidence that one is better, as a likelihood ratio; 1 before the first pair. */
  double evidence() {
    return evidence(onlyA, onlyB);
  }

  Better better() {
    if (evidence() < SURE) {
      return Better.NEITHER;
    }
    return onlyA > onlyB ? Better.A : Better.B;
  }

  /** Returns whether one of the two can still come out as better within some more pairs. */
  boolean open(int more) {
    return Math.max(evidence(onlyA + more, onlyB), evidence(onlyA, onlyB + more)) >= SURE;
  }

  /** 2^n / ((n + 1) C(n, a)), for n = a + b. */
  private static double evidence(int a, int b) {
    double log = (a + b) * Math.log(2) - Math.log(a + b + 1);
    for (int i = 1; i <= a; i++) {
      log += Math.log((double) i / (b + i)); // 1 / C(n, a)
    }
    return Math.exp(log);
  }
}
