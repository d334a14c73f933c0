package dev.reverie.robot.motion;

import dev.reverie.arm.Reference;
import dev.reverie.msgs.builtin_interfaces.Duration;
import dev.reverie.msgs.control_msgs.FollowJointTrajectory;
import dev.reverie.msgs.trajectory_msgs.JointTrajectory;
import dev.reverie.msgs.trajectory_msgs.MultiDOFJointTrajectory;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.action.GoalResult;
import dev.reverie.rcljava.action.GoalStatus;
import dev.reverie.robot.sense.HoldReason;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Sends the motion ahead as goals of a control_msgs/action/FollowJointTrajectory, for drivers that
 * have no topic. Thread-safe.
 */
final class TrajectoryGoals implements Drive {
  /** After the arm rests, a goal that has not ended is cancelled so much later. */
  private static final long CANCEL_NANOS = 300_000_000L;

  private final Goals<FollowJointTrajectory.Goal, FollowJointTrajectory.Result> goals;
  private final UnaryOperator<JointTrajectory> taken;
  private final Consumer<JointTrajectory> record;
  private final Trajectories trajectories;
  private @Nullable Reference reference;
  private final AtomicInteger turns = new AtomicInteger(); // between following and being released

  /**
   * Creates a client of the action.
   *
   * @param taken what of a trajectory the driver takes
   * @param record takes what is sent
   */
  TrajectoryGoals(
      Node node,
      String action,
      List<String> joints,
      UnaryOperator<JointTrajectory> taken,
      long periodNanos,
      Consumer<JointTrajectory> record) {
    goals =
        new Goals<>(node, FollowJointTrajectory.TYPE, action, TrajectoryGoals::wrong, periodNanos);
    this.taken = taken;
    this.record = record;
    trajectories = new Trajectories(joints, this::send);
  }

  @Override
  public void stay(JointTrajectory where) {
    send(where);
  }

  /** Sends a trajectory that replaces those before. */
  private void send(JointTrajectory all) {
    JointTrajectory trajectory = taken.apply(all);
    record.accept(trajectory);
    goals.send(
        new FollowJointTrajectory.Goal(
            trajectory,
            new MultiDOFJointTrajectory(trajectory.header(), List.of(), List.of()),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            new Duration(0, 0)));
  }

  private static Optional<String> wrong(GoalResult<FollowJointTrajectory.Result> end) {
    if (end.status() == GoalStatus.SUCCEEDED
        && end.result().errorCode() == FollowJointTrajectory.Result.SUCCESSFUL) {
      return Optional.empty();
    }
    String code =
        switch (end.result().errorCode()) {
          case FollowJointTrajectory.Result.SUCCESSFUL -> "no error code";
          case FollowJointTrajectory.Result.INVALID_GOAL -> "INVALID_GOAL";
          case FollowJointTrajectory.Result.INVALID_JOINTS -> "INVALID_JOINTS";
          case FollowJointTrajectory.Result.OLD_HEADER_TIMESTAMP -> "OLD_HEADER_TIMESTAMP";
          case FollowJointTrajectory.Result.PATH_TOLERANCE_VIOLATED -> "PATH_TOLERANCE_VIOLATED";
          case FollowJointTrajectory.Result.GOAL_TOLERANCE_VIOLATED -> "GOAL_TOLERANCE_VIOLATED";
          default -> "error code " + end.result().errorCode();
        };
    return Optional.of("%s, %s, '%s'".formatted(end.status(), code, end.result().errorString()));
  }

  @Override
  public synchronized void follow(Reference begun) {
    turns.incrementAndGet();
    reference = begun;
    trajectories.follow(begun);
  }

  @Override
  public void brake(double[] measured) {
    goals.hurry();
    trajectories.planned(measured);
  }

  @Override
  public void planned(double[] measured) {
    trajectories.planned(measured);
  }

  /** Cancels what still runs when the arm rests. */
  @Override
  public synchronized void release() {
    if (reference != null) {
      int turn = turns.incrementAndGet();
      long after = Math.max(0, reference.plan().endNanos() - System.nanoTime()) + CANCEL_NANOS;
      CompletableFuture.delayedExecutor(after, TimeUnit.NANOSECONDS)
          .execute(
              () -> {
                if (turn == turns.get()) {
                  goals.cancel();
                }
              });
    }
  }

  @Override
  public Optional<HoldReason> absent() {
    return goals.absent();
  }

  @Override
  public Optional<HoldReason> trouble() {
    return goals.trouble();
  }

  @Override
  public Optional<HoldReason> fault() {
    return goals.fault();
  }

  @Override
  public void close() {
    goals.close();
  }
}
