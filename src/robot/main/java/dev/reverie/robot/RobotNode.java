package dev.reverie.robot;

import dev.reverie.policy.BundleException;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.policy.ProcessMemory;
import dev.reverie.rcljava.Context;
import dev.reverie.rcljava.Executor;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.lifecycle.LifecycleCallbacks;
import dev.reverie.rcljava.lifecycle.LifecycleNode;
import dev.reverie.rcljava.lifecycle.LifecycleState;
import dev.reverie.rcljava.lifecycle.LifecycleTransition;
import dev.reverie.rcljava.lifecycle.TransitionResult;
import dev.reverie.robot.sense.Calibrations;
import dev.reverie.robot.setup.RobotException;
import dev.reverie.robot.setup.RobotParameters;
import dev.reverie.robot.setup.StartFiles;
import dev.reverie.robot.swap.FirstPolicies;
import dev.reverie.robot.swap.KeptPolicy;
import dev.reverie.robot.swap.LivePolicy;
import dev.reverie.robot.swap.PolicyLoader;
import dev.reverie.robot.swap.PolicyStore;
import dev.reverie.rollout.CameraCalibration;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The node beside the arm, as a managed one: configuring loads and warms up the policy and makes
 * inputs and outputs ({@link Robot}); the arm moves only while it is active; cleaning up gives all
 * back. With the parameter {@code autostart} it configures and activates itself.
 */
public final class RobotNode implements AutoCloseable, LifecycleCallbacks {
  private static final Duration TURN = Duration.ofMillis(100);
  private static final long LOOK_NANOS = 10_000_000L;

  private final Executor executor;
  private final Node node;
  private final LifecycleNode managed;
  private final Optional<Path> folder;
  private final RobotParameters parameters;
  private final boolean alone;
  private final List<AutoCloseable> own;
  private @Nullable Robot robot;
  private @Nullable CompletableFuture<KeptPolicy.All> loading;
  private Optional<RuntimeException> fault = Optional.empty();
  private volatile Optional<RobotException> ended = Optional.empty();

  private RobotNode(
      Executor executor,
      Node node,
      Optional<Path> folder,
      RobotParameters parameters,
      boolean alone) {
    this.executor = executor;
    this.node = node;
    this.folder = folder;
    this.parameters = parameters;
    this.alone = alone;
    managed = new LifecycleNode(node, this);
    own = node.parts();
  }

  /**
   * Starts the node; with the parameter {@code autostart} it is configured when this returns.
   *
   * @throws RobotException when the set-up is wrong; with {@code autostart} also for what shows
   *     only when it configures
   */
  public static RobotNode start(Context context, Executor executor) {
    return start(context, executor, false);
  }

  /**
   * Starts the node, as {@link #start(Context, Executor)}.
   *
   * @param alone whether nothing else is in this process: another process then brakes the arm if
   *     this one is killed or stopped
   */
  static RobotNode start(Context context, Executor executor, boolean alone) {
    Node node = context.createNode("robot");
    StartFiles files = StartFiles.read(node);
    RobotParameters parameters = RobotParameters.read(node, files);
    var robot = new RobotNode(executor, node, files.bundle(), parameters, alone);
    executor.add(node);
    if (parameters.autostart()) {
      robot.configure();
    }
    return robot;
  }

  private void configure() {
    var configured = managed.change(LifecycleTransition.CONFIGURE);
    while (!configured.isDone() && node.context().isOk()) {
      executor.spinOnce(TURN);
    }
    if (fault.isPresent()) {
      throw fault.get();
    }
    current()
        .ifPresent(
            ready -> {
              var _ = managed.change(LifecycleTransition.ACTIVATE);
            });
  }

  /**
   * Runs the node until its context is shut down.
   *
   * @throws RobotException when it turns out that the node must not run
   */
  public void spin() {
    executor.spin();
    if (ended.isPresent()) {
      throw ended.get();
    }
  }

  private void end(RobotException reason) {
    node.logger().log(Level.ERROR, "the node ends: " + reason.getMessage());
    ended = Optional.of(reason);
    node.context().shutdown();
  }

