package dev.reverie.rcljava.action;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.msgs.test_msgs.Fibonacci;
import dev.reverie.rcljava.Executor;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.Peer;
import dev.reverie.rcljava.RclException;
import dev.reverie.rcljava.TestRos;
import dev.reverie.testing.Prepared;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;

@Prepared
class ActionsTest {
  /** Rejects below 0, defers 7, aborts 13, lets 50 be canceled and 60 not. */
  private static final class Sequences
      implements ActionHandler<Fibonacci.Goal, Fibonacci.Result, Fibonacci.Feedback> {
    private final Node node;

    Sequences(Node node) {
      this.node = node;
    }

    @Override
    public GoalResponse accept(Fibonacci.Goal goal) {
      return goal.order() < 0
          ? GoalResponse.REJECT
          : goal.order() == 7 ? GoalResponse.DEFER : GoalResponse.EXECUTE;
    }

    @Override
    public boolean cancel(GoalHandle<Fibonacci.Goal, Fibonacci.Result, Fibonacci.Feedback> goal) {
      return goal.goal().order() == 50;
    }

    @Override
    public void execute(GoalHandle<Fibonacci.Goal, Fibonacci.Result, Fibonacci.Feedback> goal) {
      switch (goal.goal().order()) {
        case 4 -> {
          int[] sequence = {0, 1, 1, 2, 3};
          for (int n = 3; n <= 5; n++) {
            goal.publishFeedback(new Fibonacci.Feedback(Arrays.copyOf(sequence, n)));
          }
          endSoon(goal, sequence); // rclpy drops feedback that it takes after the end
        }
        case 7 -> {
          assertEquals(GoalStatus.ACCEPTED, goal.status());
          goal.begin();
          goal.succeed(new Fibonacci.Result(new int[] {7}));
          assertThrows(IllegalStateException.class, () -> goal.abort(new Fibonacci.Result()));
        }
        case 13 -> goal.abort(new Fibonacci.Result());
        case 50 -> Thread.ofVirtual().start(() -> endWhenCanceled(goal));
        default -> endSoon(goal, new int[] {60}); // not before the cancellation comes
      }
    }

    private void endSoon(
        GoalHandle<Fibonacci.Goal, Fibonacci.Result, Fibonacci.Feedback> goal, int[] sequence) {
      node.createTimer(
          Duration.ofMillis(200),
          () -> {
            if (!goal.status().isTerminal()) {
              goal.succeed(new Fibonacci.Result(sequence));
            }
          });
    }

    private void endWhenCanceled(
        GoalHandle<Fibonacci.Goal, Fibonacci.Result, Fibonacci.Feedback> goal) {
      node.graph().await(TestRos.TIMEOUT, goal::isCanceling);
      goal.canceled(new Fibonacci.Result(new int[] {50}));
    }
  }

  @Test
  void rclpyDrivesAnActionOfJava() throws Exception {
    try (var ros = new TestRos();
        var peer = new Peer(ros.namespace, "act")) {
      var handler = new Sequences(ros.node);
      var server = new ActionServer<>(ros.node, Fibonacci.TYPE, "fibonacci", handler);
      var forgetful =
          new ActionServer<>(
              ros.node,
              Fibonacci.TYPE,
              "forgetful",
              handler,
              ActionServerOptions.DEFAULT.withResultTimeout(Duration.ofMillis(50)));
      assertEquals(ros.namespace + "/fibonacci", server.name());
      assertEquals(ros.namespace + "/forgetful", forgetful.name());
      assertEquals("4 [0, 1, 1, 2, 3]", peer.await("succeeded"));
      assertEquals("[[0, 1, 1], [0, 1, 1, 2], [0, 1, 1, 2, 3]]", peer.await("feedback"));
      assertEquals("False", peer.await("rejected"));
      assertEquals("6 []", peer.await("aborted"));
      assertEquals("0", peer.await("cancel"));
      assertEquals("5 [50]", peer.await("canceled"));
      assertEquals("3", peer.await("cancel_again"));
      assertEquals("1", peer.await("cancel_refused"));
      assertEquals("4 [60]", peer.await("unstoppable"));
      assertEquals("4 [7]", peer.await("deferred"));
      assertEquals("0 []", peer.await("expired"));
      peer.awaitEnd();
    }
  }

