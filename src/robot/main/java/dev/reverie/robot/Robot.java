package dev.reverie.robot;

import dev.reverie.arm.ArmFile;
import dev.reverie.arm.ArmFile.Teleoperation;
import dev.reverie.arm.ArmModel;
import dev.reverie.policy.BundleSpec;
import dev.reverie.rcljava.Executor;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.lifecycle.LifecycleNode;
import dev.reverie.robot.control.ChunkSource;
import dev.reverie.robot.control.ControlLoop;
import dev.reverie.robot.control.Episodes;
import dev.reverie.robot.control.Holding;
import dev.reverie.robot.control.Outputs;
import dev.reverie.robot.control.PolicyAction;
import dev.reverie.robot.control.Senses;
import dev.reverie.robot.control.Shadow;
import dev.reverie.robot.control.Surroundings;
import dev.reverie.robot.control.TeleopSources;
import dev.reverie.robot.record.Recorder;
import dev.reverie.robot.record.RolloutsFolder;
import dev.reverie.robot.sense.ArmDescription;
import dev.reverie.robot.sense.FirstMessages;
import dev.reverie.robot.sense.Following;
import dev.reverie.robot.sense.HoldReason;
import dev.reverie.robot.sense.JointSample;
import dev.reverie.robot.sense.ObservationCheck;
import dev.reverie.robot.sense.ObservationSync;
import dev.reverie.robot.sense.TrainedCalibrations;
import dev.reverie.robot.setup.RobotParameters;
import dev.reverie.robot.setup.SwapParameters;
import dev.reverie.robot.swap.KeptPolicy;
import dev.reverie.robot.swap.LivePolicy;
import dev.reverie.robot.swap.PolicyStore;
import dev.reverie.robot.swap.PolicySwap;
import dev.reverie.robot.swap.PolicyWatch;
import dev.reverie.robot.swap.RecentObservations;
import dev.reverie.robot.swap.SwapsHere;
import dev.reverie.rollout.CameraCalibration;
import dev.reverie.rollout.RolloutTopic;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Puts together what a configured node is made of: inputs, control loop, episodes, recorder and
 * services, all on the executor's thread but for inference, recording and the loading of policies.
 * It moves the arm only after {@link #activate}.
 */
final class Robot implements AutoCloseable {
  private static final double WATCHES_PER_PERIOD = 10;
  private static final long WATCH_LOCK_STEP_NANOS = 50_000_000L;

  /** Name of the notice that the arm was braked. */
  private static final String BRAKED = "watchdog";

  /** Time for which that notice is shown. */
  private static final long BRAKED_SHOWN_NANOS = 10_000_000_000L;

  private final Executor executor;
  private final Node node;
  private final RobotParameters parameters;
  private final Recorder recorder;
  private final PolicySwap policies;
  private final RecentObservations recent;
  private final Outputs outputs;
  private final Episodes episodes;
  private final Surroundings surroundings;
  private final Senses senses;
  private final ChunkSource chunks;
  private final ControlLoop loop;
  private final Inputs inputs;
  private final StatusReport report;
  private final Notices notices;
  private final Shadow shadow;
  private final Ticker ticker = new Ticker(this::soon);
  private @Nullable Waiting waiting;
  private final Optional<OtherArm> other;
  private final Consumer<String> foundOther;
  private boolean closed;
  private volatile long brakedNanos = System.nanoTime();

  /** Somebody who waits until the node sees. */
  private record Waiting(CompletableFuture<Optional<HoldReason>> answer, long deadlineNanos) {}

  private Robot(
      LifecycleNode managed,
      Executor executor,
      RobotParameters parameters,
      KeptPolicy.All first,
      Optional<PolicyStore> store,
      Map<String, CameraCalibration> lenses,
      boolean alone,
      Consumer<String> foundOther) {
    this.foundOther = foundOther;
    this.executor = executor;
    this.parameters = parameters;
    node = managed.node();
    Path folder = RolloutsFolder.ready(Path.of(parameters.rolloutsDir()));
    recorder = Recorder.start(folder, Recorder.MAX_QUEUED_BYTES, () -> node.clock().nowNanos());
    List<String> cameras = parameters.task().cameraNames();
    recent = new RecentObservations(cameras);
    var beginnings = new FirstMessages(recorder);
    var here =
        new SwapsHere(
            node,
            parameters,
            recorder,
            beginnings,
            lenses,
            recent,
            this::urdf,
            this::soon,
            this::midChunk,
            this::dropChunk,
            this::swapped);
    SwapParameters swaps = parameters.swap();
    var watch = new PolicyWatch(swaps.watch(), parameters.lockStep());
    policies = new PolicySwap(first, cameras, swaps, watch, store, here);
    outputs = new Outputs(node, recorder, parameters, alone, this::braked);
    notices = new Notices(this::noticed, () -> soon(this::report));
    var sync = ObservationSync.of(parameters);
    var check = ObservationCheck.of(parameters, () -> node.clock().nowNanos());
    boolean listener = parameters.requireListener();
    surroundings =
        new Surroundings(
            node,
            parameters.commandTopic().filter(_ -> listener),
            Optional.of(outputs.drive()).filter(_ -> listener),
            outputs::unbraked,
            this::moves);
    senses =
        new Senses(
            sync, check, new ArmDescription(parameters), surroundings, new Following(parameters));
    episodes = new Episodes(recorder, beginnings, outputs, policies, sync, this::soon);
    episodes.suspend("the node is inactive; activate it first: ros2 lifecycle set NODE activate");
    chunks =
        new ChunkSource(
            parameters, policies, outputs, () -> episodes.running().isPresent(), this::soon);
    var holding = new Holding(this::warn, this::report);
    shadow = new Shadow(parameters, folder, policies::live, this::warn);
    loop = new ControlLoop(parameters, senses, chunks, episodes, outputs, holding, shadow);
    String arm = parameters.arm().map(ArmFile::name).orElse("");
    report =
        new StatusReport(
            managed,
            arm,
            loop,
            chunks,
            episodes,
            policies,
            recorder,
            notices,
            shadow,
            outputs,
            parameters.task().jointNames());
    other =
        parameters.autostart() && !parameters.lockStep()
            ? Optional.of(new OtherArm(node, parameters))
            : Optional.empty();
    inputs = new Inputs(node, recorder, beginnings, senses, parameters.lockStep(), loop, notices);
  }

  /**
   * Starts all of it.
   *
   * @param first policies that are warmed up; closed with this
   * @param store remembers which is live; empty: nobody does
   * @param alone whether nothing else is in this process
   * @param foundOther told why the arm is another one than the policy is for
   */
  static Robot start(
      LifecycleNode managed,
      Executor executor,
      RobotParameters parameters,
      KeptPolicy.All first,
      Optional<PolicyStore> store,
      Map<String, CameraCalibration> lenses,
      boolean alone,
      Consumer<String> foundOther) {
    var robot = new Robot(managed, executor, parameters, first, store, lenses, alone, foundOther);
    robot.listen();
    robot.serve();
    return robot;
  }

  private void listen() {
    inputs.sense(parameters, this::lens);
    var description = parameters.arm().map(ArmFile::description);
    Optional<Path> urdf =
        description.map(ArmFile.Description::urdf).filter(file -> !file.isEmpty()).map(Path::of);
    if (urdf.isPresent()) {
      inputs.texts(urdf.get(), this::describe, loop::instruct);
    } else {
      String topic =
          description.map(ArmFile.Description::topic).orElse(RolloutTopic.ROBOT_DESCRIPTION.name());
      inputs.texts(topic, this::describe, loop::instruct);
    }
    Teleoperation how =
        parameters.arm().map(ArmFile::teleoperation).orElse(Teleoperation.BY_TRAJECTORY);
    inputs.teleop(
        how,
        new TeleopSources(
            parameters.task().jointNames(),
            how,
            () -> senses.arm().model().flatMap(ArmModel::jog),
            this::measured));
    inputs.transforms(parameters.handEye());
    inputs.requests();
  }

  private void serve() {
    Services.offer(node, episodes, policies, parameters.swap(), this::stop, this::goLive);
    PolicyAction.offer(node, loop::begin, episodes::cancel, this::soon);
    ticker.every(
        parameters.lockStep()
            ? WATCH_LOCK_STEP_NANOS
            : (long) (parameters.periodNanos() / WATCHES_PER_PERIOD),
        this::watch);
    ticker.every(TimeUnit.SECONDS.toNanos(1), this::everySecond);
    outputs.info(
        "%s; %s"
            .formatted(
                policies
                    .live()
                    .map(live -> "policy " + live.id() + " is live")
                    .orElse("no policy is live: demonstrations alone"),
                senses.blind().text()));
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

  /** Takes notice of a camera that is calibrated otherwise than the live policy's. */
  private void lens(BundleSpec.Camera camera, byte[] info) {
    Map<String, List<CameraCalibration>> had =
        policies.live().map(live -> live.session().calibrations()).orElse(Map.of());
    notices.set(
        "calibration of camera " + camera.name(), TrainedCalibrations.mismatch(camera, had, info));
  }

  private void everySecond() {
    surroundings.look();
    inputs.watch();
    Optional<HoldReason> fault = surroundings.fault();
    notices.set("graph", fault.map(HoldReason::text));
    notices.set("execution", policies.live().flatMap(LivePolicy::passedOver));
    notices.set(
        "controller", outputs.drive().trouble().filter(_ -> fault.isEmpty()).map(HoldReason::text));
    if (System.nanoTime() - brakedNanos > BRAKED_SHOWN_NANOS) {
      notices.clear(BRAKED);
    }
    report.everything();
  }

  private void watch() {
    other.flatMap(OtherArm::watch).ifPresent(foundOther);
    surroundings.watch();
    policies.watch();
    senses.sync().newest().ifPresent(newest -> recent.add(newest, instruction()));
    episodes.watch();
    loop.watch();
    notices.set("shadow", shadow.notice());
    notices.set("following", senses.following().notice(System.nanoTime()));
    watchReadiness();
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
    Optional<HoldReason> missing = senses.missing();
    if (missing.isEmpty() || System.nanoTime() > current.deadlineNanos) {
      waiting = null;
      current.answer.complete(missing);
    }
  }

  /** Lets episodes begin. */
  void activate() {
    episodes.admission().admit();
    report();
  }

  /**
   * Holds the arm still and lets no episode begin; the one that runs is aborted.
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

  /** Lets the policy move the arm from the next episode on; returns why not. */
  private Optional<String> goLive() {
    Optional<String> refusal = shadow.goLive();
    if (refusal.isEmpty()) {
      outputs.info("out of shadow: the policy moves the arm from the next episode on");
      report();
    }
    return refusal;
  }

  /** Returns whether commands go to the arm: those of the episode that runs, else of the next. */
  private boolean moves() {
    return !(episodes.running().isPresent() ? outputs.isBeside() : shadow.isOn());
  }

  private void stop() {
    holdStill();
    episodes.stop("~/stop was called");
    report();
  }

  /** Measured positions, rad; empty where there are none that are sound. */
  private Optional<double[]> measured() {
    return soundJoints().map(JointSample::positions);
  }

  private Optional<JointSample> soundJoints() {
    return senses.sync().newestJoints().filter(joints -> joints.fault().isEmpty());
  }

  private void holdStill() {
    soundJoints().ifPresent(outputs::stop);
  }

  private void describe(String urdf) {
    other.flatMap(arm -> arm.described(urdf)).ifPresent(foundOther);
    if (!senses.arm().read(urdf)) {
      return;
    }
    Optional<HoldReason> fault = senses.arm().fault();
    if (fault.isPresent()) {
      warn("robot_description refused: " + fault.get().text());
    } else {
      outputs.info("robot_description fits the policy's joints " + parameters.task().jointNames());
      senses.arm().model().ifPresent(model -> model.notices().forEach(outputs::info));
      loop.described();
    }
  }

  /** The arm's URDF; empty where none has come. On any thread. */
  private String urdf() {
    return senses.arm().urdf();
  }

  /** Takes notice of another live policy, when what asked for it is done. */
  private void swapped() {
    soon(loop::swapped);
  }

  /** Returns what the episode that runs is to do; empty where none runs. */
  private String instruction() {
    return episodes.running().map(run -> run.request().instruction()).orElse("");
  }

  private boolean midChunk() {
    return loop.midChunk();
  }

  private void dropChunk() {
    loop.dropChunk();
  }

  private void report() {
    report.status();
  }

  /** Takes notice that the arm was brought to rest beside this thread; on any thread. */
  private void braked(String text) {
    brakedNanos = System.nanoTime();
    notices.set(BRAKED, text);
  }

  /** Tells what is not as it should be, also in the bag of the episode that runs; on any thread. */
  private void noticed(String text) {
    warn(text);
    soon(
        () -> {
          if (episodes.running().isPresent() && !parameters.lockStep()) {
            outputs.noticed(text);
          }
        });
  }

  private void warn(String text) {
    node.logger().log(Level.WARNING, text);
  }

  /** Leaves its parts of the node to be closed by who made this. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    ticker.close();
    episodes.suspend("the robot node ends");
    closed = true;
    outputs.close();
    chunks.close();
    recorder.close();
    policies.close();
  }
}
