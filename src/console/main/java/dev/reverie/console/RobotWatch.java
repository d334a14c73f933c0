package dev.reverie.console;

import dev.reverie.arm.ArmException;
import dev.reverie.arm.JointBounds;
import dev.reverie.console.Snapshot.Limited;
import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.builtin_interfaces.Time;
import dev.reverie.msgs.rcl_interfaces.Log;
import dev.reverie.msgs.reverie.ActionChunk;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.msgs.reverie.Episode;
import dev.reverie.msgs.reverie.Hold;
import dev.reverie.msgs.reverie.PolicyEvent;
import dev.reverie.msgs.reverie.SafetyEvent;
import dev.reverie.msgs.reverie.Status;
import dev.reverie.msgs.sensor_msgs.JointState;
import dev.reverie.msgs.trajectory_msgs.JointTrajectory;
import dev.reverie.rcljava.Clock;
import dev.reverie.rcljava.MessageInfo;
import dev.reverie.rcljava.MessageInfo.Gid;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.ParameterClient;
import dev.reverie.rcljava.Qos;
import dev.reverie.rcljava.RclException;
import dev.reverie.rcljava.Subscription;
import dev.reverie.rcljava.SubscriptionOptions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Hears what a robot node and its arm say, but the cameras, and keeps the newest of it. Learns anew
 * how the node was set up when it was started anew. Messages come on the executor's thread.
 */
final class RobotWatch {
  /** The node tells of itself once a second. */
  private static final double SILENT_S = 3.5;

  private static final double SHOW_LIMITS_S = 2;
  private static final int EVENTS = 20; // of policies, as many as the node keeps
  private static final long RETRY_MILLIS = 2000;
  private static final Words HOLDS = new Words(Hold.class, "");
  private static final Words SAFETY = new Words(SafetyEvent.class, "");
  private static final Words LIMITS = new Words(Command.class, "LIMIT_");

  private final Node node;
  private final String robot;
  private final ParameterClient parameters;
  private final ScheduledExecutorService slow;
  private final Runnable setUp;
  private final Happenings happenings = new Happenings();
  private final EpisodeList episodes = new EpisodeList();
  private final SwapStory swaps = new SwapStory();
  private final ChunkStory chunks = new ChunkStory();
  private final Map<String, Arrivals> arrivals = new LinkedHashMap<>();
  private final Map<String, Double> measured = new LinkedHashMap<>(); // by the name in messages
  private List<Subscription<?>> ofSetup = List.of(); // of the slow thread
  private RobotSetup setup = RobotSetup.UNKNOWN;
  private Optional<KnownArm> arm = Optional.empty();
  private String boundsFault = "";
  private String urdf = "";
  private int nodes;
  private @Nullable Gid publisher; // of the status, whose set-up is known
  private final Set<Gid> publishers = new HashSet<>(); // all that were heard
  private @Nullable Status status;
  private long statusMs; // when it came
  private @Nullable Command command;
  private @Nullable ActionChunk chunk;
  private @Nullable JointTrajectory trajectory;
  private List<Limited> limited = List.of();
  private long limitedNanos;

  /**
   * Begins to listen.
   *
   * @param robot full name of the robot node, such as /robot
   * @param slow runs what takes a while
   * @param setUp is told on that thread when the set-up is known, or changed
   */
  RobotWatch(Node node, String robot, ScheduledExecutorService slow, Runnable setUp) {
    this.node = node;
    this.robot = robot;
    this.slow = slow;
    this.setUp = setUp;
    parameters = node.createParameterClient(robot);
    for (String stream : List.of("joint states", "commands", "chunks", "status")) {
      arrivals.put(stream, new Arrivals());
    }
    Qos latched = Qos.transientLocal(1);
    SubscriptionOptions usual = SubscriptionOptions.DEFAULT;
    node.createSubscription(Status.TYPE, robot + "/status", latched, usual, this::status);
    node.createSubscription(Episode.TYPE, robot + "/episode", latched, this::episode);
    node.createSubscription(Command.TYPE, robot + "/command", Qos.reliable(20), this::command);
    node.createSubscription(
        ActionChunk.TYPE, robot + "/action_chunk", Qos.reliable(5), this::chunk);
    node.createSubscription(
        SafetyEvent.TYPE, robot + "/safety_event", Qos.reliable(50), this::safety);
    node.createSubscription(Log.TYPE, robot + "/request", Qos.reliable(20), this::asked);
    node.createSubscription(
        PolicyEvent.TYPE, robot + "/policy_event", Qos.transientLocal(EVENTS), this::policy);
    subscribeAsSetUp();
    var _ = slow.scheduleWithFixedDelay(this::count, 0, 1, TimeUnit.SECONDS);
  }

  /** The full name of a topic that the robot node names without its namespace. */
  String inNamespace(String topic) {
    String namespace = robot.substring(0, robot.lastIndexOf('/') + 1);
    return topic.startsWith("/") ? topic : namespace + topic;
  }