  @Test
  void javaDrivesAnActionOfRclpy() throws Exception {
    try (var ros = new TestRos();
        var peer = new Peer(ros.namespace, "serve")) {
      var client = new ActionClient<>(ros.node, Fibonacci.TYPE, "fibonacci");
      assertTrue(client.waitForServer(TestRos.TIMEOUT));
      peer.await("met action");

      List<int[]> feedback = new ArrayList<>();
      ClientGoalHandle<Fibonacci.Result> goal =
          TestRos.get(client.sendGoal(new Fibonacci.Goal(5), f -> feedback.add(f.sequence())));
      GoalResult<Fibonacci.Result> result = TestRos.get(goal.result());
      assertEquals(GoalStatus.SUCCEEDED, result.status());
      assertArrayEquals(new int[] {0, 1, 1, 2, 3, 5, 8}, result.result().sequence());
      assertTrue(feedback.size() > 1, "feedback " + feedback.size());

      CompletableFuture<ClientGoalHandle<Fibonacci.Result>> rejected =
          client.sendGoal(new Fibonacci.Goal(-1), f -> {});
      ExecutionException failure =
          assertThrows(ExecutionException.class, () -> TestRos.get(rejected));
      assertInstanceOf(RclException.class, failure.getCause());

      ClientGoalHandle<Fibonacci.Result> aborted =
          TestRos.get(client.sendGoal(new Fibonacci.Goal(13), f -> {}));
      assertEquals(GoalStatus.ABORTED, TestRos.get(aborted.result()).status());

      var seen = new LinkedBlockingQueue<Fibonacci.Feedback>();
      ClientGoalHandle<Fibonacci.Result> canceled =
          TestRos.get(client.sendGoal(new Fibonacci.Goal(1000), seen::add));
      seen.take();
      assertTrue(TestRos.get(canceled.cancel()));
      assertEquals(GoalStatus.CANCELED, TestRos.get(canceled.result()).status());
    }
  }

  /** Goals end when they are told to: what was begun, in that order, and what was preempted. */
  private static class Patient
      implements ActionHandler<Fibonacci.Goal, Fibonacci.Result, Fibonacci.Feedback> {
    final List<GoalHandle<Fibonacci.Goal, Fibonacci.Result, Fibonacci.Feedback>> begun =
        new CopyOnWriteArrayList<>();
    final List<Integer> preempted = new CopyOnWriteArrayList<>();

    @Override
    public void execute(GoalHandle<Fibonacci.Goal, Fibonacci.Result, Fibonacci.Feedback> goal) {
      begun.add(goal);
    }

    @Override
    public void preempted(GoalHandle<Fibonacci.Goal, Fibonacci.Result, Fibonacci.Feedback> goal) {
      throw new AssertionError("no goal is preempted here");
    }

    List<Integer> orders() {
      return begun.stream().map(goal -> goal.goal().order()).toList();
    }

    /** Ends a goal; a client may know that it was accepted before it is begun. */
    void succeed(int index) {
      long deadline = System.nanoTime() + TestRos.TIMEOUT.toNanos();
      while (begun.size() <= index && System.nanoTime() < deadline) {
        Thread.onSpinWait();
      }
      begun.get(index).succeed(new Fibonacci.Result(new int[] {index}));
    }
  }

