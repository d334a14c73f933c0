package dev.reverie.sim;

import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.trajectory_msgs.JointTrajectory;
import dev.reverie.msgs.trajectory_msgs.JointTrajectoryPoint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/**
 * Takes trajectories as ros2_control's joint_trajectory_controller takes them from its topic: each
 * replaces the one before, from where the arm is asked to be at its arrival, and one that has ended
 * already is dropped. Between points it is linear, cubic where both have velocities, and quintic
 * where both have accelerations too; after the last one it holds.
 */
final class TrajectoryController implements JointController {
  private record Point(long timeNanos, Optional<State> full, double[] positions) {}

  /** Positions with velocities, and accelerations where they are given. */
  private record State(double[] positions, double[] velocities, Optional<double[]> accelerations) {}

  private final List<String> joints;
  private final boolean endsMoving;
  private List<Point> points = List.of(); // the first one is where the arm was at the arrival

  /**
   * Holds where the arm is.
   *
   * @param endsMoving whether the last point may have a velocity
   */
  TrajectoryController(List<String> joints, double[] positions, boolean endsMoving) {
    this.joints = List.copyOf(joints);
    this.endsMoving = endsMoving;
    hold(positions);
  }

  @Override
  public void hold(double[] positions) {
    var still = new State(positions.clone(), new double[positions.length], Optional.empty());
    points = List.of(new Point(Long.MIN_VALUE, Optional.of(still), still.positions()));
  }

  /**
   * Takes a trajectory.
   *
   * @param nowNanos on the clock of its stamp
   * @return why it is dropped
   */
  Optional<String> offer(JointTrajectory message, long nowNanos) {
    String fault = fault(message, nowNanos);
    if (!fault.isEmpty()) {
      return Optional.of(fault);
    }
    double[] positions = new double[joints.size()];
    double[] velocities = new double[joints.size()];
    sample(nowNanos, positions, velocities);
    long stamp = Stamps.nanos(message.header().stamp());
    long start = stamp == 0 ? nowNanos : stamp;
    List<Point> taken = new ArrayList<>();
    taken.add(
        new Point(
            nowNanos, Optional.of(new State(positions, velocities, Optional.empty())), positions));
    for (JointTrajectoryPoint point : message.points()) {
      long at = start + Stamps.nanos(point.timeFromStart());
      if (at > nowNanos) {
        taken.add(ordered(point, at, message.jointNames()));
      }
    }
    points = taken;
    return Optional.empty();
  }

  private Point ordered(JointTrajectoryPoint point, long at, List<String> names) {
    double[] positions = ordered(point.positions(), names);
    if (point.velocities().length == 0) {
      return new Point(at, Optional.empty(), positions);
    }
    Optional<double[]> accelerations =
        point.accelerations().length == 0
            ? Optional.empty()
            : Optional.of(ordered(point.accelerations(), names));
    return new Point(
        at,
        Optional.of(new State(positions, ordered(point.velocities(), names), accelerations)),
        positions);
  }

  private double[] ordered(double[] values, List<String> names) {
    return joints.stream().mapToDouble(joint -> values[names.indexOf(joint)]).toArray();
  }

  private String fault(JointTrajectory message, long nowNanos) {
    List<String> names = message.jointNames();
    if (names.size() != joints.size() || !new HashSet<>(names).equals(new HashSet<>(joints))) {
      return "joints";
    }
    if (message.points().isEmpty()) {
      return "empty";
    }
    long before = -1;
    for (JointTrajectoryPoint point : message.points()) {
      long at = Stamps.nanos(point.timeFromStart());
      if (at <= before) {
        return "times do not grow";
      }
      before = at;
      if (point.positions().length != joints.size()
          || !fits(point.velocities())
          || !fits(point.accelerations())) {
        return "sizes";
      }
      if (!finite(point.positions())
          || !finite(point.velocities())
          || !finite(point.accelerations())) {
        return "not finite";
      }
    }
    long stamp = Stamps.nanos(message.header().stamp());
    if (stamp != 0 && stamp + before < nowNanos) {
      return "ends in the past";
    }
    if (!endsMoving) {
      for (double velocity : message.points().getLast().velocities()) {
        if (Math.abs(velocity) > 1e-9) {
          return "velocity at the end";
        }
      }
    }
    return "";
  }

  private boolean fits(double[] values) {
    return values.length == 0 || values.length == joints.size();
  }

  private static boolean finite(double[] values) {
    for (double value : values) {
      if (!Double.isFinite(value)) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void sample(long nowNanos, double[] positions, double[] velocities) {
    int next = 1;
    while (next < points.size() && points.get(next).timeNanos() <= nowNanos) {
      next++;
    }
    Point from = points.get(next - 1);
    if (next == points.size()) {
      System.arraycopy(from.positions(), 0, positions, 0, positions.length);
      Arrays.fill(velocities, 0);
      return;
    }
    Point to = points.get(next);
    double span = (to.timeNanos() - from.timeNanos()) / 1e9;
    double t = Math.clamp((nowNanos - from.timeNanos()) / 1e9, 0, span);
    for (int i = 0; i < positions.length; i++) {
      double[] segment = coefficients(from, to, i, span);
      positions[i] = 0;
      velocities[i] = 0;
      for (int power = segment.length - 1; power >= 0; power--) { // Horner
        velocities[i] = velocities[i] * t + positions[i];
        positions[i] = positions[i] * t + segment[power];
      }
    }
  }

  /** Coefficients of the powers of the time since {@code from}. */
  private static double[] coefficients(Point from, Point to, int joint, double span) {
    double p = from.positions()[joint];
    double q = to.positions()[joint];
    if (from.full().isEmpty() || to.full().isEmpty()) {
      return new double[] {p, (q - p) / span};
    }
    State a = from.full().get();
    State b = to.full().get();
    double v = a.velocities()[joint];
    double w = b.velocities()[joint];
    double d = q - p;
    if (a.accelerations().isEmpty() || b.accelerations().isEmpty()) {
      return new double[] {
        p,
        v,
        (3 * d - (2 * v + w) * span) / (span * span),
        (-2 * d + (v + w) * span) / (span * span * span)
      };
    }
    double s = a.accelerations().get()[joint];
    double e = b.accelerations().get()[joint];
    double t2 = span * span;
    return new double[] {
      p,
      v,
      s / 2,
      (20 * d - (8 * w + 12 * v) * span - (3 * s - e) * t2) / (2 * t2 * span),
      (-30 * d + (14 * w + 16 * v) * span + (3 * s - 2 * e) * t2) / (2 * t2 * t2),
      (12 * d - 6 * (w + v) * span - (s - e) * t2) / (2 * t2 * t2 * span)
    };
  }
}
