package dev.reverie.robot.control;

import dev.reverie.arm.Limit;
import dev.reverie.arm.Reference;
import dev.reverie.mcap.rosbag2.Rosbag2Topic;
import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.msgs.reverie.Episode;
import dev.reverie.msgs.reverie.Outcome;
import dev.reverie.msgs.reverie.SafetyEvent;
import dev.reverie.msgs.std_msgs.Header;
import dev.reverie.msgs.trajectory_msgs.JointTrajectory;
import dev.reverie.msgs.trajectory_msgs.JointTrajectoryPoint;
import dev.reverie.policy.Task;
import dev.reverie.rcljava.Node;
import dev.reverie.robot.motion.Drive;
import dev.reverie.robot.motion.Drives;
import dev.reverie.robot.motion.Lifeline;
import dev.reverie.robot.motion.Trajectories;
import dev.reverie.robot.motion.Watchdog;
import dev.reverie.robot.record.Output;
import dev.reverie.robot.record.Recorder;
import dev.reverie.robot.sense.HoldReason;
import dev.reverie.robot.sense.HoldReason.Kind;
import dev.reverie.robot.sense.JointSample;
import dev.reverie.robot.setup.RobotParameters;
import dev.reverie.rollout.EpisodeHead;
import dev.reverie.rollout.RolloutTopic;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Says what the node does in an episode: published, and recorded as it was published. For the
 * control thread, beside which the watchdog brakes.
 */
public final class Outputs implements AutoCloseable {
  /** Topic beside the arm's, whatever that one is called. */
  private static final String SHADOW_TOPIC = "~/shadow/joint_trajectory";

  private final Logger log;
  private final List<String> joints;
  private final List<String> jointsInMessages;
  private final String frame;
  private final long periodNanos;
  private final double[] atRest;
  private final String configuration;
  private final Output<JointTrajectory> trajectories;
  private final Output<Command> commands;
  private final ChunkOutput chunks;
  private final Output<Episode> episodes;
  private final SafetyLog safety;
  private final boolean lockStep;
  private final Drive arm;
  private final Node node;
  private final Recorder recorder;
  private @Nullable Drive beside; // the arm, in shadow; made when it is needed
  private volatile Drive drive; // the arm's, or in shadow the one beside it
  private volatile boolean shadow;
  private final double[] difference; // in shadow: what was asked for minus what was measured
  private EpisodeHead head;
  private volatile @Nullable Reference reference;
  private final Optional<Watchdog> watchdog; // not in lock-step
  private final Optional<Lifeline> lifeline; // not in lock-step
  private final Consumer<String> braked;
  private volatile long stampNanos; // of the last answer

  /**
   * Creates publishers, and the threads that go on where the control thread does not.
   *
   * @param alone whether nothing else is in this process, so that another one brakes the arm if it
   *     dies
   * @param braked takes why the arm was brought to rest beside the control thread, on any thread
   */
  public Outputs(
      Node node,
      Recorder recorder,
      RobotParameters parameters,
      boolean alone,
      Consumer<String> braked) {
    this.braked = braked;
    Task task = parameters.task();
    log = node.logger();
    joints = task.jointNames();
    jointsInMessages = parameters.joints().names().inMessages(joints);
    frame = task.actionSpace().frame();
    periodNanos = parameters.periodNanos();
    atRest = new double[joints.size()];
    configuration = parameters.json(node::resolveTopic);
    trajectories =
        new Output<>(
            node, RolloutTopic.JOINT_TRAJECTORY, Drives.trajectories(parameters), recorder, false);
    commands = new Output<>(node, RolloutTopic.COMMAND, recorder, false);
    chunks = new ChunkOutput(node, recorder, () -> head);
    episodes = new Output<>(node, RolloutTopic.EPISODE, recorder, true);
    safety = new SafetyLog(new Output<>(node, RolloutTopic.SAFETY_EVENT, recorder, true));
    lockStep = parameters.lockStep();
    arm = Drives.of(node, parameters, trajectories, this::stood);
    drive = arm;
    difference = new double[joints.size()];
    this.node = node;
    this.recorder = recorder;
    watchdog = lockStep ? Optional.empty() : Optional.of(new Watchdog(periodNanos, this::brake));
    lifeline =
        alone
            ? Drives.lifeline(
                node, parameters, this::moved, arm, trajectories::reaches, this::stopped, braked)
            : Optional.empty();
    head = head("", "", Command.POLICY, "", 0, 0);
  }

