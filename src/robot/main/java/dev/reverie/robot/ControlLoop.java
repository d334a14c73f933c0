package dev.reverie.robot;

import dev.reverie.msgs.reverie.Command;
import dev.reverie.msgs.reverie.SafetyEvent;
import dev.reverie.robot.ActionQueue.Action;
import dev.reverie.robot.HoldReason.Kind;
import dev.reverie.robot.arm.ArmModel;
import dev.reverie.robot.arm.Limit;
import dev.reverie.robot.arm.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The control ticks of an episode: one command for each observation, from a chunk of the policy or
 * from a person, through the safety gate; else the arm holds still.
 *
 * <p>In lock-step every observation is answered. In real time the ticks follow the observations at
 * the control rate; where one stays out, the chunk that plays goes on from the newest joint state,
 * half a period later. A chunk starts at the observation that it saw; if inference takes long, it
 * is asked for ahead. For the control thread.
 */
final class ControlLoop {

  /** What the loop tells the episode that runs. */
  interface Supervisor {
    /** The first usable observation is there: opens the bag. */
    void opened(EpisodeRun episode, Sensed first);

    /** A complete observation came; may end the episode. */
    void observed(long stampNanos);

    /** A command answered an observation. */
    void commanded(EpisodeRun episode, long stampNanos);

    /** Nothing can move the arm for too long. */
    void stalled(EpisodeRun episode, HoldReason reason);
  }

  /** A first observation that takes longer is missing. */
  private static final long FIRST_OBSERVATION_NANOS = 500_000_000L;

  private final RobotParameters parameters;
  private final ObservationSync sync;
  private final ChunkSource chunks;
  private final Outputs outputs;
  private final Holding holding;
  private final ObservationCheck check;
  private final Supervisor supervisor;
  private final ActionQueue queue = new ActionQueue();
  private final TickSchedule schedule;
  private final TeleopInput teleop;

  private @Nullable ArmModel arm;
  private HoldReason armFault =
      HoldReason.of(
          Kind.NO_DESCRIPTION, "no robot_description yet; publish the arm's URDF on that topic");
  private @Nullable EpisodeRun episode;
  private @Nullable Sensed newest;
  private @Nullable Sensed waiting; // its tick waits for an inference or for a person
  private double @Nullable [] commanded; // rad; what the arm was last told
  private boolean takeover; // a person acts in an episode of the policy
  private long answeredStampNanos;
  private long ranEmpty;

  ControlLoop(
      RobotParameters parameters,
      ObservationSync sync,
      ChunkSource chunks,
      Outputs outputs,
      Holding holding,
      ObservationCheck check,
      Supervisor supervisor) {
    this.parameters = parameters;
    this.sync = sync;
    this.chunks = chunks;
    this.outputs = outputs;
    this.holding = holding;
    this.check = check;
    this.supervisor = supervisor;
    schedule = new TickSchedule((long) (parameters.periodS() * 1e9));
    teleop = new TeleopInput(parameters.lockStep());
  }

  TickSchedule schedule() {
    return schedule;
  }

  /** Ticks for which no action was there although the policy was to act. */
  long ranEmpty() {
    return ranEmpty;
  }

  int queued() {
    return episode == null ? 0 : queue.remaining(episode.tick);
  }

  /** Whether a chunk of the policy plays or is being made. */
  boolean midChunk() {
    return queued() > 0 || chunks.busy();
  }

  /** The arm's URDF is there. */
  void arm(ArmModel model) {
    arm = model;
    step();
  }

  /** The arm's URDF cannot be used. */
  void noArm(String reason) {
    arm = null;
    armFault = HoldReason.of(Kind.BAD_DESCRIPTION, reason);
  }

  /** What keeps the newest observation from being acted on; empty where nothing does. */
  Optional<HoldReason> missing() {
    Sensed sensed = newest;
    return sensed == null ? Optional.of(sync.missing()) : unusable(sensed);
  }

