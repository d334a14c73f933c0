package dev.reverie.replay;

import dev.reverie.msgs.reverie.Outcome;
import dev.reverie.msgs.reverie.RunPolicy;
import dev.reverie.policy.BundleSpec;
import dev.reverie.rcljava.Context;
import dev.reverie.rcljava.Executor;
import dev.reverie.rcljava.Parameter;
import dev.reverie.rcljava.action.ClientGoalHandle;
import dev.reverie.robot.RobotNode;
import dev.reverie.rollout.AtomicFolder;
import dev.reverie.rollout.Episode;
import dev.reverie.rollout.EpisodeOutcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A robot node as it runs beside an arm, with a {@link PlaybackArm} instead of one, in a namespace
 * of their own: no real arm hears its commands. It serves bags of one arm, in ascending time.
 */
final class ReplaySession implements AutoCloseable {
  private static final AtomicInteger COUNT = new AtomicInteger();
  private static final String LABELLER = "replay";
  private static final Duration START_LIMIT = Duration.ofSeconds(60);

  /**
   * The way in which a policy is replayed.
   *
   * @param lockStep or else at the recorded speed
   * @param asRecorded with each episode's own temperature and seed
   * @param temperature of the tokens, 0: greedy
   * @param seed of the tokens drawn
   */
  record Mode(boolean lockStep, boolean asRecorded, float temperature, long seed) {}

  private final Mode mode;
  private final RecordedBag first;
  private final PlaybackArm arm;
  private final BagPlayer player;
  private final Context context;
  private final Thread robot;
  private final CompletableFuture<Boolean> ready = new CompletableFuture<>();
  private final Path rollouts;
  private long newestStampNanos = Long.MIN_VALUE;

  private ReplaySession(Path bundle, BundleSpec spec, Mode mode, RecordedBag bag) {
    this.mode = mode;
    first = bag;
    rollouts = temporaryFolder();
    String namespace =
        "/replay_%d_%d".formatted(ProcessHandle.current().pid(), COUNT.incrementAndGet());
    arm = new PlaybackArm(namespace, spec.cameras(), bag.compressed());
    player = mode.lockStep ? new LockStepPlayer(arm) : new RecordedSpeedPlayer(arm);
    try {
      context = Context.init(arguments(namespace, bundle, spec).toArray(String[]::new));
    } catch (RuntimeException e) {
      arm.close();
      throw e;
    }
    robot = Thread.ofPlatform().name("robot").daemon().start(this::run);
  }

  /** Starts a robot node with a bundle for bags like this one, and waits until it hears them. */
  static ReplaySession start(Path bundle, BundleSpec spec, Mode mode, RecordedBag bag) {
    var session = new ReplaySession(bundle, spec, mode, bag);
    try {
      session.awaitRobot();
      return session;
    } catch (RuntimeException e) {
      session.close();
      throw e;
    }
  }

  /** Tells whether a bag can be played to this node too, rather than to a new one. */
  boolean takes(RecordedBag bag) {
    boolean sameArm =
        Arrays.equals(bag.description(), first.description())
            && bag.names().equals(first.names())
            && bag.executed() == first.executed()
            && bag.compressed().equals(first.compressed())
            && bag.sameLenses(first);
    boolean timeGoesOn = bag.stampNanos(0) > newestStampNanos;
    return sameArm && timeGoesOn && arm.isOk() && robot.isAlive();
  }

  /**
   * Refuses to go on where this program was asked to stop.
   *
   * @throws CancellationException which is no fault of a bag
   */
  void requireGoingOn() {
    if (!arm.isOk()) {
      throw new CancellationException("stopped before the end");
    }
  }

