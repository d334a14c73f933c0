package dev.reverie.replay;

import dev.reverie.policy.PolicyOutput;

/** The log-probabilities of a policy's tokens, in nats. */
final class LogSoftmax {
  private LogSoftmax() {}

  /**
   * Log-probabilities of the bins of one value, [bins].
   *
   * @param value index of it among the K * D of the chunk
   * @param temperature divides the logits; above 0
   */
  static double[] of(PolicyOutput output, int value, double temperature) {
    int bins = output.bins();
    double[] result = new double[bins];
    double max = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < bins; i++) {
      result[i] = output.logits()[value * bins + i] / temperature;
      max = Math.max(max, result[i]);
    }
    double sum = 0;
    for (double logit : result) {
      sum += Math.exp(logit - max);
    }
    double normaliser = max + Math.log(sum);
    for (int i = 0; i < bins; i++) {
      result[i] -= normaliser;
    }
    return result;
  }

  /** Kullback-Leibler divergence of q from p: sum of p (log p - log q), nats. */
  static double divergence(double[] logP, double[] logQ) {
    double sum = 0;
    for (int i = 0; i < logP.length; i++) {
      sum += Math.exp(logP[i]) * (logP[i] - logQ[i]);
    }
    return sum;
  }
}
