package dev.reverie.round;

import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.reverie.LabelEpisode;
import dev.reverie.msgs.reverie.Outcome;
import dev.reverie.msgs.reverie.RunPolicy;
import dev.reverie.msgs.reverie.Status;
import dev.reverie.msgs.reverie.SwapPolicy;
import dev.reverie.msgs.std_msgs.Header;
import dev.reverie.msgs.std_srvs.Trigger;
import dev.reverie.rcljava.Client;
import dev.reverie.rcljava.Context;
import dev.reverie.rcljava.Executor;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.Qos;
import dev.reverie.rcljava.RclException;
import dev.reverie.rcljava.action.ActionClient;
import dev.reverie.rcljava.action.GoalResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An arm beside which a robot node runs. A person puts its scene back before each episode and says
 * by a key how it went; what comes on the topic {@code outcome} counts as much. Not thread-safe.
 */
final class NodeTrialArm implements TrialArm {
  private static final Duration THERE = Duration.ofSeconds(10);
  private static final Duration ANSWER = Duration.ofMinutes(2);
  private static final Duration LAST = Duration.ofSeconds(5);
  private static final Duration POLL = Duration.ofMillis(50);
  private static final String STOPPED = "stopped before the end; the same command goes on";
  private static final String KEYS = "s success, f failure, d it does not count, q ends all";

  private final Console console;
  private final Request request;
  private final Optional<Keyboard> keyboard;
  private final Context context;
  private final Thread spinner;
  private final Client<SwapPolicy.Request, SwapPolicy.Response> swap;
  private final Client<LabelEpisode.Request, LabelEpisode.Response> label;
  private final Client<Trigger.Request, Trigger.Response> live;
  private final ActionClient<RunPolicy.Goal, RunPolicy.Result, RunPolicy.Feedback> run;
  private volatile @Nullable Status status;
  private volatile @Nullable Outcome told;

  /**
   * The request that all episodes have in common.
   *
   * @param node name of the robot node
   * @param instruction empty: the node's own
   * @param limit of an episode; zero: none
   * @param goesLive lets a policy move the arm that never did; else it is refused
   * @param mayDiffer fields of the policies' specifications in which they may differ
   * @param pause after which the scene is taken to be put back; empty: a person presses Enter
   * @param labeller who presses the keys
   * @param judge of episodes that nobody said anything of until their time was over
   */
  record Request(
      String node,
      String instruction,
      Duration limit,
      float temperature,
      long seed,
      boolean goesLive,
      List<String> mayDiffer,
      Optional<Duration> pause,
      String labeller,
      Optional<EpisodeJudge> judge) {}

  /**
   * Begins to listen.
   *
   * @throws RoundException where the node does not answer, or nobody could say that the scene is
   *     put back
   */
  NodeTrialArm(Console console, Request request) {
    this.console = console;
    this.request = request;
    NodeSwap.requireName(request.node());
    keyboard = Keyboard.open();
    if (keyboard.isEmpty() && request.pause().isEmpty()) {
      throw new RoundException(
          "standard input is no terminal, so nobody can say that the scene is put back; start this in a terminal, or give --pause");
    }
    context = Context.init(new String[0]);
    Node client = context.createNode("evaluate");
    swap = client.createClient(SwapPolicy.TYPE, request.node() + "/swap_policy");
    label = client.createClient(LabelEpisode.TYPE, request.node() + "/label_episode");
    live = client.createClient(Trigger.TYPE, request.node() + "/go_live");
    run = new ActionClient<>(client, RunPolicy.TYPE, request.node() + "/run_policy");
    client.createSubscription(
        Status.TYPE, request.node() + "/status", Qos.transientLocal(1), (Status s) -> status = s);
    client.createSubscription(
        Outcome.TYPE, "outcome", Qos.reliable(10), (Outcome said) -> told = said);
    var executor = new Executor(context);
    executor.add(client);
    spinner = Thread.ofPlatform().name("round-ros").daemon().start(executor::spin);
    if (!run.waitForServer(THERE) || !swap.waitForService(THERE) || !label.waitForService(THERE)) {
      boolean stopped = !context.isOk();
      close();
      throw new RoundException(
          stopped
              ? STOPPED
              : "no robot node %s answers on ROS domain %s; start it, or name it with --node"
                  .formatted(request.node(), System.getenv().getOrDefault("ROS_DOMAIN_ID", "0")));
    }
  }

