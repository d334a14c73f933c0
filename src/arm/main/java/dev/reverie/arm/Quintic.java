package dev.reverie.arm;

/**
 * The quintic between two states of position, velocity and acceleration, as a
 * joint_trajectory_controller interpolates between points that have accelerations: the sum of
 * {@code c[i] t^i}, t in seconds.
 */
public record Quintic(double c0, double c1, double c2, double c3, double c4, double c5) {
  /**
   * The quintic that starts at {@code p} with the velocity {@code v} and the acceleration {@code a}
   * and ends at {@code q} with {@code w} and {@code b}.
   */
  public static Quintic between(
      double p, double v, double a, double q, double w, double b, double spanS) {
    double t2 = spanS * spanS;
    double t3 = t2 * spanS;
    double way = q - p;
    return new Quintic(
        p,
        v,
        a / 2,
        (20 * way - (8 * w + 12 * v) * spanS - (3 * a - b) * t2) / (2 * t3),
        (-30 * way + (14 * w + 16 * v) * spanS + (3 * a - 2 * b) * t2) / (2 * t3 * spanS),
        (12 * way - 6 * (w + v) * spanS + (b - a) * t2) / (2 * t3 * t2));
  }

  public double at(double t) {
    return c0 + t * (c1 + t * (c2 + t * (c3 + t * (c4 + t * c5))));
  }

  public double velocity(double t) {
    return c1 + t * (2 * c2 + t * (3 * c3 + t * (4 * c4 + t * 5 * c5)));
  }

  public double acceleration(double t) {
    return 2 * c2 + t * (6 * c3 + t * (12 * c4 + t * 20 * c5));
  }
}