  /** Returns what moves the arm just now; in shadow nothing does. */
  private Optional<Reference> moved() {
    return shadow ? Optional.empty() : Optional.ofNullable(reference);
  }

  /** Takes notice that the arm was braked while this process was stopped, where it was. */
  void settle() {
    moved().ifPresent(moving -> lifeline.ifPresent(line -> line.settle(moving)));
  }

  /** Returns what brings the commands to the arm. */
  public Drive drive() {
    return arm;
  }

  /** Returns why the arm may not be moved: the process that would brake it says so. */
  public Optional<HoldReason> unbraked() {
    return lifeline.flatMap(Lifeline::fault);
  }

  private EpisodeHead head(
      String id, String instruction, String source, String policyId, float temperature, long seed) {
    return new EpisodeHead(
        id, instruction, source, policyId, temperature, seed, joints, frame, periodNanos);
  }

  /** Says that an episode begins. */
  EpisodeHead begin(EpisodeRun run, String policyId, long stampNanos) {
    EpisodeRun.Request asked = run.request();
    head =
        head(
            run.id(),
            asked.instruction(),
            asked.teleop() ? Command.TELEOP : Command.POLICY,
            asked.teleop() ? "" : policyId,
            asked.temperature(),
            asked.seed());
    safety.begin(run);
    episodes.send(head.begun(stampNanos, configuration));
    return head;
  }

  /** Says that the episode has ended. */
  void end(Outcome outcome) {
    rest();
    episodes.send(head.told(Episode.ENDED, Stamps.nanos(outcome.header().stamp()), outcome));
  }

  /**
   * Says how an episode that has ended went.
   *
   * @return CDR of the message, which goes into the bag of that episode
   */
  byte[] label(EpisodeHead labelled, Outcome outcome) {
    long stamp = Stamps.nanos(outcome.header().stamp());
    return episodes.send(labelled.told(Episode.LABELLED, stamp, outcome));
  }

  /** Topic of what happens to episodes. */
  Rosbag2Topic episodeTopic() {
    return episodes.topic();
  }

  /** Says something to people alone. */
  public void info(String text) {
    log.log(Level.INFO, text);
  }

  /** Log of what the commands alone do not tell. */
  SafetyLog safety() {
    return safety;
  }

  /** Says which chunks there are. */
  ChunkOutput chunks() {
    return chunks;
  }

  /**
   * Sends the arm what was decided, and says so: the arm first, it waits.
   *
   * @param newest joint state that can be used
   */
  void send(Tick tick, Optional<JointSample> newest) {
    watched(tick);
    if (!unheard(tick)) {
      move(tick, newest);
    }
    switch (tick) {
      case Tick.Sent sent -> {
        Chunk chunk = sent.action().chunk();
        command(sent, chunk.index(), sent.action().k(), chunk.source(), sent.limits());
      }
      case Tick.Answer stay -> command(stay, 0, 0, Command.HOLD, List.of());
      case Tick.Blind _, Tick.Waiting _ -> {}
    }
  }

  private void move(Tick tick, Optional<JointSample> newest) {
    if (tick instanceof Tick.Answer answer) {
      JointSample measured = newest.orElse(answer.measured());
      for (int j = 0; shadow && j < difference.length; j++) {
        difference[j] = answer.positions()[j] - measured.positions()[j];
      }
      planned(Optional.of(measured));
    } else if (tick instanceof Tick.Blind) {
      planned(newest);
    }
  }

  /** Returns whether a resting plan is no use: nobody hears, and who comes is elsewhere. */
  private boolean unheard(Tick tick) {
    Reference resting = reference;
    return tick.why().filter(why -> why.kind() == Kind.NO_CONTROLLER).isPresent()
        && resting != null
        && resting.plan().rests(System.nanoTime());
  }

  private void watched(Tick tick) {
    if (tick instanceof Tick.Answer answer) {
      stampNanos = answer.measured().stampNanos();
    }
    switch (tick) {
      case Tick.Sent _ -> watchdog.ifPresent(dog -> dog.moved(System.nanoTime()));
      case Tick.Refused _, Tick.Held _, Tick.Blind _ -> watchdog.ifPresent(Watchdog::rests);
      case Tick.Waiting _ -> {}
    }
  }

  /**
   * Sends what follows beside the arm, or to the arm again.
   *
   * @return whether that is new
   */
  boolean beside(boolean on) {
    if (on == shadow) {
      return false;
    }
    rest();
    drive.release();
    shadow = on;
    drive = on ? beside() : arm;
    reference = null;
    return true;
  }