  /** Holds an action server of one policy, and a client of it. */
  private record Pair(
      Patient handler,
      ActionServer<Fibonacci.Goal, Fibonacci.Result, Fibonacci.Feedback> server,
      ActionClient<Fibonacci.Goal, Fibonacci.Result, Fibonacci.Feedback> client) {
    static Pair of(TestRos ros, ActionServerOptions.Goals goals) {
      return of(ros, goals, new Patient());
    }

    static Pair of(TestRos ros, ActionServerOptions.Goals goals, Patient handler) {
      var server =
          new ActionServer<>(
              ros.node,
              Fibonacci.TYPE,
              "patient",
              handler,
              ActionServerOptions.DEFAULT.withGoals(goals));
      var client = new ActionClient<>(ros.node, Fibonacci.TYPE, "patient");
      assertTrue(client.waitForServer(TestRos.TIMEOUT));
      return new Pair(handler, server, client);
    }

    ClientGoalHandle<Fibonacci.Result> send(int order) throws Exception {
      return TestRos.get(client.sendGoal(new Fibonacci.Goal(order), f -> {}));
    }
  }

  @Test
  void concurrentGoalsExecuteAtTheSameTimeAndAreCanceledTogether() throws Exception {
    try (var ros = new TestRos()) {
      var pair = Pair.of(ros, ActionServerOptions.Goals.CONCURRENT);
      ClientGoalHandle<Fibonacci.Result> first = pair.send(1);
      ClientGoalHandle<Fibonacci.Result> second = pair.send(2);
      assertEquals(List.of(1, 2), pair.handler.orders());
      ros.await(
          "both execute",
          () ->
              List.copyOf(pair.client.statuses().values())
                  .equals(List.of(GoalStatus.EXECUTING, GoalStatus.EXECUTING)));
      assertEquals(List.of(first.id(), second.id()), TestRos.get(pair.client.cancelAll()));
      pair.handler.begun.forEach(goal -> goal.canceled(new Fibonacci.Result()));
      assertEquals(GoalStatus.CANCELED, TestRos.get(first.result()).status());
      assertEquals(GoalStatus.CANCELED, TestRos.get(second.result()).status());
      ClientGoalHandle<Fibonacci.Result> third = pair.send(3);
      assertEquals(
          List.of(third.id()), TestRos.get(pair.client.cancelUntil(third.acceptedStamp())));
    }
  }

  @Test
  void whereOneExecutesAtATimeTheNextIsRejected() throws Exception {
    try (var ros = new TestRos()) {
      var pair = Pair.of(ros, ActionServerOptions.Goals.ONE_REJECT);
      ClientGoalHandle<Fibonacci.Result> first = pair.send(1);
      assertThrows(ExecutionException.class, () -> pair.send(2));
      pair.handler.succeed(0);
      assertEquals(GoalStatus.SUCCEEDED, TestRos.get(first.result()).status());
      pair.send(3);
      assertEquals(List.of(1, 3), pair.handler.orders());
    }
  }

  @Test
  void queuedGoalsExecuteInTheirOrderUnlessTheyAreCanceled() throws Exception {
    try (var ros = new TestRos()) {
      var pair = Pair.of(ros, ActionServerOptions.Goals.ONE_QUEUE);
      pair.send(1);
      ClientGoalHandle<Fibonacci.Result> second = pair.send(2);
      ClientGoalHandle<Fibonacci.Result> third = pair.send(3);
      assertEquals(List.of(1), pair.handler.orders());
      assertTrue(TestRos.get(second.cancel()));
      assertEquals(GoalStatus.CANCELED, TestRos.get(second.result()).status());
      pair.handler.succeed(0);
      ros.await("the third", () -> pair.handler.orders().equals(List.of(1, 3)));
      pair.handler.succeed(1);
      assertArrayEquals(new int[] {1}, TestRos.get(third.result()).result().sequence());
    }
  }

