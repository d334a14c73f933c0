package dev.reverie.robot;

import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.lifecycle_msgs.ChangeState;
import dev.reverie.msgs.lifecycle_msgs.Transition;
import dev.reverie.msgs.reverie.LabelEpisode;
import dev.reverie.msgs.reverie.Outcome;
import dev.reverie.msgs.reverie.RunPolicy;
import dev.reverie.msgs.reverie.SwapPolicy;
import dev.reverie.msgs.std_msgs.Header;
import dev.reverie.msgs.std_srvs.Trigger;
import dev.reverie.rcljava.Client;
import dev.reverie.rcljava.Context;
import dev.reverie.rcljava.Executor;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.Parameter;
import dev.reverie.rcljava.action.ActionClient;
import dev.reverie.rcljava.action.ClientGoalHandle;
import dev.reverie.rcljava.action.GoalResult;
import dev.reverie.robot.setup.RobotException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/** A robot node beside a test arm, in a namespace of its own, and clients of its services. */
public final class RunningRobot implements AutoCloseable {
  private static final AtomicInteger COUNT = new AtomicInteger();

  public final TestArm arm;
  final Path rollouts;

  /** The reason why the node has ended by itself. */
  final CompletableFuture<String> ended = new CompletableFuture<>();

  private final String[] args;
  private Process process;
  private final Client<SwapPolicy.Request, SwapPolicy.Response> swap;
  private final Client<LabelEpisode.Request, LabelEpisode.Response> label;
  private final ActionClient<RunPolicy.Goal, RunPolicy.Result, RunPolicy.Feedback> run;

  /**
   * Starts a robot node beside an arm.
   *
   * @param parameters such as {@code lock_step:=true}
   */
  public RunningRobot(Path bundle, Path rollouts, String... parameters) {
    this(bundle, rollouts, arm -> {}, parameters);
  }

  /** Starts a robot node without a policy, with an arm file alone. */
  static RunningRobot withArmFile(Path armFile, Path rollouts, String... parameters) {
    List<String> all = new ArrayList<>(List.of(parameters));
    all.add("arm:=" + Parameter.quoted(armFile));
    return new RunningRobot(Path.of(""), rollouts, all.toArray(String[]::new));
  }

  /**
   * Starts a robot node beside an arm that did something before.
   *
   * @param bundle empty: none
   * @param before what the arm does before the node starts
   */
  public RunningRobot(Path bundle, Path rollouts, Consumer<TestArm> before, String... parameters) {
    this.rollouts = rollouts;
    String namespace = "/r%d_%d".formatted(ProcessHandle.current().pid(), COUNT.incrementAndGet());
    List<String> args = new ArrayList<>(List.of("--ros-args", "-r", "__ns:=" + namespace));
    args.addAll(List.of("-r", "/clock:=" + namespace + "/clock"));
    args.addAll(
        List.of(
            "-p",
            "bundle:=" + (bundle.toString().isEmpty() ? "''" : Parameter.quoted(bundle)),
            "-p",
            "rollouts_dir:=" + Parameter.quoted(rollouts)));
    for (String parameter : parameters) {
      args.addAll(List.of("-p", parameter));
    }
    this.args = args.toArray(String[]::new);
    arm = new TestArm(namespace);
    before.accept(arm);
    try {
      process = new Process();
    } catch (RuntimeException e) {
      arm.close();
      throw e;
    }
    Node node = arm.node;
    swap = node.createClient(SwapPolicy.TYPE, "robot/swap_policy");
    label = node.createClient(LabelEpisode.TYPE, "robot/label_episode");
    run = new ActionClient<>(node, RunPolicy.TYPE, "robot/run_policy");
    if (!List.of(parameters).contains("autostart:=false")) {
      awaitConfigured();
    }
  }

  /** The node, in a context of its own as a process has it. */
  private final class Process implements AutoCloseable {
    private final Context context = Context.init(args);
    private final Executor control;
    private final Thread spinner;

    Process() {
      try {
        control = new Executor(context);
        var robot = RobotNode.start(context, control);
        spinner = Thread.ofPlatform().name("robot").start(() -> spin(robot));
      } catch (RuntimeException e) {
        context.close();
        throw e;
      }
    }

    private void spin(RobotNode robot) {
      try {
        robot.spin();
      } catch (RobotException e) {
        ended.complete(String.valueOf(e.getMessage()));
      }
      robot.close();
    }

    void shutdown() {
      context.shutdown();
      try {
        spinner.join(Duration.ofSeconds(20));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void close() {
      shutdown();
      context.close();
    }
  }

  /** Ends the node, until {@link #begin}; the arm goes on. */
  public void end() {
    process.close();
  }

  /** Starts the node again. */
  public void begin() {
    process = new Process();
    awaitConfigured();
  }

  private void awaitConfigured() {
    if (!run.waitForServer(Duration.ofSeconds(20))
        || !label.waitForService(Duration.ofSeconds(20))) {
      throw new AssertionError("the robot node is not there");
    }
  }

  /** Asks the node for a transition, such as {@code configure}; whether it succeeded. */
  boolean change(String transition) throws Exception {
    var asked = new ChangeState.Request(new Transition((byte) 0, transition));
    try (var client = arm.node.createClient(ChangeState.TYPE, "robot/change_state")) {
      client.waitForService(Duration.ofSeconds(20));
      boolean success = get(client.call(asked)).success();
      if (success && transition.equals("configure")) {
        awaitConfigured();
      }
      return success;
    }
  }

  /** Lets the control thread of the node hang. */
  void hang(Duration time) {
    process.control.execute(() -> LockSupport.parkNanos(time.toNanos()));
  }

  /** Returns whether the node offers its action. */
  boolean isConfigured() {
    return run.waitForServer(Duration.ofMillis(1));
  }

  static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(60, TimeUnit.SECONDS);
  }

  public static RunPolicy.Goal goal() {
    return new RunPolicy.Goal().withInstruction(TestBundles.INSTRUCTION);
  }

  public ClientGoalHandle<RunPolicy.Result> send(RunPolicy.Goal goal) throws Exception {
    return get(run.sendGoal(goal, feedback -> {}));
  }

  /** The end of an episode. */
  public static RunPolicy.Result end(ClientGoalHandle<RunPolicy.Result> handle) throws Exception {
    GoalResult<RunPolicy.Result> result = get(handle.result());
    return result.result();
  }

  public LabelEpisode.Response label(String episodeId, byte outcome, long stampNanos)
      throws Exception {
    var message = new Outcome(new Header(Stamps.time(stampNanos), ""), outcome, "test", "");
    return get(label.call(new LabelEpisode.Request(episodeId, message)));
  }

  CompletableFuture<SwapPolicy.Response> beginSwap(Path bundle, String... mayDiffer) {
    return beginSwap(
        new SwapPolicy.Request().withBundle(bundle.toString()).withMayDiffer(List.of(mayDiffer)));
  }

  CompletableFuture<SwapPolicy.Response> beginSwap(SwapPolicy.Request request) {
    return swap.call(request);
  }

  SwapPolicy.Response swap(Path bundle, String... mayDiffer) throws Exception {
    return get(beginSwap(bundle, mayDiffer));
  }

  Trigger.Response trigger(String service) throws Exception {
    try (var client = arm.node.createClient(Trigger.TYPE, "robot/" + service)) {
      client.waitForService(Duration.ofSeconds(20));
      return get(client.call(new Trigger.Request()));
    }
  }

  @Override
  public void close() {
    process.shutdown();
    arm.close();
    process.close();
  }
}
