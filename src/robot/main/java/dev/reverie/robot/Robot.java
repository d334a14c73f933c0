package dev.reverie.robot;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reverie.policy.BundleSpec;
import dev.reverie.rcljava.Executor;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.lifecycle.LifecycleNode;
import dev.reverie.robot.EpisodeRun.Client;
import dev.reverie.robot.EpisodeRun.Request;
import dev.reverie.robot.HoldReason.Kind;
import dev.reverie.robot.arm.ArmException;
import dev.reverie.robot.arm.ArmModel;
import dev.reverie.rollout.CameraCalibration;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * What a configured node is made of, put together: inputs, control loop, episodes, recorder and
 * services, all on the executor's thread but for inference, recording and the loading of policies.
 * It moves the arm only after {@link #activate}.
 */
final class Robot implements AutoCloseable, Inputs.Listener, Episodes.Listener {

  private static final double WATCHES_PER_PERIOD = 10;
  private static final long WATCH_LOCK_STEP_NANOS = 50_000_000L;

  private final Executor executor;
  private final Node node;
  private final RobotParameters parameters;
  private final BundleSpec spec;
  private final Recorder recorder;
  private final Inference inference = new Inference();
  private final PolicySwap policies;
  private final Outputs outputs;
  private final Episodes episodes;
  private final Holding holding;
  private final ObservationSync sync;
  private final ControlLoop loop;
  private final Inputs inputs;
  private final StatusReport report;
  private final ScheduledExecutorService ticker =
      Executors.newSingleThreadScheduledExecutor(
          work -> Thread.ofPlatform().name("ticker").daemon().unstarted(work));
  private String instruction;
  private String description = "";
  private @Nullable Waiting waiting;
  private boolean closed;

  /** Somebody who waits until the node sees. */
  private record Waiting(CompletableFuture<Optional<HoldReason>> answer, long deadlineNanos) {}

  /**
   * @param first the policy that is live first, warmed up; closed by this
   */
  Robot(
      LifecycleNode managed,
      Executor executor,
      RobotParameters parameters,
      LivePolicy first,
      Map<String, CameraCalibration> lenses) {
    this.executor = executor;
    this.node = managed.node();
    this.parameters = parameters;
    this.spec = first.spec();
    instruction = parameters.instruction();
    long periodNanos = Math.round(parameters.periodS() * 1e9);
    recorder =
        new Recorder(
            rollouts(parameters), Recorder.MAX_QUEUED_BYTES, () -> node.clock().nowNanos());
    int threads = (int) parameters.threads();
    policies = new PolicySwap(first, threads, lenses, this::soon, this::midChunk);
    outputs = new Outputs(node, recorder, spec, periodNanos);
    episodes =
        new Episodes(recorder, outputs, policies, this::soon, this::info, json(parameters), this);
    episodes.suspend("the node is inactive; activate it first: ros2 lifecycle set NODE activate");
    holding = new Holding(this::warn, this::report);
    sync =
        new ObservationSync(
            spec.cameras().stream().map(BundleSpec.Camera::name).toList(),
            parameters.cameraTopics(),
            "joint_states",
            Math.round(parameters.syncToleranceS() * 1e9));
    var chunks =
        new ChunkSource(
            policies, inference, outputs, this::soon, periodNanos, parameters.lockStep());
    loop =
        new ControlLoop(
            parameters,
            sync,
            chunks,
            outputs,
            holding,
            new ObservationCheck(parameters, () -> node.clock().nowNanos()),
            episodes);
    inputs = new Inputs(node, parameters, spec, recorder, sync, this);
    report = new StatusReport(managed, loop, chunks, episodes, policies, recorder, holding);
    Services.offer(node, episodes, policies, this::stop);
    PolicyAction.offer(node, this::run, episodes::cancel, this::soon);
    long watchNanos =
        parameters.lockStep() ? WATCH_LOCK_STEP_NANOS : (long) (periodNanos / WATCHES_PER_PERIOD);
    every(watchNanos, this::watch);
    every(TimeUnit.SECONDS.toNanos(1), report::everything);
    info("policy %s is live; %s".formatted(first.id(), sync.missing().text()));
  }

  /** Runs work on the control thread; not after the end of this. */
  private void soon(Runnable work) {
    executor.execute(
        () -> {
          if (!closed) {
            work.run();
          }
        });
  }

  /**
   * Waits until the arm's description and a full, fresh observation are there.
   *
   * @return empty, or what is missing when the observation's timeout is over
   */
  CompletableFuture<Optional<HoldReason>> whenReady() {
    var answer = new CompletableFuture<Optional<HoldReason>>();
    long timeoutNanos = (long) (parameters.observationTimeoutS() * 1e9);
    waiting = new Waiting(answer, System.nanoTime() + timeoutNanos);
    watchReadiness();
    return answer;
  }

  private void watchReadiness() {
    Waiting current = waiting;
    if (current == null) {
      return;
    }
    Optional<HoldReason> missing = loop.missing();
    if (missing.isEmpty() || System.nanoTime() > current.deadlineNanos) {
      waiting = null;
      current.answer.complete(missing);
    }
  }

  /** Episodes may begin. */
  void activate() {
    episodes.admit();
    report();
  }

  /**
   * The arm holds still and no episode begins; the one that runs is aborted.
   *
   * @return completed when its bag is closed
   */
  CompletableFuture<Void> deactivate(String reason) {
    if (episodes.running().isPresent()) {
      holdStill();
    }
    episodes.suspend(reason);
    report();
    return episodes.closed();
  }

  private void holdStill() {
    sync.newestJoints().filter(joints -> joints.fault().isEmpty()).ifPresent(outputs::stop);
  }

  private static Path rollouts(RobotParameters parameters) {
    Path folder = Path.of(parameters.rolloutsDir()).toAbsolutePath().normalize();
    try {
      return Files.createDirectories(folder);
    } catch (IOException e) {
      throw new RobotException(
          "rollouts_dir '%s' cannot be made: %s; give a folder that can be written"
              .formatted(folder, e),
          e);
    }
  }

  private static String json(RobotParameters parameters) {
    try {
      return new ObjectMapper().writeValueAsString(parameters);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Runs work on the control thread at intervals; what a busy thread misses is left out. */
  private void every(long periodNanos, Runnable work) {
    var pending = new AtomicBoolean();
    ticker.scheduleAtFixedRate(
        () -> {
          if (!pending.getAndSet(true)) {
            soon(
                () -> {
                  pending.set(false);
                  work.run();
                });
          }
        },
        periodNanos,
        periodNanos,
        TimeUnit.NANOSECONDS);
  }

  private void watch() {
    episodes.watch();
    loop.watch();
    watchReadiness();
  }

  private void run(Request asked, Client client) {
    Request request = asked.instruction().isEmpty() ? asked.withInstruction(instruction) : asked;
    episodes.run(request, client);
  }

  private boolean midChunk() {
    return loop.midChunk();
  }

  private void stop() {
    holdStill();
    episodes.stop("~/stop was called");
    report();
  }

  private void report() {
    report.status();
  }

  private void info(String text) {
    node.logger().log(Level.INFO, text);
  }

  private void warn(String text) {
    node.logger().log(Level.WARNING, text);
  }

  @Override
  public void observed() {
    loop.inputsChanged();
  }

  @Override
  public void repeated(long stampNanos) {
    loop.repeated(stampNanos);
  }

  @Override
  public void instruction(String text) {
    instruction = text;
  }

  @Override
  public void teleop(TeleopCommand command) {
    boolean idle = episodes.running().isEmpty();
    if (idle && !episodes.suspended().isEmpty()) {
      holding.because(HoldReason.of(Kind.INACTIVE, episodes.suspended()));
      return;
    }
    if (idle && !parameters.lockStep() && episodes.stopped().isEmpty()) {
      if (instruction.isEmpty()) {
        holding.because(
            HoldReason.of(
                Kind.NO_INSTRUCTION,
                "teleop commands come but no episode runs; send a goal to ~/run_policy with teleop, or"
                    + " an instruction on ~/instruction"));
        return;
      }
      episodes.run(new Request(instruction, true, 0, 0, 0), ended -> {});
    }
    loop.teleop(command);
  }

  @Override
  public void description(String urdf) {
    if (urdf.equals(description)) {
      return;
    }
    try {
      loop.arm(ArmModel.of(urdf, spec, parameters.periodS(), parameters.maxObservationAgeS()));
      description = urdf;
      info("robot_description fits the policy's joints " + List.copyOf(spec.jointNames()));
    } catch (ArmException e) {
      loop.noArm(String.valueOf(e.getMessage()));
      warn("robot_description refused: " + e.getMessage());
    }
  }

  @Override
  public void begun(EpisodeRun run) {
    loop.begin(run);
  }

  @Override
  public void opened(EpisodeRun run, Sensed first) {
    inputs.recordFirst(first);
  }

  @Override
  public void ended(EpisodeRun run, long stampNanos) {
    inputs.ignoreUpTo(stampNanos);
    loop.end();
  }

  /** Leaves its parts of the node to be closed by who made this. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    ticker.shutdownNow();
    episodes.suspend("the robot node ends");
    closed = true;
    inference.close();
    recorder.close();
    policies.close();
  }
}