  /** One episode of the policy on the inputs of a recorded one. */
  ReplayedEpisode play(RecordedBag bag) {
    Episode episode = bag.episode();
    newestStampNanos = bag.lastStampNanos();
    arm.describe(bag.description());
    ClientGoalHandle<RunPolicy.Result> goal =
        arm.begin(
            new RunPolicy.Goal()
                .withInstruction(episode.instruction())
                .withTemperature(mode.asRecorded ? episode.temperature() : mode.temperature)
                .withSeed(mode.asRecorded ? episode.seed() : mode.seed));
    player.play(bag, () -> arm.label(outcome(bag)), () -> goal.result().isDone() || !arm.isOk());
    RunPolicy.Result result = arm.await("end of the episode", goal.result()).result();
    if (!result.outcome().labeller().equals(LABELLER)) {
      throw new ReplayException(
          "the robot node ended the replay after %d ticks: %s"
              .formatted(result.ticks(), result.outcome().reason()));
    }
    Path recorded = Path.of(result.bag());
    ReplayedEpisode replayed = ReplayedEpisode.read(recorded);
    delete(recorded);
    return replayed;
  }

  private static Outcome outcome(RecordedBag bag) {
    EpisodeOutcome recorded = bag.episode().outcome();
    return new EpisodeOutcome(recorded.kind(), bag.lastStampNanos(), LABELLER, recorded.reason())
        .message();
  }

  private void run() {
    try (var executor = new Executor(context);
        var node = RobotNode.start(context, executor)) {
      ready.complete(true);
      node.spin();
    } catch (RuntimeException e) {
      ready.completeExceptionally(e);
    }
  }

  private void awaitRobot() {
    arm.describe(first.description());
    long deadline = System.nanoTime() + START_LIMIT.toNanos();
    while (!ready.isDone() || ready.isCompletedExceptionally() || !arm.awaitRobot()) {
      if (ready.isCompletedExceptionally()) {
        throw new ReplayException(
            "the robot node does not start: " + ready.exceptionNow().getMessage(),
            ready.exceptionNow());
      }
      sendInfos(); // a node that rectifies waits for them before it starts
      requireGoingOn();
      if (System.nanoTime() > deadline) {
        throw new ReplayException("the robot node did not come up; see its log above");
      }
      try {
        Thread.sleep(20);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new ReplayException("interrupted while the robot node started", e);
      }
    }
  }

  private void sendInfos() {
    List<Optional<byte[]>> infos = first.infos();
    for (int i = 0; i < infos.size(); i++) {
      int camera = i;
      infos.get(i).ifPresent(info -> arm.info(camera, info));
    }
  }

  private List<String> arguments(String namespace, Path bundle, BundleSpec spec) {
    List<String> args = new ArrayList<>(List.of("--ros-args", "--log-level", "warn"));
    args.addAll(List.of("-r", "__ns:=" + namespace, "-r", "/clock:=" + namespace + "/clock"));
    parameter(args, "bundle", Parameter.quoted(bundle));
    parameter(args, "rollouts_dir", Parameter.quoted(rollouts));
    parameter(args, "use_sim_time", "true");
    parameter(args, "lock_step", Boolean.toString(mode.lockStep));
    parameter(args, "executed", Integer.toString(first.executed())); // as on the arm
    parameter(args, "require_listener", "false"); // no arm hears these commands
    parameter(args, "observation_timeout_s", "60.0"); // a busy machine is no reason to give up
    List<String> pairs = first.names().pairs();
    if (!pairs.isEmpty()) {
      parameter(args, "joint_names", Parameter.quoted(pairs));
    }
    if (!first.names().prefix().isEmpty()) {
      parameter(args, "joint_prefix", Parameter.quoted(first.names().prefix()));
    }
    for (int i = 0; i < spec.cameras().size(); i++) {
      BundleSpec.Camera camera = spec.cameras().get(i);
      String topic = PlaybackArm.imageTopic(camera, first.compressed().get(i));
      parameter(args, "camera.%s.topic".formatted(camera.name()), topic);
    }
    return args;
  }

  private static void parameter(List<String> args, String name, String value) {
    args.addAll(List.of("-p", name + ":=" + value));
  }

  private static Path temporaryFolder() {
    try {
      return Files.createTempDirectory("reverie-replay-");
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make a temporary folder", e);
    }
  }

  private static void delete(Path folder) {
    try {
      AtomicFolder.delete(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot delete " + folder, e);
    }
  }

  @Override
  public void close() {
    context.shutdown();
    try {
      robot.join(Duration.ofSeconds(20));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    arm.close();
    context.close();
    delete(rollouts);
  }
}
