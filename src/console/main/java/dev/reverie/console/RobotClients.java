package dev.reverie.console;

import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.rcl_interfaces.Log;
import dev.reverie.msgs.reverie.LabelEpisode;
import dev.reverie.msgs.reverie.Outcome;
import dev.reverie.msgs.reverie.RunPolicy;
import dev.reverie.msgs.reverie.SwapPolicy;
import dev.reverie.msgs.std_msgs.Header;
import dev.reverie.msgs.std_srvs.Trigger;
import dev.reverie.rcljava.Client;
import dev.reverie.rcljava.Clock;
import dev.reverie.rcljava.Context;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.Publisher;
import dev.reverie.rcljava.Qos;
import dev.reverie.rcljava.RclException;
import dev.reverie.rcljava.action.ActionClient;
import dev.reverie.rcljava.action.GoalResult;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Asks the robot node for what a person wants of it, and waits for its answer. Thread-safe. */
final class RobotClients {
  /** Labelling forces a bag to the disk. */
  private static final Duration ANSWER = Duration.ofSeconds(10);

  /** A goal that cannot run ends at once. */
  private static final Duration AT_ONCE = Duration.ofMillis(700);

  private static final List<String> OUTCOMES =
      List.of("unlabelled", "success", "failure", "aborted");

  /**
   * The node's answer.
   *
   * @param message why not, or what it says
   * @param episodeId that it is about; may be empty
   */
  record Answer(boolean ok, String message, String episodeId) {}

  private final Context context;
  private final String robot;
  private final Client<Trigger.Request, Trigger.Response> stop;
  private final Client<Trigger.Request, Trigger.Response> resetStop;
  private final Client<Trigger.Request, Trigger.Response> goLive;
  private final Client<Trigger.Request, Trigger.Response> rollback;
  private final Client<Trigger.Request, Trigger.Response> cancelSwap;
  private final Client<SwapPolicy.Request, SwapPolicy.Response> swap;
  private final Client<LabelEpisode.Request, LabelEpisode.Response> label;
  private final Publisher<Log> requests;
  private final ActionClient<RunPolicy.Goal, RunPolicy.Result, RunPolicy.Feedback> run;

  RobotClients(Node node, String robot) {
    context = node.context();
    this.robot = robot;
    stop = node.createClient(Trigger.TYPE, robot + "/stop");
    resetStop = node.createClient(Trigger.TYPE, robot + "/reset_stop");
    goLive = node.createClient(Trigger.TYPE, robot + "/go_live");
    rollback = node.createClient(Trigger.TYPE, robot + "/rollback_policy");
    cancelSwap = node.createClient(Trigger.TYPE, robot + "/cancel_swap");
    swap = node.createClient(SwapPolicy.TYPE, robot + "/swap_policy");
    label = node.createClient(LabelEpisode.TYPE, robot + "/label_episode");
    run = new ActionClient<>(node, RunPolicy.TYPE, robot + "/run_policy");
    requests = node.createPublisher(Log.TYPE, robot + "/request", Qos.reliable(20));
  }

  /**
   * Asks, and has the node record who asked for what.
   *
   * @param person who asks
   * @throws Refusal where the node does not answer
   */
  Answer ask(Ask what, String person) {
    long now = Clock.SYSTEM.nowNanos();
    String function = Json.tree(what).path("ask").asText();
    requests.publish(
        new Log(Stamps.time(now), Log.INFO, person, Json.write(what), "console", function, 0));
    return switch (what) {
      case Ask.Stop _ -> trigger(stop, "stop");
      case Ask.ResetStop _ -> trigger(resetStop, "reset_stop");
      case Ask.GoLive _ -> trigger(goLive, "go_live");
      case Ask.Label told -> label(told, person);
      case Ask.Run goal -> run(goal);
      case Ask.Swap told -> swap(told);
      case Ask.Rollback _ -> trigger(rollback, "rollback_policy");
      case Ask.CancelSwap _ -> trigger(cancelSwap, "cancel_swap");
    };
  }

  private Answer trigger(Client<Trigger.Request, Trigger.Response> client, String name) {
    requireThere(client.isServiceAvailable());
    Trigger.Response answer = await(name, client.call(new Trigger.Request()));
    return new Answer(answer.success(), answer.message(), "");
  }

  private Answer label(Ask.Label told, String person) {
    int kind = OUTCOMES.indexOf(told.outcome());
    if (kind < 0) {
      throw new Refusal(400, "the outcome is '%s'; give one of %s", told.outcome(), OUTCOMES);
    }
    requireThere(label.isServiceAvailable());
    var outcome = new Outcome(new Header(), (byte) kind, person, told.note());
    LabelEpisode.Response answer =
        await("label_episode", label.call(new LabelEpisode.Request(told.episodeId(), outcome)));
    return new Answer(answer.success(), answer.message(), answer.episodeId());
  }

  private Answer run(Ask.Run goal) {
    requireThere(run.isServerAvailable());
    var message =
        new RunPolicy.Goal(
            goal.instruction(),
            Stamps.duration((long) (goal.timeLimitS() * 1e9)),
            (float) goal.temperature(),
            goal.seed(),
            goal.teleop());
    CompletableFuture<GoalResult<RunPolicy.Result>> ended =
        await("goal", run.sendGoal(message, _ -> {})).result();
    try {
      RunPolicy.Result result = context.await("result", ended.copy(), AT_ONCE).result();
      boolean ran = !result.bag().isEmpty();
      return new Answer(ran, result.outcome().reason(), result.episodeId());
    } catch (RclException e) {
      return new Answer(true, "", ""); // it runs
    }
  }

  /**
   * A swap takes as long as loading does, and the node tells of each step of it: only what is
   * refused at once is waited for.
   */
  private Answer swap(Ask.Swap told) {
    requireThere(swap.isServiceAvailable());
    CompletableFuture<SwapPolicy.Response> answer =
        swap.call(
            new SwapPolicy.Request().withBundle(told.bundle()).withMayDiffer(told.mayDiffer()));
    try {
      SwapPolicy.Response ended = context.await("swap", answer.copy(), AT_ONCE);
      return new Answer(ended.success(), ended.message(), "");
    } catch (RclException e) {
      return new Answer(true, "", ""); // it is under way
    }
  }

  private <T> T await(String what, CompletableFuture<T> answer) {
    try {
      return context.await("answer of " + robot + "/" + what, answer, ANSWER);
    } catch (RclException e) {
      answer.cancel(false); // nobody waits any more
      throw new Refusal(504, "%s", String.valueOf(e.getMessage()));
    }
  }

  private void requireThere(boolean there) {
    if (!there) {
      throw new Refusal(
          503,
          "no robot node %s is there on ROS domain %s; start it, or name it with --node",
          robot,
          System.getenv().getOrDefault("ROS_DOMAIN_ID", "0"));
    }
  }
}
