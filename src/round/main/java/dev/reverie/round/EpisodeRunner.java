package dev.reverie.round;

import dev.reverie.msgs.reverie.LabelEpisode;
import dev.reverie.msgs.reverie.Outcome;
import dev.reverie.msgs.reverie.ResetArm;
import dev.reverie.msgs.reverie.RunPolicy;
import dev.reverie.msgs.reverie.SwapPolicy;
import dev.reverie.rcljava.Client;
import dev.reverie.rcljava.Context;
import dev.reverie.rcljava.Executor;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.Qos;
import dev.reverie.rcljava.RclException;
import dev.reverie.rcljava.action.ActionClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;

/**
 * Runs episodes, one after the other, on an arm with a robot node beside it: reset, goal, outcome,
 * label. Not thread-safe.
 */
final class EpisodeRunner implements AutoCloseable {
  /**
   * Long enough for a machine whose other work goes first; a node that has ended is told at once.
   */
  private static final Duration START_LIMIT = Duration.ofMinutes(5);

  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration EPISODE_LIMIT = Duration.ofMinutes(5);
  private static final Duration NO_LIMIT = Duration.ofNanos(Long.MAX_VALUE);

  private final Context context;
  private final Executor executor;
  private final Thread spinner;
  private final Client<ResetArm.Request, ResetArm.Response> reset;
  private final Client<LabelEpisode.Request, LabelEpisode.Response> label;
  private final Client<SwapPolicy.Request, SwapPolicy.Response> swap;
  private final ActionClient<RunPolicy.Goal, RunPolicy.Result, RunPolicy.Feedback> run;
  private final CompletableFuture<?> nodesEnded;
  private volatile CompletableFuture<Outcome> outcome = new CompletableFuture<>();

  /**
   * Creates a runner.
   *
   * @param nodesEnded completed when the arm or the robot node has ended: no answer comes then
   */
  EpisodeRunner(String nodeName, CompletableFuture<?> nodesEnded) {
    this.nodesEnded = nodesEnded;
    context = Context.init(new String[0]);
    Node node = context.createNode(nodeName);
    reset = node.createClient(ResetArm.TYPE, "simulated_arm/reset");
    label = node.createClient(LabelEpisode.TYPE, "robot/label_episode");
    swap = node.createClient(SwapPolicy.TYPE, "robot/swap_policy");
    run = new ActionClient<>(node, RunPolicy.TYPE, "robot/run_policy");
    node.createSubscription(
        Outcome.TYPE, "outcome", Qos.reliable(10), (Outcome o) -> outcome.complete(o));
    executor = new Executor(context);
    executor.add(node);
    spinner = Thread.ofPlatform().name("round-ros").daemon().start(executor::spin);
  }

  /**
   * Waits until arm and robot node answer.
   *
   * @param alive throws when one of them has ended
   */
  void awaitNodes(Runnable alive) {
    long deadline = System.nanoTime() + START_LIMIT.toNanos();
    await("simulated arm", alive, deadline, () -> reset.waitForService(POLL));
    await("robot node", alive, deadline, () -> run.waitForServer(POLL));
    await("robot node", alive, deadline, () -> label.waitForService(POLL));
    await("robot node", alive, deadline, () -> swap.waitForService(POLL));
  }

  private void await(String who, Runnable alive, long deadline, BooleanSupplier there) {
    while (!there.getAsBoolean()) {
      requireGoingOn();
      alive.run();
      if (System.nanoTime() > deadline) {
        throw new RoundException(
            "the %s did not answer within %d s".formatted(who, START_LIMIT.toSeconds()));
      }
    }
  }

  EpisodeResult run(EpisodeRequest request) {
    var reached = new CompletableFuture<Outcome>();
    var start =
        get(
            "reset",
            reset.call(
                new ResetArm.Request()
                    .withSeed(request.scene())
                    .withDemonstrate(request.demonstrate())));
    if (!start.success()) {
      throw new RoundException("the arm refused to reset: " + start.message());
    }
    outcome = reached;
    var goal =
        new RunPolicy.Goal()
            .withInstruction(start.instruction())
            .withTemperature(request.temperature())
            .withSeed(request.tokens())
            .withTeleop(request.demonstrate());
    var handle = get("goal", run.sendGoal(goal, feedback -> {}));
    var result = handle.result();
    get("outcome", CompletableFuture.anyOf(reached, result));
    if (reached.isDone()) {
      var labelled =
          get("label", label.call(new LabelEpisode.Request().withOutcome(reached.join())));
      if (!labelled.success()) {
        throw new RoundException("the robot node refused the label: " + labelled.message());
      }
    }
    var ended = get("result", result).result();
    if (ended.bag().isEmpty()) {
      throw new RoundException(
          "nothing was recorded, for the episode ended before its first tick: "
              + ended.outcome().reason());
    }
    return new EpisodeResult(
        ended.episodeId(),
        Path.of(ended.bag()),
        ended.outcome().outcome() == Outcome.SUCCESS,
        ended.ticks(),
        ended.outcome().labeller() + ": " + ended.outcome().reason());
  }

  /** Puts a new policy into the running node; returns its id. */
  String swap(Path bundle) {
    var response =
        get(
            "swap",
            swap.call(new SwapPolicy.Request().withBundle(bundle.toAbsolutePath().toString())));
    if (!response.success()) {
      throw new RoundException("the robot node kept its policy: " + response.message());
    }
    return response.policyId();
  }

  private <T> T get(String what, CompletableFuture<T> answer) {
    return await(what, answer, EPISODE_LIMIT);
  }

  /** Waits for other work, however long it takes. */
  void await(String what, CompletableFuture<Void> work) {
    await(what, work, NO_LIMIT);
  }

  private <T> T await(String what, CompletableFuture<T> answer, Duration limit) {
    try {
      context.await(what, CompletableFuture.anyOf(answer, nodesEnded), limit);
      if (!answer.isDone()) {
        throw new RoundException("a node ended before the " + what);
      }
      return context.await(what, answer, limit);
    } catch (RclException e) {
      requireGoingOn();
      throw new RoundException(String.valueOf(e.getMessage()), e);
    }
  }

  /** Throws when this process was asked to stop. */
  void requireGoingOn() {
    if (!context.isOk()) {
      throw new RoundException("stopped before the end");
    }
  }

  @Override
  public void close() {
    context.close();
    try {
      spinner.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
