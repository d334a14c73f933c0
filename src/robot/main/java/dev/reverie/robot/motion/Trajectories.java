package dev.reverie.robot.motion;

import dev.reverie.arm.Cubic;
import dev.reverie.arm.MotionLimits;
import dev.reverie.arm.MotionPlan;
import dev.reverie.arm.Quintic;
import dev.reverie.arm.Reference;
import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.builtin_interfaces.Time;
import dev.reverie.msgs.std_msgs.Header;
import dev.reverie.msgs.trajectory_msgs.JointTrajectory;
import dev.reverie.msgs.trajectory_msgs.JointTrajectoryPoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Sends the motion ahead as a trajectory, as a joint_trajectory_controller takes it: its points
 * have velocities, the last one rests, and without a stamp the controller starts when it comes.
 * Thread-safe: what is sent last is the newest plan.
 */
public final class Trajectories implements Drive {
  /**
   * Least time to the first point: the controller gets there from where it is, so that what the
   * message was under way is not a jump.
   */
  private static final long FIRST_NANOS = 150_000_000L;

  /** The first point comes so late where the controller's curve keeps to the plan: smoother. */
  private static final long LATEST_NANOS = 400_000_000L;

  /** It keeps to the plan where it is off by no more than the way of so long at full speed, s. */
  private static final double OFF_S = 0.0003;

  /**
   * Part of the acceleration limit that the curve to the first point needs at most, if that can be:
   * a controller that hears of it late, or of the trajectory before, begins somewhere else.
   */
  static final double EASY = 0.7;

  /** Between points; the controller's curves then keep to the reference. */
  private static final long APART_NANOS = 20_000_000L;

  private final List<String> joints;
  private final Consumer<JointTrajectory> send;
  private final LongSupplier clock;
  private final Object order = new Object(); // held while one is sent
  private @Nullable Reference reference;
  private @Nullable SentTrajectory sent; // null: the arm moves, and is taken to be as planned
  private int followed; // references so far, each told anew counted again

  public Trajectories(List<String> joints, Consumer<JointTrajectory> send) {
    this(joints, send, System::nanoTime);
  }

  Trajectories(List<String> joints, Consumer<JointTrajectory> send, LongSupplier clock) {
    this.joints = joints;
    this.send = send;
    this.clock = clock;
  }

  @Override
  public synchronized void follow(Reference begun) {
    long now = clock.getAsLong();
    MotionState begins = MotionState.of(begun.plan(), now, begun.size());
    reference = begun;
    sent = begun.plan().rests(now) ? SentTrajectory.of(begins, List.of(), now) : null;
    followed++;
  }

  @Override
  public void planned(double[] measured) {
    synchronized (order) { // in order; and who asks does not wait for the middleware
      next(measured).ifPresent(points -> send.accept(trajectory(joints, points)));
    }
  }

  /** Makes what is sent next, while others may ask and follow. */
  private Optional<List<JointTrajectoryPoint>> next(double[] measured) {
    Reference moving;
    MotionState asked;
    int before;
    long now = clock.getAsLong();
    synchronized (this) {
      moving = reference;
      if (moving == null) {
        return Optional.empty();
      }
      if (sent != null && comesToRest(moving, sent, now)) {
        return Optional.empty();
      }
      asked = asked(moving, now);
      before = followed;
    }
    List<JointTrajectoryPoint> points =
        points(moving.plan(), moving.limits(), asked, measured, now);
    SentTrajectory next = SentTrajectory.of(asked, points, now);
    synchronized (this) {
      if (followed == before) {
        sent = next;
      } // else a reference was told anew meanwhile, and the arm is taken to be as planned
    }
    return Optional.of(points);
  }

  /**
   * Returns whether the arm comes to the plan's rest by what was sent, before the first point of
   * what is sent now, which would only put that off.
   */
  private static boolean comesToRest(Reference moving, SentTrajectory sent, long now) {
    MotionPlan plan = moving.plan();
    return !plan.rests(now)
        && Math.max(plan.endNanos(), sent.endNanos()) < now + FIRST_NANOS
        && sent.endsAt(plan.end(), OFF_S, moving.limits());
  }

  private MotionState asked(Reference moving, long nanos) {
    return sent == null ? MotionState.of(moving.plan(), nanos, moving.size()) : sent.at(nanos);
  }

