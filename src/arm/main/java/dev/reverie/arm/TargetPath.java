package dev.reverie.arm;

import java.util.Arrays;

/**
 * Joins targets at given times to a path: cubics whose velocities at the targets are central
 * differences, at most thrice the smaller slope beside them and zero where the direction turns, so
 * that nothing overshoots (Fritsch and Carlson 1980). It ends at rest.
 */
final class TargetPath {
  private final double[] times; // s, ascending
  private final double[][] positions; // [knot][joint]
  private final double[][] velocities;

  private TargetPath(double[] times, double[][] positions, double[][] velocities) {
    this.times = times;
    this.positions = positions;
    this.velocities = velocities;
  }

  /**
   * The path through targets that are one period apart.
   *
   * @param firstS time of the first target
   * @param targets [knot][joint], three or more
   */
  static TargetPath through(double firstS, double periodS, double[][] targets) {
    int n = targets.length;
    double[] times = new double[n];
    double[][] velocities = new double[n][targets[0].length];
    for (int k = 0; k < n; k++) {
      times[k] = firstS + k * periodS;
      for (int j = 0; j < velocities[k].length && k > 0 && k < n - 1; j++) {
        velocities[k][j] =
            between(
                (targets[k][j] - targets[k - 1][j]) / periodS,
                (targets[k + 1][j] - targets[k][j]) / periodS);
      }
    }
    return new TargetPath(times, targets, velocities);
  }

  private static double between(double before, double after) {
    if (before * after <= 0) {
      return 0;
    }
    double most = 3 * Math.min(Math.abs(before), Math.abs(after));
    return Math.clamp((before + after) / 2, -most, most);
  }

  /**
   * The same path, which goes on beyond its last target for some time and then brakes: more targets
   * are on their way.
   *
   * @param most the highest velocity at which it goes on, for each joint
   * @param acceleration with which it brakes, for each joint
   */
  TargetPath goingOn(double coastS, double[] most, double[] acceleration) {
    int n = times.length;
    int joints = acceleration.length;
    double periodS = times[n - 1] - times[n - 2];
    double[] velocity = new double[joints];
    double brakeS = 0;
    for (int j = 0; j < joints; j++) {
      double last = (positions[n - 1][j] - positions[n - 2][j]) / periodS;
      double before = (positions[n - 2][j] - positions[n - 3][j]) / periodS;
      double part = Math.abs(last) / 4;
      velocity[j] =
          Math.clamp(last + Math.clamp((last - before) / 2, -part, part), -most[j], most[j]);
      brakeS = Math.max(brakeS, Math.abs(velocity[j]) / acceleration[j]);
    }
    if (brakeS == 0) {
      return this;
    }
    double[] longer = Arrays.copyOf(times, n + 2);
    double[][] at = Arrays.copyOf(positions, n + 2);
    double[][] speeds = Arrays.copyOf(velocities, n + 2);
    longer[n] = times[n - 1] + coastS;
    longer[n + 1] = longer[n] + brakeS;
    speeds[n - 1] = velocity;
    speeds[n] = velocity;
    speeds[n + 1] = new double[joints];
    at[n] = along(at[n - 1], velocity, coastS);
    at[n + 1] = along(at[n], velocity, brakeS / 2);
    return new TargetPath(longer, at, speeds);
  }

  /**
   * The straight path that brakes from a state to rest.
   *
   * @param acceleration with which it brakes, for each joint
   */
  static TargetPath braking(
      double nowS, double[] position, double[] velocity, double[] acceleration) {
    double brakeS = 1e-6;
    for (int j = 0; j < acceleration.length; j++) {
      brakeS = Math.max(brakeS, Math.abs(velocity[j]) / acceleration[j]);
    }
    return new TargetPath(
        new double[] {nowS, nowS + brakeS},
        new double[][] {position, along(position, velocity, brakeS / 2)},
        new double[][] {velocity, new double[acceleration.length]});
  }

  private static double[] along(double[] position, double[] velocity, double seconds) {
    double[] moved = position.clone();
    for (int j = 0; j < moved.length; j++) {
      moved[j] += velocity[j] * seconds;
    }
    return moved;
  }

  /** Time at which it has come to rest, s. */
  double endS() {
    return times[times.length - 1];
  }

  /** Returns where it ends, and rests. */
  double[] end() {
    return positions[positions.length - 1];
  }

  /** Finds position and velocity at a time; before its begin and after its end it rests. */
  void at(double atS, double[] position, double[] velocity) {
    int last = times.length - 1;
    if (atS <= times[0] || atS >= times[last]) {
      double[] rest = positions[atS <= times[0] ? 0 : last];
      System.arraycopy(rest, 0, position, 0, rest.length);
      Arrays.fill(velocity, 0);
      return;
    }
    int k = 0;
    while (times[k + 1] < atS) {
      k++;
    }
    double span = times[k + 1] - times[k];
    double s = (atS - times[k]) / span;
    for (int j = 0; j < position.length; j++) {
      var cubic =
          Cubic.between(
              positions[k][j], velocities[k][j], positions[k + 1][j], velocities[k + 1][j], span);
      position[j] = cubic.at(s * span);
      velocity[j] = cubic.velocity(s * span);
    }
  }
}