  private Optional<Robot> current() {
    return Optional.ofNullable(robot);
  }

  @Override
  public CompletionStage<TransitionResult> onConfigure() {
    fault = Optional.empty();
    Optional<PolicyBundle> bundle;
    try {
      bundle = folder.map(PolicyBundle::load);
      bundle.ifPresent(this::sameAsAtStart);
    } catch (BundleException | RobotException e) {
      return CompletableFuture.completedFuture(refused(e));
    }
    return Calibrations.find(node, parameters)
        .thenCompose(lenses -> open(bundle, lenses))
        .exceptionally(
            thrown -> {
              Throwable cause = thrown instanceof CompletionException ? thrown.getCause() : thrown;
              if (cause instanceof RobotException || cause instanceof BundleException) {
                return refused((RuntimeException) cause);
              }
              throw thrown instanceof CompletionException e ? e : new CompletionException(thrown);
            });
  }

  private TransitionResult refused(RuntimeException reason) {
    fault = Optional.of(reason);
    node.logger().log(Level.ERROR, "not configured: " + reason.getMessage());
    return TransitionResult.FAILURE;
  }

  /** Refuses a bundle of other names: those of parameters and topics were declared at the start. */
  private void sameAsAtStart(PolicyBundle bundle) {
    if (!bundle.spec().cameras().equals(parameters.task().cameras())
        || !bundle.spec().jointNames().equals(parameters.task().jointNames())) {
      throw new RobotException(
          "the bundle in '%s' is for other cameras or joints than when the node started; start the node anew"
              .formatted(parameters.bundle()));
    }
  }

  private CompletionStage<TransitionResult> open(
      Optional<PolicyBundle> bundle, Map<String, CameraCalibration> lenses) {
    Namesake namesake = Namesake.listen(node, this::end);
    String stateDir = parameters.swap().stateDir();
    Optional<PolicyStore> store =
        stateDir.isEmpty()
            ? Optional.empty()
            : Optional.of(new PolicyStore(Path.of(stateDir), parameters.bundle(), this::warn));
    var first = new FirstPolicies(parameters, lenses, store, this::warn);
    var policies =
        CompletableFuture.supplyAsync(
            () -> load(first, bundle, namesake),
            work -> Thread.ofPlatform().name("policy-loader").daemon().start(work));
    loading = policies;
    double limitS = parameters.swap().loadTimeoutS();
    CompletableFuture<KeptPolicy.All> watched =
        policies.copy().orTimeout((long) (limitS * 1e9), TimeUnit.NANOSECONDS);
    Thread.ofPlatform().name("policy-memory").daemon().start(() -> watchMemory(watched));
    return watched
        .exceptionally(thrown -> throwBeyondLimits(thrown, limitS, namesake))
        .thenApplyAsync(loaded -> configured(loaded, store, namesake, lenses), executor);
  }

  private KeptPolicy.All throwBeyondLimits(Throwable thrown, double limitS, Namesake namesake) {
    if (thrown instanceof TimeoutException) {
      namesake.close();
      throw new RobotException(
          "policy bundle '%s' was not loaded within %s s; use a smaller one, or set swap.load_timeout_s"
              .formatted(parameters.bundle(), limitS));
    }
    if (thrown instanceof RobotException tooMuch) { // what is loaded goes on until the node ends
      namesake.close();
      throw tooMuch;
    }
    throw thrown instanceof CompletionException e ? e : new CompletionException(thrown);
  }

  /**
   * Looks at what policies take while they are loaded. That cannot be broken off in this process,
   * so where it is too much, the node ends, also one that is managed.
   */
  private void watchMemory(CompletableFuture<KeptPolicy.All> watched) {
    long mayTakeMb = parameters.swap().memoryMb();
    long pid = ProcessHandle.current().pid();
    long before = ProcessMemory.ownBytes(pid);
    while (!watched.isDone()) {
      if ((ProcessMemory.ownBytes(pid) - before) >> 20 > mayTakeMb) {
        var reason =
            new RobotException(
                "policy bundle '%s' takes more than %d MB of memory; use a smaller one, or set swap.memory_mb"
                    .formatted(parameters.bundle(), mayTakeMb));
        if (watched.completeExceptionally(reason) && !parameters.autostart()) {
          end(reason);
        }
      }
      LockSupport.parkNanos(watched, LOOK_NANOS);
    }
  }

