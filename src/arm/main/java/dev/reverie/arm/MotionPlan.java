package dev.reverie.arm;

import java.util.Arrays;

/**
 * A piece of the reference: what the arm is asked to do from now on, position and velocity at each
 * time; it ends at rest. Times are those of {@link System#nanoTime}. Immutable.
 */
public final class MotionPlan {
  private final long startNanos;
  private final long stepNanos;
  private final double[][] positions; // [joint][step]

  MotionPlan(long startNanos, long stepNanos, double[][] positions) {
    this.startNanos = startNanos;
    this.stepNanos = stepNanos;
    this.positions = positions;
  }

  /** Time from which on the arm rests. */
  public long endNanos() {
    return startNanos + (positions[0].length - 1) * stepNanos;
  }

  /** Returns whether the arm is at rest from a time on. */
  public boolean rests(long nanos) {
    return nanos >= endNanos();
  }

  /** Finds position and velocity at a time. */
  public void at(long nanos, double[] position, double[] velocity) {
    long since = nanos - startNanos;
    int last = positions[0].length - 1;
    if (since <= 0 || since >= last * stepNanos) {
      for (int j = 0; j < positions.length; j++) {
        position[j] = positions[j][since <= 0 ? 0 : last];
      }
      Arrays.fill(velocity, 0);
      return;
    }
    int i = (int) (since / stepNanos);
    double stepS = stepNanos / 1e9;
    double t = (since - i * stepNanos) / 1e9;
    for (int j = 0; j < positions.length; j++) {
      double[] path = positions[j];
      double before = slope(path, i, stepS);
      double after = slope(path, i + 1, stepS);
      var cubic = Cubic.between(path[i], before, path[i + 1], after, stepS);
      position[j] = cubic.at(t);
      velocity[j] = cubic.velocity(t);
    }
  }

  /** Finds position, velocity and acceleration at a time. */
  public void at(long nanos, double[] position, double[] velocity, double[] acceleration) {
    at(nanos, position, velocity);
    Arrays.fill(acceleration, 0);
    long since = nanos - startNanos;
    int last = positions[0].length - 1;
    if (since > 0 && since < last * stepNanos) {
      int i = (int) (since / stepNanos);
      double part = (double) (since - i * stepNanos) / stepNanos;
      for (int j = 0; j < positions.length; j++) {
        double before = bend(positions[j], i);
        acceleration[j] = before + part * (bend(positions[j], i + 1) - before);
      }
    }
  }

  private double bend(double[] path, int i) {
    double stepS = stepNanos / 1e9;
    return i == 0 || i == path.length - 1
        ? 0
        : (path[i + 1] - 2 * path[i] + path[i - 1]) / (stepS * stepS);
  }

  private static double slope(double[] path, int i, double stepS) {
    return i == 0 || i == path.length - 1 ? 0 : (path[i + 1] - path[i - 1]) / (2 * stepS);
  }

  /** Returns the positions at which it comes to rest. */
  public double[] end() {
    double[] end = new double[positions.length];
    for (int j = 0; j < end.length; j++) {
      end[j] = positions[j][positions[j].length - 1];
    }
    return end;
  }
}
