package dev.reverie.round;

/** Successes among episodes, with the Wilson score interval (Wilson 1927), 95 %. */
record Success(int successes, int episodes) {

  private static final double Z = 1.959964;

  Success {
    if (episodes < 0 || successes < 0 || successes > episodes) {
      throw new IllegalArgumentException(successes + " successes of " + episodes + " episodes");
    }
  }

  double rate() {
    return episodes == 0 ? Double.NaN : (double) successes / episodes;
  }

  double low() {
    return bound(-1);
  }

  double high() {
    return bound(+1);
  }

  private double bound(int side) {
    double n = episodes;
    double p = rate();
    double centre = p + Z * Z / (2 * n);
    double spread = Z * Math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n));
    return (centre + side * spread) / (1 + Z * Z / n);
  }

  @Override
  public String toString() {
    return episodes == 0
        ? "no episodes"
        : "%.3f [%.3f, %.3f] (%d of %d)".formatted(rate(), low(), high(), successes, episodes);
  }
}