  /** Starts an episode; its first tick is the next one. */
  void begin(EpisodeRun run) {
    episode = run;
    answeredStampNanos = Long.MIN_VALUE;
    commanded = null;
    schedule.begin(System.nanoTime());
    if (parameters.lockStep()) {
      step(); // the observation that time stands still at
    }
  }

  /** The episode is over: the arm stays where it is. */
  void end() {
    episode = null;
    waiting = null;
    takeover = false;
    queue.clear();
    chunks.forget();
    newest = null;
  }

  /** An input came. */
  void inputsChanged() {
    Optional<Sensed> sensed = sync.take();
    if (sensed.isPresent()) {
      newest = sensed.get();
      supervisor.observed(newest.stampNanos());
      if (parameters.lockStep() || schedule.takes(System.nanoTime())) {
        step();
      }
    }
  }

  /** In lock-step, an observation that comes again asks for its command again. */
  void repeated(long stampNanos) {
    if (episode != null && stampNanos == answeredStampNanos) {
      outputs.repeatTrajectory();
    }
  }

  void teleop(TeleopCommand command) {
    teleop.add(command);
    if (episode == null) {
      return;
    }
    if (!episode.request.teleop() && !parameters.lockStep() && !takeover) {
      takeover = true;
      queue.clear();
      chunks.forget();
    }
    if (waiting != null && personActs(episode)) {
      Sensed sensed = waiting;
      waiting = null;
      teleopStep(episode, sensed, teleop.answering(sensed.stampNanos(), System.nanoTime()));
    }
  }

  /** Looks after ticks that are overdue; to be called some times a period. */
  void watch() {
    if (episode == null) {
      return;
    }
    long now = System.nanoTime();
    if (now - episode.aliveNanos > parameters.observationTimeoutS() * 1e9) {
      supervisor.stalled(episode, holding.reason().orElseGet(sync::missing));
    } else if (!episode.open) {
      if (newest != null) {
        step();
      } else if (now - episode.aliveNanos > FIRST_OBSERVATION_NANOS) {
        holding.because(sync.missing());
      }
    } else if (!parameters.lockStep() && schedule.due(now)) {
      if (waiting == null && newest != null && newest.stampNanos() > answeredStampNanos) {
        step();
      } else if (schedule.overdue(now)) {
        overdue(episode);
      }
    }
  }

  /** The tick of the newest observation, if it has not had one. */
  private void step() {
    Sensed sensed = newest;
    EpisodeRun run = episode;
    if (run == null || sensed == null || waiting != null) {
      return;
    }
    if (sensed.stampNanos() <= answeredStampNanos) {
      return;
    }
    Optional<HoldReason> unusable = unusable(sensed);
    if (!run.open) {
      if (unusable.isPresent()) {
        holding.because(unusable.get());
        return;
      }
      open(run, sensed);
    }
    if (unusable.isPresent()) {
      hold(run, sensed.joints(), unusable.get());
    } else if (personActs(run)) {
      teleopStep(run, sensed, teleop.answering(sensed.stampNanos(), System.nanoTime()));
    } else {
      policyStep(run, sensed);
    }
  }

  private void open(EpisodeRun run, Sensed first) {
    run.open = true;
    run.firstStampNanos = first.stampNanos();
    run.aliveNanos = System.nanoTime();
    schedule.begin(first.arrivalNanos());
    if (arm != null) {
      arm.actions().begin(first.joints().positions());
    }
    supervisor.opened(run, first);
  }

  private Optional<HoldReason> unusable(Sensed sensed) {
    return arm == null ? Optional.of(armFault) : check.fault(sensed);
  }

  private void policyStep(EpisodeRun run, Sensed sensed) {
    Optional<Action> action = queue.next(run.tick);
    if (action.isPresent()) {
      play(run, sensed.joints(), action.get());
      if (chunks.lead() > 0 && queue.remaining(run.tick) <= chunks.lead()) {
        request(run, sensed, run.tick - 1);
      }
    } else {
      waiting = sensed;
      request(run, sensed, run.tick);
    }
  }

