package dev.reverie.trainer.model;

import dev.reverie.report.Interval;

/**
 * The quality of a classifier's verdicts on rollouts, each share with its 95 % interval; a rollout
 * counts as success once a chunk of it does.
 *
 * @param precision share of the successes among those called success
 * @param recall share of those called success among the successes
 * @param falseAlarm share of those called success among the failures
 * @param wrongInstruction share of the successes that are called success under another instruction
 *     too; 0 and sure where there is no other
 */
public record RewardQuality(
    Interval precision, Interval recall, Interval falseAlarm, Interval wrongInstruction) {
  /** No other instruction can be taken for the right one. */
  static final Interval NEVER = new Interval(0, 0, 0);

  /** Returns a share; of none, nothing is known: 0, from 0 to 1. */
  static Interval share(int of, int all) {
    return all == 0 ? new Interval(0, 0, 1) : Interval.wilson(of, all);
  }

  double f1() {
    double p = precision.value();
    double r = recall.value();
    return p + r == 0 ? 0 : 2 * p * r / (p + r);
  }
}
