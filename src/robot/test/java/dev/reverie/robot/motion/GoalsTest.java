package dev.reverie.robot.motion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.msgs.control_msgs.FollowJointTrajectory;
import dev.reverie.rcljava.Context;
import dev.reverie.rcljava.Executor;
import dev.reverie.rcljava.action.ActionHandler;
import dev.reverie.rcljava.action.ActionServer;
import dev.reverie.rcljava.action.GoalHandle;
import dev.reverie.testing.Prepared;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Goals for a server that does not do its part. */
@Prepared
class GoalsTest {
  private static final int GOALS = 100;

  /** A server that accepts all goals and ends none. */
  private static final class Endless
      implements ActionHandler<
          FollowJointTrajectory.Goal,
          FollowJointTrajectory.Result,
          FollowJointTrajectory.Feedback> {
    final AtomicInteger accepted = new AtomicInteger();

    @Override
    public void execute(
        GoalHandle<
                FollowJointTrajectory.Goal,
                FollowJointTrajectory.Result,
                FollowJointTrajectory.Feedback>
            goal) {
      accepted.incrementAndGet();
    }
  }

  @Test
  void aServerThatIsSilentOrEndsNothingOwesNoMoreThanAFewAnswers() throws Exception {
    String namespace = "/goals_" + ProcessHandle.current().pid();
    try (var context = Context.init("--ros-args", "-r", "__ns:=" + namespace);
        var serves = new Executor(context);
        var asks = new Executor(context)) {
      var server = context.createNode("server");
      var endless = new Endless();
      var _ = new ActionServer<>(server, FollowJointTrajectory.TYPE, "move", endless);
      serves.add(server);
      var client = context.createNode("client");
      asks.add(client);
      try (var goals =
          new Goals<FollowJointTrajectory.Goal, FollowJointTrajectory.Result>(
              client, FollowJointTrajectory.TYPE, "move", _ -> Optional.empty(), 100_000_000L)) {
        for (int i = 0; i < 1000 && goals.absent().isPresent(); i++) {
          Thread.sleep(10);
        }
        for (int i = 0; i < GOALS; i++) {
          goals.send(new FollowJointTrajectory.Goal());
          goals.hurry();
        }
        assertEquals(16, goals.waiting(), "nobody serves");
        for (int i = 0; i < 1000 && endless.accepted.get() < GOALS; i++) {
          serves.spinOnce(Duration.ofMillis(10));
          asks.spinOnce(Duration.ofMillis(10));
          goals.send(new FollowJointTrajectory.Goal());
          goals.hurry();
        }
        assertTrue(endless.accepted.get() >= GOALS, endless.accepted.toString());
        assertTrue(goals.waiting() <= 16, goals.waiting() + " answers");
      }
    }
  }
}
