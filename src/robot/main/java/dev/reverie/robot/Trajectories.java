package dev.reverie.robot;

import dev.reverie.arm.Cubic;
import dev.reverie.arm.MotionLimits;
import dev.reverie.arm.MotionPlan;
import dev.reverie.arm.Reference;
import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.builtin_interfaces.Time;
import dev.reverie.msgs.std_msgs.Header;
import dev.reverie.msgs.trajectory_msgs.JointTrajectory;
import dev.reverie.msgs.trajectory_msgs.JointTrajectoryPoint;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Sends the motion ahead as a trajectory, as a joint_trajectory_controller takes it: its points
 * have velocities, the last one rests, and without a stamp the controller starts when it comes.
 * Thread-safe: what is sent last is the newest plan.
 */
final class Trajectories implements Drive {
  /**
   * Time to the first point, s: the controller gets there from where it is, so that what the
   * message was under way is not a jump. Longer smooths more and follows later.
   */
  private static final long FIRST_NANOS = 150_000_000L;

  /** Between points; the controller's cubics then keep to the reference. */
  private static final long APART_NANOS = 20_000_000L;

  private final List<String> joints;
  private final Consumer<JointTrajectory> send;
  private @Nullable Reference reference;

  Trajectories(List<String> joints, Consumer<JointTrajectory> send) {
    this.joints = joints;
    this.send = send;
  }

  @Override
  public synchronized void follow(Reference begun) {
    reference = begun;
  }

  @Override
  public synchronized void planned(double[] measured) {
    if (reference != null) {
      send.accept(
          trajectory(
              joints, points(reference.plan(), reference.limits(), measured, System.nanoTime())));
    }
  }

  @Override
  public void release() {}

  @Override
  public void stay(JointTrajectory where) {
    send.accept(where);
  }

  static JointTrajectory trajectory(List<String> joints, List<JointTrajectoryPoint> points) {
    return new JointTrajectory(new Header(new Time(0, 0), ""), joints, points);
  }

  /**
   * The points of a plan from now on. The first comes so late that the controller's cubic keeps the
   * velocity limits, whether it begins where the arm is measured or where it was asked to be.
   *
   * @param measured rad
   */
  static List<JointTrajectoryPoint> points(
      MotionPlan plan, MotionLimits limits, double[] measured, long nowNanos) {
    int n = measured.length;
    double[] asked = new double[n];
    double[] speed = new double[n];
    plan.at(nowNanos, asked, speed);
    List<JointTrajectoryPoint> points = new ArrayList<>();
    boolean rests = false;
    for (long after = FIRST_NANOS; !rests; after += APART_NANOS) {
      double[] position = new double[n];
      double[] velocity = new double[n];
      plan.at(nowNanos + after, position, velocity);
      rests = plan.rests(nowNanos + after);
      boolean follows =
          !points.isEmpty()
              || (within(limits, asked, speed, position, velocity, after / 1e9)
                  && within(limits, measured, speed, position, velocity, after / 1e9));
      if (follows) {
        points.add(point(position, velocity, after));
      } else if (rests) {
        points.add(point(position, velocity, slow(limits, asked, measured, position, after)));
      }
    }
    return points;
  }

  private static JointTrajectoryPoint point(double[] position, double[] velocity, long after) {
    return new JointTrajectoryPoint()
        .withPositions(position)
        .withVelocities(velocity)
        .withTimeFromStart(Stamps.duration(after));
  }

  private static boolean within(
      MotionLimits limits,
      double[] from,
      double[] speed,
      double[] to,
      double[] velocity,
      double spanS) {
    for (int j = 0; j < from.length; j++) {
      if (Cubic.between(from[j], speed[j], to[j], velocity[j], spanS).peakVelocity()
          > limits.velocity()[j] * (1 + 1e-9)) {
        return false;
      }
    }
    return true;
  }

  /** Returns a time in which rest is reached from far away within the velocity limits. */
  private static long slow(
      MotionLimits limits, double[] asked, double[] measured, double[] to, long after) {
    double spanS = after / 1e9;
    for (int j = 0; j < to.length; j++) {
      double way = Math.max(Math.abs(to[j] - asked[j]), Math.abs(to[j] - measured[j]));
      spanS = Math.max(spanS, 2 * way / limits.velocity()[j]); // 1.5 from rest, and some speed
    }
    return (long) (spanS * 1e9);
  }
}
