package dev.reverie.policy;

/**
 * One step from noise to a chunk: from x it goes to a normal distribution about
 *
 * <pre>mean = fromX * x + fromOutput * y + fromClean * clamp(cleanX * x + cleanOutput * y)</pre>
 *
 * where y is the graph's output and the clamped sum the clean chunk that it points to. Before the
 * step x is, by the noise e and the clean chunk c, {@code signal * c + noise * e}.
 *
 * @param time input of the graph
 * @param clip bound of the clean chunk's values
 * @param sd standard deviation of what is drawn; 0: the mean is taken
 */
public record DenoisingStep(
    double time,
    double fromX,
    double fromOutput,
    double fromClean,
    double cleanX,
    double cleanOutput,
    double clip,
    double signal,
    double noise,
    double sd) {
  /** The mean for one value. */
  double mean(double x, double output) {
    double mean = fromX * x + fromOutput * output;
    if (fromClean != 0) {
      mean += fromClean * Math.clamp(cleanX * x + cleanOutput * output, -clip, clip);
    }
    return mean;
  }
}