  private static KeptPolicy.All load(
      FirstPolicies first, Optional<PolicyBundle> bundle, Namesake namesake) {
    try {
      KeptPolicy.All policies = first.load(bundle);
      namesake.await();
      return policies;
    } catch (RuntimeException e) {
      namesake.close();
      throw e;
    }
  }

  private void warn(String text) {
    node.logger().log(Level.WARNING, text);
  }

  private TransitionResult configured(
      KeptPolicy.All policies,
      Optional<PolicyStore> store,
      Namesake namesake,
      Map<String, CameraCalibration> lenses) {
    try {
      namesake.begin();
      robot =
          Robot.start(
              managed,
              executor,
              parameters,
              policies,
              store,
              lenses,
              alone,
              reason -> end(new RobotException(reason)));
      return TransitionResult.SUCCESS;
    } catch (RuntimeException e) {
      closeParts();
      policies.close();
      throw e;
    }
  }

  /**
   * Waits for the arm's description and a full, fresh observation, and is refused where they do not
   * come in time. It does not wait in lock-step, where time stands still until the first command,
   * nor where nobody manages the node: there each goal waits for its own first observation.
   */
  @Override
  public CompletionStage<TransitionResult> onActivate() {
    Robot ready = current().orElseThrow();
    if (parameters.lockStep() || parameters.autostart()) {
      ready.activate();
      return TransitionResult.SUCCESS.now();
    }
    return ready
        .whenReady()
        .thenApply(
            missing -> {
              if (missing.isPresent()) {
                node.logger().log(Level.WARNING, "not activated: " + missing.get().text());
                return TransitionResult.FAILURE;
              }
              ready.activate();
              return TransitionResult.SUCCESS;
            });
  }

  @Override
  public CompletionStage<TransitionResult> onDeactivate() {
    return current()
        .orElseThrow()
        .deactivate("the node was deactivated; activate it again")
        .thenApply(closed -> TransitionResult.SUCCESS);
  }

  @Override
  public CompletionStage<TransitionResult> onCleanup() {
    release();
    return TransitionResult.SUCCESS.now();
  }

  @Override
  public CompletionStage<TransitionResult> onShutdown(LifecycleState from) {
    return current()
        .map(ready -> ready.deactivate("the node was shut down"))
        .orElse(CompletableFuture.completedFuture(null))
        .thenApply(
            closed -> {
              release();
              return TransitionResult.SUCCESS;
            });
  }

  /** Gives back what broke, so that the node can be configured anew. */
  @Override
  public CompletionStage<TransitionResult> onError(LifecycleState during) {
    release();
    return TransitionResult.SUCCESS.now();
  }

  private void release() {
    Robot ended = robot;
    robot = null;
    if (ended != null) {
      ended.close();
    }
    closeParts();
  }

  private void closeParts() {
    node.closeParts(node.parts().stream().filter(part -> !own.contains(part)).toList());
  }

  /**
   * Waits some time for a policy that is being loaded: ONNX Runtime must not be at work when the
   * process ends in the usual way ({@link LivePolicy#isAnyLoading}).
   */
  @Override
  public void close() {
    release();
    if (loading != null) {
      // Again, where a robot had taken it; one that came too late has nobody else.
      var closed =
          loading.exceptionally(failure -> KeptPolicy.All.NONE).thenAccept(KeptPolicy.All::close);
      try {
        closed.get(PolicyLoader.END_MS, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        node.logger().log(Level.WARNING, "the node ends while a policy is still being loaded");
      } catch (ExecutionException e) {
        throw new IllegalStateException("a policy cannot be closed", e.getCause());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    node.close();
  }
}
