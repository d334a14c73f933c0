package dev.reverie.policy;

/**
 * The normal distribution of an action's value. Values beyond [-1, 1] are carried out as -1 and 1,
 * which therefore have the probability of all that lies beyond.
 *
 * @param sd above 0
 */
public record Normal(double mean, double sd) {
  private static final double LOG_ROOT_TWO_PI = Math.log(2 * Math.PI) / 2;

  /** Below it the series of the distribution function cancels. */
  private static final double TAIL = -3;

  /** Log-probability of an action's value, nats: of a density between -1 and 1. */
  public double logProbability(double action) {
    if (action >= 1) {
      return logBelow((mean - 1) / sd);
    }
    return action <= -1 ? logBelow((-1 - mean) / sd) : logDensity(action);
  }

  /** Log of the density, whatever the value. */
  double logDensity(double value) {
    double z = (value - mean) / sd;
    return -z * z / 2 - Math.log(sd) - LOG_ROOT_TWO_PI;
  }

  /** Kullback-Leibler divergence of another from this, nats. */
  public double divergence(Normal other) {
    double distance = mean - other.mean;
    double variance = other.sd * other.sd;
    return Math.log(other.sd / sd) + (sd * sd + distance * distance) / (2 * variance) - 0.5;
  }

  /** Log of the standard normal distribution function. */
  static double logBelow(double z) {
    double logDensity = -z * z / 2 - LOG_ROOT_TWO_PI;
    if (z < TAIL) { // continued fraction of Mills' ratio, from its far end
      double ratio = -z;
      for (int n = 60; n > 0; n--) {
        ratio = -z + n / ratio;
      }
      return logDensity - Math.log(ratio);
    }
    double term = z; // Marsaglia's series: 1/2 + density * (z + z^3 / 3 + z^5 / 15 + ..)
    double sum = z;
    for (int n = 3; Math.abs(term) > 1e-17 * Math.abs(sum); n += 2) {
      term *= z * z / n;
      sum += term;
    }
    return Math.log(Math.min(1, 0.5 + Math.exp(logDensity) * sum));
  }
}
