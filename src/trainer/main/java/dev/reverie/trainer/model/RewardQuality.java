package dev.reverie.trainer.model;

import dev.reverie.report.Interval;

/**
 * How well a classifier judges rollouts, each share with its 95 % interval; a rollout counts as
 * success once a chunk of it does.
 *
 * @param precision share of the successes among those called success
 * @param recall share of those called success among the successes
 * @param falseAlarm share of those called success among the failures
 * @param wrongInstruction share of the successes that are called success under another instruction
 *     too; 0 where there is only one
 */
public record RewardQuality(
    Interval precision, Interval recall, Interval falseAlarm, double wrongInstruction) {
  /**
   * Shares of counts.
   *
   * @param hits successes called so
   * @param misses successes not called so
   * @param falseAlarms failures called success
   * @param refusals failures not called so
   * @param wrong successes called so under another instruction too
   */
  static RewardQuality of(int hits, int misses, int falseAlarms, int refusals, int wrong) {
    int successes = hits + misses;
    return new RewardQuality(
        share(hits, hits + falseAlarms),
        share(hits, successes),
        share(falseAlarms, falseAlarms + refusals),
        successes == 0 ? 0 : (double) wrong / successes);
  }

  /** Of none, nothing is known: 0, from 0 to 1. */
  private static Interval share(int of, int all) {
    return all == 0 ? new Interval(0, 0, 1) : Interval.wilson(of, all);
  }

  double f1() {
    double p = precision.value();
    double r = recall.value();
    return p + r == 0 ? 0 : 2 * p * r / (p + r);
  }
}
