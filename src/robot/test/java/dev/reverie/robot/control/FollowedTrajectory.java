package dev.reverie.robot.control;

import dev.reverie.arm.Cubic;
import dev.reverie.arm.Quintic;
import dev.reverie.msgs.trajectory_msgs.JointTrajectoryPoint;
import java.util.ArrayList;
import java.util.List;

/**
 * Does what a joint_trajectory_controller makes of trajectories without a stamp (ros2_controllers,
 * trajectory.cpp): each begins at its update where the one before has led, and between two points
 * it interpolates by quintics where both have accelerations, else by cubics.
 */
final class FollowedTrajectory {
  private final boolean quintic;
  private final double updateS;
  private List<Point> points;

  /** A state at a time, s. */
  record Point(double at, double[] position, double[] velocity, double[] acceleration) {}

  /**
   * Begins at rest at zero.
   *
   * @param quintic whether it takes accelerations
   * @param updateS between its updates, at which trajectories begin; 0: at once
   */
  FollowedTrajectory(boolean quintic, double updateS, int joints) {
    this.quintic = quintic;
    this.updateS = updateS;
    points = List.of(new Point(0, new double[joints], new double[joints], new double[joints]));
  }

  /** Returns when it begins a trajectory that came at a time, s. */
  double begins(double came) {
    return updateS == 0 ? came : Math.ceil(came / updateS) * updateS;
  }

  /** Begins a trajectory now, s. */
  void take(double begins, List<JointTrajectoryPoint> trajectory) {
    List<Point> next = new ArrayList<>();
    next.add(sample(begins));
    for (JointTrajectoryPoint point : trajectory) {
      double after = point.timeFromStart().sec() + point.timeFromStart().nanosec() / 1e9;
      next.add(
          new Point(begins + after, point.positions(), point.velocities(), point.accelerations()));
    }
    points = next;
  }

  /** Returns where it asks the joints to be at a time, s. */
  Point sample(double at) {
    int i = 0;
    while (i < points.size() && points.get(i).at <= at) {
      i++;
    }
    int n = points.getFirst().position.length;
    if (i == 0 || i == points.size()) {
      double[] rest = points.get(Math.min(i, points.size() - 1)).position;
      return new Point(at, rest, new double[n], new double[n]);
    }
    Point a = points.get(i - 1);
    Point b = points.get(i);
    double t = at - a.at;
    double span = b.at - a.at;
    var found = new Point(at, new double[n], new double[n], new double[n]);
    for (int j = 0; j < n; j++) {
      if (quintic) {
        var curve =
            Quintic.between(
                a.position[j],
                a.velocity[j],
                a.acceleration[j],
                b.position[j],
                b.velocity[j],
                b.acceleration[j],
                span);
        found.position[j] = curve.at(t);
        found.velocity[j] = curve.velocity(t);
        found.acceleration[j] = curve.acceleration(t);
      } else {
        var curve = Cubic.between(a.position[j], a.velocity[j], b.position[j], b.velocity[j], span);
        found.position[j] = curve.at(t);
        found.velocity[j] = curve.velocity(t);
      }
    }
    return found;
  }
}