  @Override
  public Attempt run(int trial, int pair, Recorder.Recorded policy) {
    bring(policy);
    console.line("%d: put the scene as it was for pair %d".formatted(trial, pair + 1));
    ready();
    told = null;
    var goal =
        new RunPolicy.Goal()
            .withInstruction(request.instruction())
            .withTimeLimit(Stamps.duration(request.limit().toNanos()))
            .withTemperature(request.temperature())
            .withSeed(Phase.EVALUATION.seed(request.seed(), pair));
    var accepted = get("goal", () -> run.sendGoal(goal, _ -> {}));
    var ended = accepted.result();
    console.line("   it runs" + (keyboard.isPresent() ? ": " + KEYS : ""));
    GoalResult<RunPolicy.Result> result;
    try {
      while (!ended.isDone()) {
        said().ifPresent(outcome -> tell("", outcome));
        requireGoingOn();
      }
      result = get("result", () -> ended);
    } catch (RuntimeException e) {
      breakOff(accepted.id());
      throw e;
    }
    return counted(result, policy.id());
  }

  /** Ends the episode that runs: the arm would go on moving, and nobody look at it. */
  private void breakOff(UUID goal) {
    // What asked this process to stop closed its connection to new requests.
    try (Context other = Context.init(new String[0])) {
      Node client = other.createNode("evaluate_end");
      var last = new ActionClient<>(client, RunPolicy.TYPE, run.name());
      var executor = new Executor(other);
      executor.add(client);
      Thread.ofPlatform().name("round-ros-end").daemon().start(executor::spin);
      if (!last.waitForServer(LAST)) {
        throw new RclException("%s does not answer".formatted(run.name()));
      }
      boolean _ = other.await("end of the episode", last.cancel(goal), LAST); // else it has ended
    } catch (RclException e) {
      console.line(
          "   the episode goes on, for it could not be ended: %s; %s/stop stops the arm"
              .formatted(e.getMessage(), request.node()));
    }
  }

  /** Brings a policy into the node, so that it moves the arm. */
  private void bring(Recorder.Recorded policy) {
    String id = policy.id();
    Path bundle = policy.bundle();
    Status now = status;
    if (now == null || !now.policyId().equals(id)) {
      var asked =
          new SwapPolicy.Request()
              .withBundle(bundle.toAbsolutePath().toString())
              .withMayDiffer(request.mayDiffer());
      SwapPolicy.Response answer = get("swap", () -> swap.call(asked));
      if (!answer.success()) {
        throw new RoundException(
            "%s did not take %s: %s".formatted(request.node(), bundle, answer.message()));
      }
    }
    Status live = awaitStatus(id);
    if (live.shadow()) {
      goLive(bundle);
    }
  }

  private void goLive(Path bundle) {
    if (!request.goesLive()) {
      throw new RoundException(
          "the policy in %s has never moved this arm and would run in shadow; look at it there first, then give --go-live"
              .formatted(bundle));
    }
    Trigger.Response answer = get("go_live", () -> live.call(new Trigger.Request()));
    if (!answer.success()) {
      throw new RoundException("%s: %s".formatted(request.node(), answer.message()));
    }
  }

  /** The node's status once a policy is live there. */
  private Status awaitStatus(String id) {
    long deadline = System.nanoTime() + THERE.toNanos();
    while (true) {
      Status now = status;
      if (now != null && now.policyId().equals(id)) {
        return now;
      }
      if (System.nanoTime() > deadline) {
        throw new RoundException(
            "%s does not say that it has the policy that it was given; look at %s/status"
                .formatted(request.node(), request.node()));
      }
      requireGoingOn();
      sleep(POLL);
    }
  }

  /** Returns when the scene is put back. */
  private void ready() {
    if (request.pause().isPresent()) {
      sleep(request.pause().get());
      return;
    }
    console.line("   then press Enter (q ends all)");
    while (key(POLL).filter(key -> key == Keyboard.ENTER).isEmpty()) {
      requireGoingOn();
    }
  }

  /** Returns what a person, or the topic, says within a moment. */
  private Optional<Outcome> said() {
    Optional<Character> key = key(POLL);
    Outcome byTopic = told;
    told = null;
    if (byTopic != null) {
      return Optional.of(byTopic);
    }
    return key.flatMap(this::meant);
  }

