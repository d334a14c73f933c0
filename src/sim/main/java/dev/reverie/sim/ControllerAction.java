package dev.reverie.sim;

import dev.reverie.msgs.ActionType;
import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.trajectory_msgs.JointTrajectory;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.action.ActionHandler;
import dev.reverie.rcljava.action.ActionServer;
import dev.reverie.rcljava.action.GoalHandle;
import dev.reverie.rcljava.action.GoalResponse;
import dev.reverie.rcljava.action.GoalStatus;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Serves the action that a controller has beside its topic: a goal is a trajectory, which is
 * rejected where the topic's would be dropped, replaces the goal before, and ends in time. For the
 * node's thread.
 *
 * @param <G> goal
 * @param <R> result
 * @param <F> feedback
 */
final class ControllerAction<G, R, F> implements ActionHandler<G, R, F> {
  private final Node node;
  private final Function<G, JointTrajectory> trajectory;
  private final Function<JointTrajectory, Optional<String>> offer;
  private final Runnable stop;
  private final Function<GoalStatus, R> result;
  private final long settlesNanos;
  private @Nullable GoalHandle<G, R, F> newest; // until it has ended
  private long endNanos;

  /**
   * Starts the server.
   *
   * @param offer takes a trajectory; says why it is dropped
   * @param stop holds the joints where they are asked to be
   * @param result of a goal that ends so
   * @param settlesNanos from the end of a trajectory to that of its goal
   */
  ControllerAction(
      Node node,
      ActionType<G, R, F> type,
      String name,
      Function<G, JointTrajectory> trajectory,
      Function<JointTrajectory, Optional<String>> offer,
      Runnable stop,
      Function<GoalStatus, R> result,
      long settlesNanos) {
    this.node = node;
    this.trajectory = trajectory;
    this.offer = offer;
    this.stop = stop;
    this.result = result;
    this.settlesNanos = settlesNanos;
    var _ = new ActionServer<>(node, type, name, this);
  }

  @Override
  public GoalResponse accept(G goal) {
    JointTrajectory wanted = trajectory.apply(goal);
    if (offer.apply(wanted).isPresent()) {
      return GoalResponse.REJECT;
    }
    long stamp = Stamps.nanos(wanted.header().stamp());
    endNanos =
        (stamp == 0 ? node.clock().nowNanos() : stamp)
            + Stamps.nanos(wanted.points().getLast().timeFromStart())
            + settlesNanos;
    return GoalResponse.EXECUTE;
  }

  @Override
  public void execute(GoalHandle<G, R, F> goal) {
    GoalHandle<G, R, F> before = newest;
    newest = goal;
    if (before != null) {
      before.abort(result.apply(GoalStatus.ABORTED));
    }
  }

  /** Ends the goal whose time is over, or that is to be cancelled. */
  void watch(long nowNanos) {
    GoalHandle<G, R, F> goal = newest;
    if (goal != null && goal.isCanceling()) {
      newest = null;
      stop.run();
      goal.canceled(result.apply(GoalStatus.CANCELED));
    } else if (goal != null && nowNanos >= endNanos) {
      newest = null;
      goal.succeed(result.apply(GoalStatus.SUCCEEDED));
    }
  }
}
