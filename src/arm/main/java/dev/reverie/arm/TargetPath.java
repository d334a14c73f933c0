package dev.reverie.arm;

import java.util.Arrays;

/**
 * Joins targets that are one period apart to a path on a grid in time: straight from one to the
 * next, then smoothed by means over a window. Each mean adds a derivative that is continuous: three
 * of them, one of which is {@link Reference}'s, over targets of a smooth motion give no more
 * acceleration and jerk than the motion has, and what targets are rounded to is hardly seen. A mean
 * does not overshoot. Before its first target the path rests, and behind its last one it ends at
 * rest.
 */
final class TargetPath {
  /** Part by which the path beyond the last target gets faster at most. */
  private static final double BEND = 0.5;

  private final double firstS;
  private final double periodS;
  private final double[][] targets; // [target][joint]
  private double coastS;
  private final double[] coast; // velocity behind the last target
  private final double[] bend; // acceleration there
  private final double[] braking; // time of it for each joint, s

  /**
   * A path that rests at its last target.
   *
   * @param firstS time of the first target
   * @param targets [target][joint], three or more
   */
  TargetPath(double firstS, double periodS, double[][] targets) {
    this.firstS = firstS;
    this.periodS = periodS;
    this.targets = targets;
    coast = new double[targets[0].length];
    bend = new double[coast.length];
    braking = new double[coast.length];
  }

  /**
   * Lets the path go on beyond its last target for some time, as it came there, and then brake:
   * more targets are on their way.
   *
   * @param most the highest velocity at which it goes on, for each joint
   * @param acceleration with which it brakes, for each joint
   */
  TargetPath goingOn(double seconds, double[] most, double[] acceleration) {
    int n = targets.length;
    for (int j = 0; j < coast.length; j++) {
      double last = (targets[n - 1][j] - targets[n - 2][j]) / periodS;
      double before = (targets[n - 2][j] - targets[n - 3][j]) / periodS;
      double part = Math.abs(last) / 4;
      coast[j] = Math.clamp(last + Math.clamp((last - before) / 2, -part, part), -most[j], most[j]);
      double change = seconds * (last - before) / periodS;
      bend[j] = Math.clamp(change, -Math.abs(coast[j]), BEND * Math.abs(coast[j])) / seconds;
      if (coast[j] < 0) {
        bend[j] = Math.clamp(change, BEND * coast[j], -coast[j]) / seconds;
      }
      braking[j] = Math.abs(coast[j] + bend[j] * seconds) / acceleration[j];
    }
    coastS = seconds;
    return this;
  }

  /**
   * The straight path that brakes from a state to rest.
   *
   * @param acceleration with which it brakes, for each joint
   */
  static TargetPath braking(
      double nowS, double[] position, double[] velocity, double[] acceleration) {
    var path = new TargetPath(nowS, 1, new double[][] {position});
    double longest = 0;
    for (int j = 0; j < velocity.length; j++) {
      path.coast[j] = velocity[j];
      longest = Math.max(longest, Math.abs(velocity[j]) / acceleration[j]);
    }
    Arrays.fill(path.braking, longest);
    return path;
  }

  /** Time at which it has come to rest, smoothed over a window, s. */
  double endS(double windowS) {
    double longest = 0;
    for (double seconds : braking) {
      longest = Math.max(longest, seconds);
    }
    return firstS + (targets.length - 1) * periodS + coastS + longest + windowS;
  }

  /**
   * Returns the path of a joint on the grid.
   *
   * @param fromS time of the first step
   * @param half steps of half a window of the mean
   * @param means how many there are
   */
  double[] smoothed(int j, double fromS, double stepS, int steps, int half, int means) {
    double[] path = new double[steps + 2 * half * means];
    for (int k = 0; k < path.length; k++) {
      path[k] = at(j, fromS + (k - half * means) * stepS);
    }
    for (int i = 0; i < means; i++) {
      path = mean(path, half);
    }
    return path;
  }

  /** Returns the means over windows of 2 half + 1 values, as many as there are whole ones. */
  static double[] mean(double[] path, int half) {
    double[] mean = new double[path.length - 2 * half];
    for (int k = 0; k < mean.length; k++) {
      double sum = 0; // anew each time, so that no rounding piles up
      for (int i = k; i <= k + 2 * half; i++) {
        sum += path[i] - path[k];
      }
      mean[k] = path[k] + sum / (2 * half + 1);
    }
    return mean;
  }

  /** The straight path. */
  private double at(int j, double atS) {
    int n = targets.length;
    double periods = (atS - firstS) / periodS;
    if (periods <= 0) {
      return targets[0][j];
    }
    if (periods < n - 1) {
      int k = (int) periods;
      return targets[k][j] + (periods - k) * (targets[k + 1][j] - targets[k][j]);
    }
    double since = atS - firstS - (n - 1) * periodS;
    double free = Math.min(since, coastS);
    double brakes = Math.clamp(since - coastS, 0, braking[j]);
    double slows = braking[j] > 0 ? brakes * brakes / (2 * braking[j]) : 0;
    return targets[n - 1][j]
        + free * (coast[j] + free * bend[j] / 2)
        + (coast[j] + coastS * bend[j]) * (brakes - slows);
  }
}