  /** Returns what happened, for the page; the console's own remarks go there too. */
  Happenings happenings() {
    return happenings;
  }

  /** Returns what becomes of policies. */
  SwapStory swaps() {
    return swaps;
  }

  synchronized RobotSetup setup() {
    return setup;
  }

  /** Id of the policy that is live; empty where none is known. */
  synchronized String livePolicy() {
    return status == null ? "" : status.policyId();
  }

  private void count() {
    try {
      int found = node.graph().countPublishers(robot + "/status");
      synchronized (this) {
        nodes = found;
      }
    } catch (RclException e) {
      // The console ends.
    }
  }

  /**
   * Without the lock: to close a subscription is to wait for the executor, whose callbacks lock.
   */
  private void subscribeAsSetUp() {
    RobotSetup now = setup();
    node.closeParts(ofSetup);
    List<Subscription<?>> all = new ArrayList<>();
    for (String topic : now.jointTopics()) {
      all.add(
          node.createSubscription(
              JointState.TYPE, inNamespace(topic), Qos.SENSOR_DATA, this::joints));
    }
    all.add(
        node.createSubscription(
            JointTrajectory.TYPE,
            inNamespace(now.trajectoryTopic()),
            Qos.reliable(5),
            this::trajectory));
    all.add(
        node.createSubscription(
            dev.reverie.msgs.std_msgs.String.TYPE,
            inNamespace(now.descriptionTopic()),
            Qos.transientLocal(1),
            this::description));
    ofSetup = all;
  }

  private void status(Status told, MessageInfo info) {
    boolean other;
    synchronized (this) {
      Gid from = info.publisherGid();
      // Two of one name speak by turns: each is new once, and nothing is asked at every turn.
      other = !from.equals(publisher) && (publishers.add(from) || nodes < 2);
      if (other) {
        if (publisher != null) {
          happenings.add(nowMs(), "STARTED", robot, "the robot node was started anew");
          swaps.forgetLive();
        }
        publisher = from;
      }
      status = told;
      statusMs = nowMs();
      came("status", told.header().stamp());
    }
    if (other) {
      slow.execute(this::learn);
    }
  }

