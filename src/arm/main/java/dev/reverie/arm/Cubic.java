package dev.reverie.arm;

/**
 * The cubic between two positions with given velocities, as a joint_trajectory_controller
 * interpolates: {@code a + b t + c t^2 + d t^3}, t in seconds.
 */
public record Cubic(double a, double b, double c, double d, double spanS) {
  /**
   * The cubic that starts at {@code p} with the velocity {@code v} and ends at {@code q} with the
   * velocity {@code w}.
   */
  public static Cubic between(double p, double v, double q, double w, double spanS) {
    double slope = (q - p) / spanS;
    return new Cubic(
        p, v, (3 * slope - 2 * v - w) / spanS, (v + w - 2 * slope) / (spanS * spanS), spanS);
  }

  public double at(double t) {
    return a + t * (b + t * (c + t * d));
  }

  public double velocity(double t) {
    return b + t * (2 * c + 3 * t * d);
  }

  /** The highest speed on the way: at an end, or where the acceleration is zero. */
  public double peakVelocity() {
    double peak = Math.max(Math.abs(b), Math.abs(velocity(spanS)));
    double turn = -c / (3 * d);
    return turn > 0 && turn < spanS ? Math.max(peak, Math.abs(velocity(turn))) : peak;
  }
}
