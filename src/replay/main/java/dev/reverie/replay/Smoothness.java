package dev.reverie.replay;

import java.util.List;

/** Measures how smooth a series of commanded joint positions is, one a period. */
final class Smoothness {
  private Smoothness() {}

  /**
   * Square of the jerk at each inner point, third differences by period cubed, rad^2/s^6: the sum
   * over joints, and over points as the weight.
   *
   * @param positions [n][J], rad
   */
  static Tally squaredJerk(List<double[]> positions, double periodS) {
    Tally tally = Tally.NONE;
    double cubed = periodS * periodS * periodS;
    for (int t = 3; t < positions.size(); t++) {
      double sum = 0;
      for (int j = 0; j < positions.get(t).length; j++) {
        double third =
            positions.get(t)[j]
                - 3 * positions.get(t - 1)[j]
                + 3 * positions.get(t - 2)[j]
                - positions.get(t - 3)[j];
        sum += third * third / (cubed * cubed);
      }
      tally = tally.plus(sum);
    }
    return tally;
  }

  /**
   * Log dimensionless jerk (Balasubramanian et al. 2015, "On the analysis of movement smoothness"):
   * -ln(T^3 / v_peak^2 * integral of the squared jerk), here of the path in joint space. Nearer to
   * zero is smoother; NaN where it does not move or is shorter than four points.
   *
   * @param positions [n][J], rad
   */
  static double logDimensionlessJerk(List<double[]> positions, double periodS) {
    Tally jerk = squaredJerk(positions, periodS);
    double peak = 0;
    for (int t = 1; t < positions.size(); t++) {
      double squared = 0;
      for (int j = 0; j < positions.get(t).length; j++) {
        double velocity = (positions.get(t)[j] - positions.get(t - 1)[j]) / periodS;
        squared += velocity * velocity;
      }
      peak = Math.max(peak, squared); // of the speed, squared
    }
    double duration = (positions.size() - 1) * periodS;
    double integral = jerk.sum() * periodS;
    return integral > 0 && peak > 0
        ? -Math.log(duration * duration * duration / peak * integral)
        : Double.NaN;
  }
}