  /** Asks the node how it was set up; again, where it does not answer yet. */
  private void learn() {
    try {
      RobotSetup learned = RobotSetup.ask(parameters);
      String live = swaps.liveFolder(); // its parameter is what it began with
      synchronized (this) {
        setup = live.isEmpty() ? learned : learned.withBundle(live);
      }
      subscribeAsSetUp();
      bound();
      setUp.run();
    } catch (ExecutionException | TimeoutException | RclException e) {
      if (node.context().isOk()) {
        var _ = slow.schedule(this::learn, RETRY_MILLIS, TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void bound() {
    RobotSetup of;
    String xml;
    synchronized (this) {
      of = setup;
      xml = urdf;
    }
    Optional<KnownArm> found = Optional.empty();
    String fault = "";
    try {
      found = of.known(xml);
    } catch (ArmException e) {
      fault = "limits of the joints are not shown: " + e.getMessage();
    }
    synchronized (this) {
      arm = found;
      boundsFault = fault;
    }
  }

  private void description(dev.reverie.msgs.std_msgs.String told) {
    synchronized (this) {
      urdf = told.data();
    }
    slow.execute(this::bound);
  }

  private synchronized void episode(Episode told) {
    episodes.took(told, nowMs());
    if (told.event() == Episode.ENDED) {
      chunks.ended();
    }
    String text =
        switch (told.event()) {
          case Episode.BEGUN -> told.instruction();
          case Episode.ENDED, Episode.LABELLED ->
              "%s %s"
                  .formatted(EpisodeList.word(told.outcome().outcome()), told.outcome().reason());
          default -> "";
        };
    String kind = new Words(Episode.class, "").of(told.event());
    happenings.add(nowMs(), kind, told.outcome().labeller(), text.strip());
  }

  private synchronized void command(Command told) {
    command = told;
    chunks.heard(told, System.nanoTime());
    came("commands", told.header().stamp());
    if (told.clamped().isEmpty()) {
      return;
    }
    List<Limited> all = new ArrayList<>();
    for (int i = 0; i < told.clamped().size(); i++) {
      byte kind = i < told.limits().length ? told.limits()[i] : Command.LIMIT_UNKNOWN;
      all.add(new Limited(LIMITS.of(kind), told.clamped().get(i)));
    }
    limited = all;
    limitedNanos = System.nanoTime();
  }

  private synchronized void chunk(ActionChunk told) {
    chunk = told;
    chunks.heard(told, System.nanoTime());
    came("chunks", told.header().stamp());
  }

  private synchronized void trajectory(JointTrajectory told) {
    trajectory = told;
  }

  private synchronized void joints(JointState told) {
    for (int i = 0; i < Math.min(told.name().size(), told.position().length); i++) {
      measured.put(told.name().get(i), told.position()[i]);
    }
    came("joint states", told.header().stamp());
  }

  private void safety(SafetyEvent told) {
    happenings.add(nowMs(), SAFETY.of(told.kind()), told.source(), told.reason());
  }

  private void asked(Log told) {
    happenings.add(nowMs(), "ASKED", told.name(), told.function());
    if (Ask.SWAPS.contains(told.function())) {
      swaps.asked(told.name());
    }
  }

  private void policy(PolicyEvent told) {
    swaps.took(told);
    String text = told.bundle() + (told.reason().isEmpty() ? "" : ": " + told.reason());
    happenings.add(nowMs(), SwapStory.word(told.state()), "", text);
    if (told.state() == PolicyEvent.LIVE || told.state() == PolicyEvent.ROLLED_BACK) {
      slow.execute(() -> swapped(told.bundle()));
    }
  }

  private void swapped(String bundle) {
    synchronized (this) {
      if (setup == RobotSetup.UNKNOWN || bundle.isEmpty()) {
        return;
      }
      setup = setup.withBundle(bundle);
    }
    bound();
    setUp.run();
  }

  private void came(String stream, Time stamp) {
    double late = (Clock.SYSTEM.nowNanos() - Stamps.nanos(stamp)) / 1e9;
    arrival(stream).add(System.nanoTime(), late);
  }

  private Arrivals arrival(String stream) {
    return arrivals.computeIfAbsent(stream, _ -> new Arrivals());
  }

  private static long nowMs() {
    return System.currentTimeMillis();
  }

  /**
   * Returns what a page shows now.
   *
   * @param cameras as the pictures' side knows them
   * @param cameraStreams likewise
   */
  synchronized Snapshot snapshot(
      List<Snapshot.Camera> cameras, List<Snapshot.Stream> cameraStreams, List<String> people) {
    long now = System.nanoTime();
    List<Snapshot.Stream> streams = new ArrayList<>(cameraStreams);
    arrivals.forEach(
        (name, each) ->
            streams.add(new Snapshot.Stream(name, each.hz(now), each.ageS(now), each.lateS())));
    String episode = status == null ? "" : status.episodeId();
    return new Snapshot(
        nowMs(),
        robotState(now),
        status == null
            ? new Snapshot.Hold("NONE", "", "")
            : new Snapshot.Hold(
                HOLDS.of(status.hold().kind()), status.hold().about(), status.holdReason()),
        tick(now),
        Snapshot.Chunk.of(chunk, arrival("chunks").ageS(now)),
        new JointRows(setup, bounds(), measured, command, trajectory).list(),
        cameras,
        streams,
        episodes.running(episode, statusMs).orElse(null),
        episodes.ended(),
        happenings.list(),
        swaps.state(),
        people);
  }

  /** Returns what of action chunks is drawn into pictures. */
  ChunkDrawing drawing() {
    Optional<KnownArm> known;
    Map<String, Double> positions;
    synchronized (this) {
      known = arm;
      positions = Map.copyOf(measured);
    }
    KnownArm.Paths paths =
        known
            .flatMap(of -> chunks.playing(System.nanoTime()).map(now -> of.paths(now, positions)))
            .orElse(KnownArm.Paths.NONE);
    return new ChunkDrawing(known, paths, positions);
  }

  private List<JointBounds> bounds() {
    return arm.map(KnownArm::bounds).orElse(List.of());
  }

  /** Returns the same without cameras and pages. */
  Snapshot snapshot() {
    return snapshot(List.of(), List.of(), List.of());
  }

  private Snapshot.Robot robotState(long now) {
    double age = arrival("status").ageS(now);
    Status told = status == null ? new Status() : status;
    List<String> remarks = new ArrayList<>(setup.remarks());
    if (!boundsFault.isEmpty()) {
      remarks.add(boundsFault);
    }
    return new Snapshot.Robot(
        robot,
        age >= 0 && age < SILENT_S,
        nodes,
        age,
        told.state(),
        told.arm(),
        told.policyId(),
        told.provider(),
        setup.bundle(),
        told.shadow(),
        told.episodeId(),
        told.queueLength(),
        told.ticks(),
        told.lateTicks(),
        told.queueRanEmpty(),
        told.swaps(),
        told.limitedTicks(),
        told.recorderDropped(),
        told.recorderFault(),
        told.notices(),
        setup.instruction(),
        setup.rolloutsDir(),
        remarks);
  }

  private Snapshot.Tick tick(long now) {
    if (command == null) {
      return new Snapshot.Tick(-1, 0, "", List.of());
    }
    boolean recent = (now - limitedNanos) / 1e9 < SHOW_LIMITS_S;
    return new Snapshot.Tick(
        arrival("commands").ageS(now),
        command.tick(),
        command.source(),
        recent ? limited : List.of());
  }
}
