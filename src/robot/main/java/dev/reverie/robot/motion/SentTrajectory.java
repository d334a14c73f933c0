package dev.reverie.robot.motion;

import dev.reverie.arm.MotionLimits;
import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.trajectory_msgs.JointTrajectoryPoint;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The motion that a controller asks of an arm that was sent a trajectory: it goes on from where it
 * was, by quintics as a joint_trajectory_controller does, and stays at the last point.
 *
 * @param nanos times of the states, ascending; {@link System#nanoTime}
 */
public record SentTrajectory(long[] nanos, List<MotionState> states) {
  /** A trajectory that starts now from a state. */
  public static SentTrajectory of(
      MotionState from, List<JointTrajectoryPoint> points, long nowNanos) {
    long[] nanos = new long[points.size() + 1];
    List<MotionState> states = new ArrayList<>();
    nanos[0] = nowNanos;
    states.add(from);
    for (JointTrajectoryPoint point : points) {
      nanos[states.size()] = nowNanos + Stamps.nanos(point.timeFromStart());
      states.add(new MotionState(point.positions(), point.velocities(), point.accelerations()));
    }
    return new SentTrajectory(nanos, states);
  }

  /** Time from which on the arm is asked to rest. */
  long endNanos() {
    return nanos[nanos.length - 1];
  }

  /**
   * Returns whether it ends somewhere.
   *
   * @param offS what it may be off by, in seconds of way at full speed
   */
  boolean endsAt(double[] where, double offS, MotionLimits limits) {
    double[] end = states.getLast().position();
    return IntStream.range(0, end.length)
        .allMatch(j -> Math.abs(end[j] - where[j]) <= offS * limits.velocity()[j]);
  }

  /** Returns what is asked at a time. */
  public MotionState at(long atNanos) {
    int next = 0;
    while (next < nanos.length && nanos[next] <= atNanos) {
      next++;
    }
    if (next == 0) {
      return states.getFirst();
    }
    if (next == nanos.length) {
      double[] last = states.getLast().position();
      return new MotionState(last, new double[last.length], new double[last.length]);
    }
    double spanS = (nanos[next] - nanos[next - 1]) / 1e9;
    return states.get(next - 1).between(states.get(next), spanS, (atNanos - nanos[next - 1]) / 1e9);
  }
}
