package dev.reverie.robot.control;

import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.reverie.Outcome;
import dev.reverie.msgs.reverie.RunPolicy;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.action.ActionHandler;
import dev.reverie.rcljava.action.ActionServer;
import dev.reverie.rcljava.action.GoalHandle;
import dev.reverie.robot.control.EpisodeRun.Client;
import dev.reverie.robot.control.EpisodeRun.Ended;
import dev.reverie.robot.control.EpisodeRun.Request;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * The action {@code ~/run_policy}: one episode a goal. A goal that cannot run is accepted and
 * aborted at once, so that its result can say why. For the control thread.
 */
public final class PolicyAction
    implements ActionHandler<RunPolicy.Goal, RunPolicy.Result, RunPolicy.Feedback> {
  private final BiConsumer<Request, Client> begin;
  private final Consumer<Client> cancel;
  private final Executor control;
  private final Map<UUID, Client> clients = new HashMap<>();

  private PolicyAction(
      BiConsumer<Request, Client> begin, Consumer<Client> cancel, Executor control) {
    this.begin = begin;
    this.cancel = cancel;
    this.control = control;
  }

  /**
   * Offers the action.
   *
   * @param begin begins an episode; the client is told when it has ended, which may be at once
   * @param cancel ends the episode of a client
   * @param control runs work on the control thread, later
   */
  public static void offer(
      Node node, BiConsumer<Request, Client> begin, Consumer<Client> cancel, Executor control) {
    new ActionServer<>(
        node, RunPolicy.TYPE, "~/run_policy", new PolicyAction(begin, cancel, control));
  }

  @Override
  public void execute(GoalHandle<RunPolicy.Goal, RunPolicy.Result, RunPolicy.Feedback> handle) {
    RunPolicy.Goal goal = handle.goal();
    var request =
        new Request(
            goal.instruction(),
            goal.teleop(),
            goal.temperature(),
            goal.seed(),
            Stamps.nanos(goal.timeLimit()));
    var client = new GoalClient(handle);
    clients.put(handle.id(), client);
    begin.accept(request, client);
  }

  @Override
  public boolean cancel(GoalHandle<RunPolicy.Goal, RunPolicy.Result, RunPolicy.Feedback> handle) {
    Client client = clients.get(handle.id());
    if (client != null) {
      control.execute(() -> cancel.accept(client)); // once the goal is canceling
    }
    return client != null;
  }

  private final class GoalClient implements Client {
    private final GoalHandle<RunPolicy.Goal, RunPolicy.Result, RunPolicy.Feedback> handle;

    GoalClient(GoalHandle<RunPolicy.Goal, RunPolicy.Result, RunPolicy.Feedback> handle) {
      this.handle = handle;
    }

    @Override
    public void progress(String id, int ticks, long stampNanos) {
      handle.publishFeedback(new RunPolicy.Feedback(id, ticks, Stamps.time(stampNanos)));
    }

    @Override
    public void ended(Ended ended) {
      clients.remove(handle.id());
      var result =
          new RunPolicy.Result(
              ended.id(),
              ended.outcome(),
              ended.bag().map(Path::toString).orElse(""),
              ended.ticks());
      if (ended.outcome().outcome() != Outcome.ABORTED) {
        handle.succeed(result);
      } else if (handle.isCanceling()) {
        handle.canceled(result);
      } else {
        handle.abort(result);
      }
    }
  }
}
