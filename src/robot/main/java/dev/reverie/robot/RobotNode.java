package dev.reverie.robot;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.rcljava.Context;
import dev.reverie.rcljava.Executor;
import dev.reverie.rcljava.Node;
import dev.reverie.robot.EpisodeRun.Client;
import dev.reverie.robot.EpisodeRun.Request;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The node beside the arm, put together: inputs, control loop, episodes, recorder and services, all
 * on the executor's thread but for inference, recording and the loading of policies.
 */
final class RobotNode implements AutoCloseable, Inputs.Listener, Episodes.Listener {

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

  RobotNode(Context context, Executor executor) {
    this.executor = executor;
    node = context.createNode("robot");
    Path folder = RobotParameters.bundle(node);
    PolicyBundle bundle = PolicyBundle.load(folder);
    spec = bundle.spec();
    parameters = RobotParameters.read(node, folder, spec);
    instruction = parameters.instruction();
    long periodNanos = Math.round(parameters.periodS() * 1e9);
    recorder =
        new Recorder(
            rollouts(parameters), Recorder.MAX_QUEUED_BYTES, () -> node.clock().nowNanos());
    executor.add(node);
    int threads = (int) parameters.threads();
    var lenses = Calibrations.await(node, executor, spec, parameters);
    LivePolicy first = LivePolicy.open(bundle, threads, lenses);
    policies = new PolicySwap(first, threads, lenses, executor::wake, this::midChunk);
    outputs = new Outputs(node, recorder, spec, periodNanos);
    episodes =
        new Episodes(
            recorder, outputs, policies, executor::wake, this::info, json(parameters), this);
    holding = new Holding(this::warn, this::report);
    sync =
        new ObservationSync(
            spec.cameras().stream().map(BundleSpec.Camera::name).toList(),
            parameters.cameraTopics(),
            "joint_states",
            Math.round(parameters.syncToleranceS() * 1e9));
    var chunks =
        new ChunkSource(
            policies, inference, outputs, executor::wake, periodNanos, parameters.lockStep());
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
    report = new StatusReport(node, loop, chunks, episodes, policies, recorder, holding);
    Services.offer(node, episodes, policies, this::stop);
    PolicyAction.offer(node, this::run, episodes::cancel, executor::wake);
    long watchNanos =
        parameters.lockStep() ? WATCH_LOCK_STEP_NANOS : (long) (periodNanos / WATCHES_PER_PERIOD);
    every(watchNanos, this::watch);
    every(TimeUnit.SECONDS.toNanos(1), report::everything);
    info("policy %s is live; %s".formatted(first.id(), sync.missing()));
  }

  /** Runs the node until its context is shut down. */
  void spin() {
    executor.spin();
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
            executor.wake(
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
  }

  private void run(Request asked, Client client) {
    Request request = asked.instruction().isEmpty() ? asked.withInstruction(instruction) : asked;
    episodes.run(request, client);
  }

  private boolean midChunk() {
    return loop.midChunk();
  }

  private void stop() {
    sync.newestJoints().filter(joints -> joints.fault().isEmpty()).ifPresent(outputs::stop);
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
    if (idle && !parameters.lockStep() && episodes.stopped().isEmpty()) {
      if (instruction.isEmpty()) {
        holding.because(
            "teleop commands come but no episode runs; send a goal to ~/run_policy with teleop, or"
                + " an instruction on ~/instruction");
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
    } catch (RobotException e) {
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

  @Override
  public void close() {
    ticker.shutdownNow();
    episodes.stop("the robot node ends");
    node.close();
    inference.close();
    recorder.close();
    policies.close();
  }
}