  private void request(EpisodeRun run, Sensed sensed, long tick) {
    chunks.request(run, sensed, tick, this::chunked, this::failed, this::outdated);
  }

  private void chunked(EpisodeRun run, Chunk chunk) {
    queue.add(chunk);
    if (waiting != null) {
      Sensed sensed = waiting;
      waiting = null;
      policyStep(run, sensed);
    }
  }

  private void failed(EpisodeRun run, String reason) {
    if (waiting != null) {
      Sensed sensed = waiting;
      waiting = null;
      hold(run, sensed.joints(), HoldReason.of(Kind.POLICY_FAILED, reason));
    }
  }

  /** The inference thread is free again, and what it gave belonged to an older episode. */
  private void outdated() {
    if (waiting != null && episode != null && !personActs(episode)) {
      request(episode, waiting, episode.tick);
    }
  }

  private boolean personActs(EpisodeRun run) {
    if (takeover && teleop.silent(System.nanoTime())) {
      takeover = false; // the person has let go: the policy goes on
      if (!run.person.isEmpty()) {
        safety(run, newestStampNanos(), SafetyEvent.RETURNED, run.person, "no command any more");
        run.person = "";
      }
    }
    return takeover || run.request.teleop();
  }

  private void teleopStep(EpisodeRun run, Sensed sensed, Optional<TeleopCommand> command) {
    if (command.isEmpty()) {
      waiting = sensed;
      return;
    }
    String person = command.get().source();
    if (!person.equals(run.person)) {
      run.person = person;
      String reason = run.request.teleop() ? "a demonstration" : "takes over from the policy";
      safety(run, sensed.stampNanos(), SafetyEvent.TAKEOVER, person, reason);
    }
    Optional<HoldReason> fault = command.get().fault();
    if (fault.isPresent()) {
      refuse(run, sensed.joints(), person, fault.get());
      return;
    }
    if (arm == null) {
      hold(run, sensed.joints(), armFault);
      return;
    }
    double[] measured = sensed.joints().positions();
    float[] action = arm.actions().action(measured, command.get().positions());
    Chunk chunk = new Chunk(run.chunks++, Command.TELEOP, run.tick, action, 1);
    outputs.teleopChunk(run, chunk, sensed, command.get());
    send(run, sensed.joints(), new Action(chunk, 0), command.get().positions(), List.of());
  }

  private void play(EpisodeRun run, JointSample joints, Action action) {
    if (arm != null) {
      var target = arm.actions().target(joints.positions(), action.chunk().actions(), action.k());
      send(run, joints, action, target.positions(), target.limits());
    }
  }

  private void send(
      EpisodeRun run, JointSample joints, Action action, double[] target, List<Limit> limits) {
    if (arm == null) {
      return;
    }
    double age = check.ageS(joints.stampNanos());
    switch (arm.gate().check(joints.positions(), age, target)) {
      case Verdict.Stale() ->
          refuse(run, joints, asker(run, action), check.stale("joint state", age));
      case Verdict.NotFinite(String joint, double measured, double wanted) ->
          refuse(
              run,
              joints,
              asker(run, action),
              HoldReason.about(
                  Kind.BAD_TARGET,
                  joint,
                  "joint '%s': measured %s, target %s rad; both must be finite numbers",
                  joint,
                  measured,
                  wanted));
      case Verdict.Allowed(double[] positions, List<Limit> changed) -> {
        List<Limit> all = new ArrayList<>(limits);
        all.addAll(changed);
        if (!all.isEmpty() && run.open) {
          outputs.clamped(run, joints.stampNanos(), asker(run, action), all);
        }
        Chunk chunk = action.chunk();
        outputs.command(run, joints, chunk.source(), chunk.index(), action.k(), positions, all);
        commanded = positions;
        run.aliveNanos = System.nanoTime();
        run.heldFor = Optional.empty();
        holding.over();
        answered(run, joints);
      }
    }
  }