  /** Returns what a key says. */
  private Optional<Outcome> meant(char key) {
    return switch (key) {
      case 's' -> Optional.of(outcome(Outcome.SUCCESS, "key s"));
      case 'f' -> Optional.of(outcome(Outcome.FAILURE, "key f"));
      case 'd' -> Optional.of(outcome(Outcome.ABORTED, "key d: it does not count"));
      default -> Optional.empty();
    };
  }

  private Outcome outcome(byte kind, String reason) {
    return new Outcome(new Header(), kind, request.labeller(), reason);
  }

  /** The key that was pressed within some time; q ends the comparison. */
  private Optional<Character> key(Duration within) {
    if (keyboard.isEmpty()) {
      sleep(within);
      return Optional.empty();
    }
    Optional<Character> key = keyboard.get().key(within);
    if (key.filter(pressed -> pressed == 'q').isPresent()) {
      throw new RoundException("ended by key q; the same command goes on");
    }
    return key;
  }

  /** Labels an episode; the empty id is that of the one that runs. */
  private void tell(String episode, Outcome outcome) {
    var told = new LabelEpisode.Request().withEpisodeId(episode).withOutcome(outcome);
    var _ = get("label", () -> label.call(told));
  }

  /** Returns whether and how an episode counts that has ended; its time limit is a failure. */
  private Attempt counted(GoalResult<RunPolicy.Result> ended, String policy) {
    RunPolicy.Result result = ended.result();
    Path bag = Path.of(result.bag());
    if (result.outcome().outcome() == Outcome.ABORTED) {
      return leftOut(result, Why.ABORTED, result.outcome().reason());
    }
    if (!Files.isDirectory(bag)) {
      console.line(
          "   nobody can look here whether a person took over, for there is no %s".formatted(bag));
    } else if (!itsOwn(bag, policy)) {
      return leftOut(
          result, Why.NOT_ITS_OWN, "a person took over, or another policy was swapped in");
    }
    Outcome outcome = corrected(result);
    boolean success = outcome.outcome() == Outcome.SUCCESS;
    return success || outcome.outcome() == Outcome.FAILURE
        ? new Counted(
            new EpisodeResult(
                result.episodeId(),
                bag,
                success,
                result.ticks(),
                outcome.labeller() + ": " + outcome.reason()))
        : leftOut(result, Why.ABORTED, outcome.reason());
  }

  private static LeftOut leftOut(RunPolicy.Result result, Why why, String reason) {
    return new LeftOut(why, result.episodeId(), Path.of(result.bag()), reason);
  }

  /** Returns whether a policy alone acted in an episode. */
  static boolean itsOwn(Path bag, String policy) {
    return BagsRecorder.actor(bag).equals(policy);
  }

  /** The outcome; where the time limit has said it, as the classifier or a person corrects it. */
  private Outcome corrected(RunPolicy.Result result) {
    Outcome outcome = result.outcome();
    if (!outcome.labeller().equals(Outcome.TIME_LIMIT)) {
      return outcome;
    }
    if (request.judge().isPresent()) {
      Outcome judged = request.judge().get().judge(Path.of(result.bag()));
      tell(result.episodeId(), judged);
      return judged;
    }
    if (keyboard.isEmpty() || request.pause().isPresent()) {
      return outcome;
    }
    console.line("   its time is over: Enter failure, s success, d it does not count");
    while (true) {
      Optional<Character> key = key(POLL);
      if (key.filter(pressed -> pressed == Keyboard.ENTER).isPresent()) {
        return outcome;
      }
      Optional<Outcome> said = key.flatMap(this::meant);
      if (said.isPresent()) {
        tell(result.episodeId(), said.get());
        return said.get();
      }
      requireGoingOn();
    }
  }

  /** The answer to a request, which is refused too where this process was asked to stop. */
  private <T> T get(String what, Supplier<CompletableFuture<T>> asked) {
    try {
      return context.await(what, asked.get(), ANSWER);
    } catch (RclException e) {
      requireGoingOn();
      throw new RoundException(String.valueOf(e.getMessage()), e);
    }
  }

  private void requireGoingOn() {
    if (!context.isOk()) {
      throw new RoundException(STOPPED);
    }
  }

  private static void sleep(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RoundException(STOPPED, e);
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
    keyboard.ifPresent(Keyboard::close);
  }
}