  private Drive beside() {
    if (beside == null) {
      var output = new Output<>(node, RolloutTopic.JOINT_TRAJECTORY, SHADOW_TOPIC, recorder, false);
      beside = new Trajectories(jointsInMessages, output::send);
    }
    return beside;
  }

  /** Returns whether commands go beside the arm. */
  public boolean isBeside() {
    return shadow;
  }

  /**
   * Returns in shadow what was asked for minus what was measured at the last tick, by joint; rad or
   * m.
   */
  public double[] difference() {
    return difference.clone();
  }

  /** Brings a reference to the arm from now on, instead of single targets. */
  void follow(Reference begun) {
    reference = begun;
    drive.follow(begun);
  }

  /** Brings the plan to the arm; where it is not known to be, it is taken to be as asked. */
  private void planned(Optional<JointSample> measured) {
    Reference moving = reference;
    if (moving != null) {
      drive.planned(
          measured
              .filter(joints -> joints.fault().isEmpty())
              .map(JointSample::positions)
              .orElseGet(() -> asked(moving, System.nanoTime())));
    }
  }

  /** Returns where the arm is asked to be, rad. */
  private static double[] asked(Reference moving, long nowNanos) {
    double[] position = new double[moving.size()];
    moving.plan().at(nowNanos, position, new double[moving.size()]);
    return position;
  }

  /** Lets the arm come to rest. */
  private void rest() {
    watchdog.ifPresent(Watchdog::rests);
    var _ = restNow();
  }

  /** Brings an arm that moves to rest; returns whether it moved. */
  private boolean restNow() {
    settle();
    Reference moving = reference;
    long now = System.nanoTime();
    if (moving == null || moving.plan().rests(now)) {
      return false;
    }
    moving.rest(now);
    drive.brake(asked(moving, now));
    return true;
  }

  /** Brings the arm to rest beside the control thread. */
  private void brake(long silentNanos) {
    if (restNow()) {
      braked("no control tick for %.3f s: the arm was brought to rest", silentNanos);
    }
  }

  private void stood(long silentNanos) {
    braked("nothing was sent for %.3f s: the arm goes on from where it was sent last", silentNanos);
  }

  private void stopped(long agoNanos) {
    braked("this process did not go on for some time: the arm was braked %.3f s ago", agoNanos);
  }

  private void braked(String format, long silentNanos) {
    braked.accept(safety.braked(format, silentNanos, stampNanos));
  }

  /** Sends joint positions, to be reached in one period and held. */
  private void command(
      Tick.Answer answer, int chunk, int action, String source, List<Limit> limits) {
    JointSample measured = answer.measured();
    if (reference == null) {
      trajectory(measured.stampNanos(), answer.positions());
    }
    commands.send(
        head.command(
                measured.stampNanos(),
                answer.number(),
                chunk,
                action,
                source,
                measured.positions(),
                answer.positions())
            .withClamped(limits.stream().map(Limit::text).toList())
            .withLimits(SafetyLog.kinds(limits)));
  }

  /** Says that something is not as it should be though the arm moves. */
  public void noticed(String text) {
    safety.tell(SafetyEvent.NOTICED, stampNanos, Outcome.ROBOT, text);
  }

  /** Brings the arm to rest; one that is not known to move, where it is. */
  public void stop(JointSample measured) {
    watchdog.ifPresent(Watchdog::rests);
    if (reference != null) {
      reference.rest(System.nanoTime());
      drive.brake(measured.positions());
      drive.release();
    } else if (!shadow) {
      trajectory(measured.stampNanos(), measured.positions());
    }
  }

  private void trajectory(long stampNanos, double[] positions) {
    var point =
        new JointTrajectoryPoint()
            .withPositions(positions)
            .withVelocities(atRest)
            .withTimeFromStart(Stamps.duration(periodNanos));
    long stamp = lockStep ? stampNanos : 0; // the controller starts when it comes
    var header = new Header(Stamps.time(stamp), "");
    drive.stay(new JointTrajectory(header, jointsInMessages, List.of(point)));
  }

  @Override
  public void close() {
    watchdog.ifPresent(Watchdog::close);
    lifeline.ifPresent(Lifeline::close);
    arm.close();
  }

  /** Sends the last trajectory again. */
  void repeatTrajectory() {
    trajectories.repeat();
  }
}
