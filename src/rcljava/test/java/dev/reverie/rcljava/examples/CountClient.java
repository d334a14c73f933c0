package dev.reverie.rcljava.examples;

import dev.reverie.msgs.test_msgs.Fibonacci;
import dev.reverie.rcljava.Context;
import dev.reverie.rcljava.Executor;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.action.ActionClient;
import dev.reverie.rcljava.action.ClientGoalHandle;
import dev.reverie.rcljava.action.GoalResult;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;

/** Sends a goal to {@code fibonacci}, and prints its feedback and its result. */
public final class CountClient {
  public static void main(String... args) {
    try (Context context = Context.init(args)) {
      Node node = context.createNode("pupil");
      var client = new ActionClient<>(node, Fibonacci.TYPE, "fibonacci");
      var executor = new Executor(context);
      executor.add(node);
      if (!client.waitForServer(Duration.ofSeconds(10))) {
        throw new IllegalStateException("nobody serves fibonacci");
      }
      CompletableFuture<GoalResult<Fibonacci.Result>> result =
          client
              .sendGoal(
                  new Fibonacci.Goal(5),
                  feedback -> System.out.println("so far " + Arrays.toString(feedback.sequence())))
              .thenCompose(ClientGoalHandle::result);
      while (!result.isDone() && context.isOk()) {
        executor.spinOnce(Duration.ofSeconds(1));
      }
      System.out.println(
          result.join().status() + " " + Arrays.toString(result.join().result().sequence()));
    }
  }
}
