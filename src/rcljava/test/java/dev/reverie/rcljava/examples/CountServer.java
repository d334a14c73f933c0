package dev.reverie.rcljava.examples;

import dev.reverie.msgs.test_msgs.Fibonacci;
import dev.reverie.rcljava.Context;
import dev.reverie.rcljava.Executor;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.action.ActionHandler;
import dev.reverie.rcljava.action.ActionServer;
import dev.reverie.rcljava.action.GoalHandle;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;

/** Serves an action that takes its time: the work is done by a thread of its own. */
public final class CountServer
    implements ActionHandler<Fibonacci.Goal, Fibonacci.Result, Fibonacci.Feedback> {
  @Override
  public void execute(GoalHandle<Fibonacci.Goal, Fibonacci.Result, Fibonacci.Feedback> goal) {
    Thread.ofVirtual().start(() -> count(goal));
  }

  private static void count(GoalHandle<Fibonacci.Goal, Fibonacci.Result, Fibonacci.Feedback> goal) {
    int[] sequence = {0, 1};
    while (sequence.length <= goal.goal().order()) {
      if (goal.isCanceling()) {
        goal.canceled(new Fibonacci.Result(sequence));
        return;
      }
      int n = sequence.length;
      sequence = Arrays.copyOf(sequence, n + 1);
      sequence[n] = sequence[n - 1] + sequence[n - 2];
      goal.publishFeedback(new Fibonacci.Feedback(sequence));
      LockSupport.parkNanos(20_000_000); // as if it were hard
    }
    goal.succeed(new Fibonacci.Result(sequence));
  }

  public static void main(String... args) {
    try (Context context = Context.init(args)) {
      Node node = context.createNode("counter");
      new ActionServer<>(node, Fibonacci.TYPE, "fibonacci", new CountServer());
      Executor executor = new Executor(context);
      executor.add(node);
      executor.spin();
    }
  }
}