  /** Who wants an action done. */
  private static String asker(EpisodeRun run, Action action) {
    return run.person.isEmpty() ? action.chunk().source() : run.person;
  }

  private void safety(EpisodeRun run, long stampNanos, byte kind, String source, String reason) {
    if (run.open) {
      outputs.safety(run, stampNanos, kind, source, reason);
    }
  }

  private long newestStampNanos() {
    return newest == null ? 0 : newest.stampNanos();
  }

  /** What was asked for is not done. */
  private void refuse(EpisodeRun run, JointSample joints, String source, HoldReason reason) {
    if (run.open) {
      outputs.unmoved(run, joints.stampNanos(), SafetyEvent.REFUSED, source, reason);
    }
    stay(run, joints, reason);
  }

  /** There is nothing to do. */
  private void hold(EpisodeRun run, JointSample joints, HoldReason reason) {
    held(run, joints.stampNanos(), reason);
    stay(run, joints, reason);
  }

  private void held(EpisodeRun run, long stampNanos, HoldReason reason) {
    boolean news = run.heldFor.filter(reason::sameAs).isEmpty();
    run.heldFor = Optional.of(reason);
    if (news && run.open) {
      outputs.unmoved(run, stampNanos, SafetyEvent.HELD, "robot", reason);
    }
  }

  /** Answers an observation by staying at the last command. */
  private void stay(EpisodeRun run, JointSample joints, HoldReason reason) {
    queue.clear();
    holding.because(reason);
    double[] positions = commanded == null ? joints.positions() : commanded;
    for (double position : positions) {
      if (!Double.isFinite(position)) {
        return; // nothing is known: no command at all
      }
    }
    outputs.command(run, joints, Command.HOLD, 0, 0, positions, List.of());
    answered(run, joints);
  }

  private void answered(EpisodeRun run, JointSample joints) {
    answeredStampNanos = joints.stampNanos();
    run.tick++;
    run.commands++;
    schedule.ticked(System.nanoTime(), joints.arrivalNanos());
    supervisor.commanded(run, joints.stampNanos());
  }

  /** A tick that cannot wait any longer for its observation, its inference or the person. */
  private void overdue(EpisodeRun run) {
    long now = System.nanoTime();
    if (waiting != null) {
      Sensed sensed = waiting;
      waiting = null;
      Optional<TeleopCommand> held = teleop.latest(now);
      if (personActs(run) && held.isPresent()) {
        teleopStep(run, sensed, held);
      } else if (personActs(run)) {
        hold(
            run,
            sensed.joints(),
            HoldReason.of(
                Kind.NO_TELEOP, "nobody commands on 'teleop'; move the arm, or cancel the goal"));
      } else {
        ranEmpty++;
        hold(
            run,
            sensed.joints(),
            HoldReason.of(Kind.POLICY_LATE, "the policy has not given the next chunk in time"));
      }
      return;
    }
    Optional<JointSample> joints =
        sync.newestJoints()
            .filter(
                j -> j.stampNanos() > answeredStampNanos && check.usable(j) && !personActs(run));
    Optional<Action> action = joints.isPresent() ? queue.next(run.tick) : Optional.empty();
    if (joints.isPresent() && action.isPresent()) {
      play(run, joints.get(), action.get());
    } else {
      blind(run, now);
    }
  }

  /**
   * Without an observation there is nothing to answer: the arm stays where its last command led.
   */
  private void blind(EpisodeRun run, long now) {
    Optional<HoldReason> fault = newest == null ? Optional.empty() : check.fault(newest);
    queue.clear();
    HoldReason reason = fault.orElseGet(sync::missing);
    held(run, newestStampNanos(), reason);
    holding.because(reason);
    run.tick++;
    schedule.passed(now);
  }
}