  @Override
  public synchronized Optional<LongFunction<MotionState>> asked() {
    Reference moving = reference;
    return moving == null ? Optional.empty() : Optional.of(nanos -> asked(moving, nanos));
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
   * The points of a plan from now on. The first comes so late that the controller's curve keeps the
   * velocity limits, whether it begins where the arm is measured or where it was asked to be.
   *
   * @param is what the controller asks of the arm now, which may be off the plan
   * @param measured rad
   */
  public static List<JointTrajectoryPoint> points(
      MotionPlan plan, MotionLimits limits, MotionState is, double[] measured, long nowNanos) {
    int n = measured.length;
    MotionState asked = MotionState.of(plan, nowNanos, n);
    var found = new MotionState(measured, asked.velocity(), new double[n]);
    List<JointTrajectoryPoint> points = new ArrayList<>();
    boolean rests = false;
    for (long after = first(plan, limits, asked, is, found, nowNanos);
        !rests;
        after += APART_NANOS) {
      MotionState state = MotionState.of(plan, nowNanos + after, n);
      rests = plan.rests(nowNanos + after);
      if (!points.isEmpty() || follows(limits, asked, found, state, after)) {
        points.add(point(state, after));
      } else if (rests) {
        points.add(point(state, slow(limits, asked.position(), measured, state.position(), after)));
      }
    }
    return points;
  }

  /**
   * Returns the latest time to which the controller's curve keeps to the plan and is easy; else the
   * one at which it comes back to it.
   */
  private static long first(
      MotionPlan plan,
      MotionLimits limits,
      MotionState asked,
      MotionState is,
      MotionState found,
      long nowNanos) {
    long most = Math.min(LATEST_NANOS, plan.endNanos() - nowNanos);
    List<MotionState> on = new ArrayList<>(); // the plan's states at the points before
    for (long at = APART_NANOS; at < most; at += APART_NANOS) {
      on.add(MotionState.of(plan, nowNanos + at, asked.position().length));
    }
    long after = most - most % APART_NANOS;
    while (after > FIRST_NANOS) {
      MotionState state = MotionState.of(plan, nowNanos + after, asked.position().length);
      if (follows(limits, asked, found, state, after)
          && keeps(limits, asked, state, after, on)
          && is.effort(limits, state, after / 1e9) <= EASY) {
        return after;
      }
      after -= APART_NANOS;
    }
    return within(plan, limits, is, nowNanos);
  }

  /** Returns the first time at which the plan is met easily; else the one at which most so. */
  private static long within(MotionPlan plan, MotionLimits limits, MotionState is, long nowNanos) {
    long best = FIRST_NANOS;
    double least = Double.POSITIVE_INFINITY;
    for (long after = FIRST_NANOS; after <= LATEST_NANOS && least > EASY; after += APART_NANOS) {
      MotionState state = MotionState.of(plan, nowNanos + after, is.position().length);
      double effort = is.effort(limits, state, after / 1e9);
      if (effort < least) {
        least = effort;
        best = after;
      }
    }
    return best;
  }

  /** Returns whether the controller's curve keeps to the plan on its way to a state. */
  private static boolean keeps(
      MotionLimits limits, MotionState asked, MotionState to, long after, List<MotionState> on) {
    for (int j = 0; j < asked.position().length; j++) {
      Cubic cubic = asked.cubic(j, to, after / 1e9);
      Quintic quintic = asked.quintic(j, to, after / 1e9);
      for (int k = 0; (k + 1) * APART_NANOS < after; k++) {
        double t = (k + 1) * APART_NANOS / 1e9;
        double is = on.get(k).position()[j];
        double off = Math.max(Math.abs(cubic.at(t) - is), Math.abs(quintic.at(t) - is));
        if (off > OFF_S * limits.velocity()[j]) {
          return false;
        }
      }
    }
    return true;
  }

  private static JointTrajectoryPoint point(MotionState state, long after) {
    return new JointTrajectoryPoint()
        .withPositions(state.position())
        .withVelocities(state.velocity())
        .withAccelerations(state.acceleration())
        .withTimeFromStart(Stamps.duration(after));
  }

  /** Returns whether a state is reached within the velocity limits. */
  private static boolean follows(
      MotionLimits limits, MotionState asked, MotionState found, MotionState to, long after) {
    double spanS = after / 1e9;
    for (int j = 0; j < asked.position().length; j++) {
      double most = limits.velocity()[j] * (1 + 1e-9);
      Quintic quintic = asked.quintic(j, to, spanS);
      for (double t = 0; t < spanS; t += APART_NANOS / 2e9) {
        if (Math.abs(quintic.velocity(t)) > most) {
          return false;
        }
      }
      if (asked.cubic(j, to, spanS).peakVelocity() > most
          || found.cubic(j, to, spanS).peakVelocity() > most) {
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