  @Test
  void theNewestGoalPreemptsAndThoseBetweenAreAborted() throws Exception {
    try (var ros = new TestRos()) {
      var handler =
          new Patient() {
            @Override
            public void preempted(
                GoalHandle<Fibonacci.Goal, Fibonacci.Result, Fibonacci.Feedback> goal) {
              preempted.add(goal.goal().order());
              assertTrue(goal.isPreempted());
            }
          };
      var pair = Pair.of(ros, ActionServerOptions.Goals.ONE_PREEMPT, handler);
      ClientGoalHandle<Fibonacci.Result> first = pair.send(1);
      ClientGoalHandle<Fibonacci.Result> second = pair.send(2);
      ClientGoalHandle<Fibonacci.Result> third = pair.send(3);
      assertEquals(GoalStatus.ABORTED, TestRos.get(second.result()).status());
      assertEquals(List.of(1, 1), handler.preempted);
      handler.begun.getFirst().abort(new Fibonacci.Result(new int[] {-1}));
      assertEquals(GoalStatus.ABORTED, TestRos.get(first.result()).status());
      ros.await("the third", () -> handler.orders().equals(List.of(1, 3)));
      handler.succeed(1);
      assertEquals(GoalStatus.SUCCEEDED, TestRos.get(third.result()).status());
    }
  }

  @Test
  void aServerThatIsClosedAbortsItsGoalsAndTheirWorkMayGoOn() throws Exception {
    try (var ros = new TestRos()) {
      var pair = Pair.of(ros, ActionServerOptions.Goals.ONE_QUEUE);
      ClientGoalHandle<Fibonacci.Result> executing = pair.send(1);
      ClientGoalHandle<Fibonacci.Result> waiting = pair.send(2);
      ros.await("both results are asked for", () -> pair.server.awaited() == 2);
      pair.server.close();
      assertEquals(GoalStatus.ABORTED, TestRos.get(executing.result()).status());
      assertEquals(GoalStatus.ABORTED, TestRos.get(waiting.result()).status());
      GoalHandle<Fibonacci.Goal, Fibonacci.Result, Fibonacci.Feedback> work =
          pair.handler.begun.getFirst();
      assertEquals(GoalStatus.ABORTED, work.status(), "which the work can see");
      var ended = new CompletableFuture<Void>();
      Runnable rest =
          () -> {
            work.publishFeedback(new Fibonacci.Feedback());
            work.succeed(new Fibonacci.Result(new int[] {1}));
            ended.complete(null);
          };
      ros.node.executor().orElseThrow().execute(rest);
      TestRos.get(ended);
      assertEquals(List.of(1), pair.handler.orders(), "what waited does not begin");
    } // the spinning thread has not failed
  }

  @Test
  void aServerThatIsClosedWhileAGoalComesInAnswersNobodyAndEndsNoExecutor() throws Exception {
    try (var ros = new TestRos(context -> new Executor(context, 2))) {
      var closed = new CompletableFuture<Void>();
      var coming = new CompletableFuture<Void>();
      var handler =
          new Patient() {
            @Override
            public GoalResponse accept(Fibonacci.Goal goal) {
              coming.complete(null);
              closed.join();
              return GoalResponse.EXECUTE;
            }
          };
      var pair = Pair.of(ros, ActionServerOptions.Goals.CONCURRENT, handler);
      var asked = pair.client.sendGoal(new Fibonacci.Goal(1), f -> {});
      TestRos.get(coming);
      pair.server.close();
      closed.complete(null);
      ros.await("the server's end is seen", () -> !pair.client.isServerAvailable());
      var next = Pair.of(ros, ActionServerOptions.Goals.CONCURRENT);
      ClientGoalHandle<Fibonacci.Result> second = next.send(2);
      next.handler.succeed(0);
      assertEquals(GoalStatus.SUCCEEDED, TestRos.get(second.result()).status());
      assertEquals(List.of(), handler.orders());
      assertFalse(asked.isDone());
      asked.cancel(false);
    }
  }

  @Test
  void aNodeThatIsClosedWhileItServesAGoalLeavesTheWorkAlone() throws Exception {
    try (var ros = new TestRos()) {
      var pair = Pair.of(ros, ActionServerOptions.Goals.CONCURRENT);
      pair.send(1);
      ros.node.close();
      pair.handler.succeed(0);
      assertEquals(GoalStatus.SUCCEEDED, pair.handler.begun.getFirst().status());
    }
  }
}
