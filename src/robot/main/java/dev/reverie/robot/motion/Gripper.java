package dev.reverie.robot.motion;

import dev.reverie.arm.Reference;
import dev.reverie.msgs.control_msgs.GripperCommand;
import dev.reverie.msgs.control_msgs.GripperCommandAction;
import dev.reverie.msgs.trajectory_msgs.JointTrajectory;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.action.GoalResult;
import dev.reverie.rcljava.action.GoalStatus;
import dev.reverie.robot.sense.HoldReason;
import java.util.Optional;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Sends the targets of one joint as goals of a control_msgs/action/GripperCommand, and lets the
 * others go their way. A gripper's driver moves by itself: it gets a goal when the target has
 * changed by much, or has changed and stays. Thread-safe.
 */
final class Gripper implements Drive {
  /** Part of the joint's range that is much; of a joint without a range, rad or m. */
  private static final double MUCH = 0.02;

  /** Change that is none, as a part of much. */
  private static final double NONE = 0.01;

  /** Between two goals. */
  private static final long APART_NANOS = 200_000_000L;

  /** A target that has not changed for so long stays. */
  private static final long STAYS_NANOS = 500_000_000L;

  private final Drive others;
  private final Goals<GripperCommandAction.Goal, GripperCommandAction.Result> goals;
  private final int joint;
  private final double effort;
  private @Nullable Reference reference;
  private volatile double told = Double.NaN; // NaN: to be told, whatever it is
  private double before; // target of the last plan
  private long changedNanos;
  private long toldNanos;

  /**
   * Creates a client of the action.
   *
   * @param joint index of the gripper's joint
   * @param effort of its goals; 0: what the driver has
   * @param others takes the other joints
   */
  Gripper(Node node, String action, int joint, double effort, long periodNanos, Drive others) {
    this.others = others;
    this.joint = joint;
    this.effort = effort;
    goals = new Goals<>(node, GripperCommandAction.TYPE, action, this::wrong, periodNanos);
  }

  /** A gripper that stands at what it grips has done what it should. */
  private Optional<String> wrong(GoalResult<GripperCommandAction.Result> end) {
    GripperCommandAction.Result result = end.result();
    if (end.status() == GoalStatus.SUCCEEDED || result.stalled() || result.reachedGoal()) {
      return Optional.empty();
    }
    told = Double.NaN;
    return Optional.of(
        "%s at %.4f, neither reached nor stalled".formatted(end.status(), result.position()));
  }

  /** It stays as it is until its target changes: one that grips does not let go. */
  @Override
  public synchronized void follow(Reference begun) {
    if (reference != begun) {
      told = begun.target()[joint];
      before = told;
    }
    reference = begun;
    others.follow(begun);
  }

  @Override
  public void brake(double[] measured) {
    others.brake(measured);
    goals.hurry();
    told();
  }

  @Override
  public void planned(double[] measured) {
    others.planned(measured);
    told();
  }

  private synchronized void told() {
    if (reference != null) {
      tell(reference, System.nanoTime());
    }
  }

  private void tell(Reference now, long nowNanos) {
    double target = now.target()[joint];
    double range = now.limits().upper()[joint] - now.limits().lower()[joint];
    double much = MUCH * (Double.isFinite(range) ? range : 1);
    if (Math.abs(target - before) > NONE * much) {
      before = target;
      changedNanos = nowNanos;
    }
    double change = Math.abs(target - told);
    boolean due =
        Double.isNaN(change)
            || change > much
            || (change > NONE * much && nowNanos - changedNanos > STAYS_NANOS);
    if (due && nowNanos - toldNanos > APART_NANOS) {
      told = target;
      toldNanos = nowNanos;
      goals.send(new GripperCommandAction.Goal(new GripperCommand(target, effort)));
    }
  }

  @Override
  public Optional<LongFunction<MotionState>> asked() {
    return others.asked();
  }

  @Override
  public void stay(JointTrajectory where) {
    others.stay(where);
  }

  @Override
  public void release() {
    others.release();
  }

  @Override
  public Optional<HoldReason> absent() {
    return others.absent().or(goals::absent);
  }

  @Override
  public Optional<HoldReason> trouble() {
    return others.trouble().or(goals::trouble);
  }

  @Override
  public Optional<HoldReason> fault() {
    return others.fault().or(goals::fault);
  }

  @Override
  public void close() {
    others.close();
    goals.close();
  }
}
