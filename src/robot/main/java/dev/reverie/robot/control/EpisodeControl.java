package dev.reverie.robot.control;

import dev.reverie.arm.ArmFile.From;
import dev.reverie.arm.ArmModel;
import dev.reverie.arm.Limit;
import dev.reverie.arm.Reference;
import dev.reverie.arm.Verdict;
import dev.reverie.robot.control.ActionQueue.Action;
import dev.reverie.robot.control.ChunkSource.Arrival;
import dev.reverie.robot.motion.Ramp;
import dev.reverie.robot.sense.HoldReason;
import dev.reverie.robot.sense.HoldReason.Kind;
import dev.reverie.robot.sense.JointSample;
import dev.reverie.robot.sense.SensorSnapshot;
import dev.reverie.robot.setup.RobotParameters;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides what each control tick of an episode does: one command for each observation, from a chunk
 * of the policy or from a person, through the safety gate; else the arm holds still. A chunk starts
 * at the observation that it saw; if inference takes long, the next one is asked for ahead. For the
 * control thread.
 */
final class EpisodeControl {
  /** The first chunk of an episode may take so long: the arm stands still anyway. */
  private static final long FIRST_CHUNK_NANOS = 2_000_000_000L;

  /** Pause after which what a chunk says is no longer worth anything. */
  private static final long PAUSE_NANOS = 500_000_000L;

  static final HoldReason NO_PERSON =
      HoldReason.of(
          Kind.NO_TELEOP, "nobody commands on 'teleop'; move the arm, or cancel the goal");

  private final EpisodeRun run;
  private final ArmModel arm;
  private final Optional<Reference> reference; // empty in lock-step
  private final RobotParameters parameters;
  private final Senses senses;
  private final ChunkSource chunks;
  private final Takeover takeover;
  private final Consumer<Arrival> arrived;
  private final Runnable settle;
  private final ActionQueue queue;
  private final Ahead ahead;
  private final Ramp ramp = new Ramp();
  private @Nullable SensorSnapshot waiting; // its tick waits for an inference or for a person
  private double @Nullable [] commanded; // rad; what the arm was last told
  private long executed; // actions of the policy and of people
  private int commands;
  private Optional<HoldReason> failed = Optional.empty(); // why there is no newer chunk
  private long heardNanos; // when what the tick answers came
  private long pausedNanos; // when the arm was held; 0 where it moves
  private long lastNanos; // of the last tick
  private final long beganNanos = System.nanoTime();

  /**
   * Creates the control of one episode.
   *
   * @param arm stays the same to the end of the episode
   * @param reference of the arm; empty in lock-step, where each target is a command of its own
   * @param arrived takes the chunks that were asked for
   * @param settle brings the reference to where the arm was braked beside this process, if it was
   */
  EpisodeControl(
      EpisodeRun run,
      ArmModel arm,
      Optional<Reference> reference,
      RobotParameters parameters,
      Senses senses,
      ChunkSource chunks,
      Takeover takeover,
      Consumer<Arrival> arrived,
      Runnable settle) {
    this.run = run;
    this.arm = arm;
    this.reference = reference;
    this.parameters = parameters;
    this.senses = senses;
    this.chunks = chunks;
    this.takeover = takeover;
    this.arrived = arrived;
    this.settle = settle;
    queue = new ActionQueue(chunks.seam(), arm.actions()::turn);
    ahead = new Ahead(arm, parameters.periodS());
  }

  EpisodeRun run() {
    return run;
  }

  /** Returns whether the tick of an observation waits. */
  boolean isWaiting() {
    return waiting != null;
  }

  /** Counts the actions that are left for the ticks to come. */
  int queued() {
    return queue.remaining(executed);
  }

  /** Decides on the tick of an observation that may be acted on. */
  Tick tick(SensorSnapshot sensed) {
    heardNanos = sensed.arrivalNanos();
    chunks.saw(sensed);
    long now = System.nanoTime();
    goesOn(now);
    return takeover.personActs(now)
        ? followPerson(sensed, takeover.answering(sensed.stampNanos(), now))
        : followPolicy(sensed);
  }

  /** Decides on the tick of an observation that may not be acted on. */
  Tick hold(JointSample measured, HoldReason reason) {
    pause();
    double[] positions = stay(measured);
    return isKnown(positions)
        ? answered(new Tick.Held(commands, measured, positions, reason))
        : new Tick.Blind(reason);
  }

  /** Takes what a request for a chunk led to; decides on the tick that waited for it. */
  Optional<Tick> arrived(Arrival arrival) {
    if (arrival instanceof Arrival.Given(Chunk chunk)) {
      queue.add(chunk, executed);
      failed = Optional.empty();
    } else if (arrival instanceof Arrival.Failed(HoldReason reason)) {
      failed = Optional.of(reason);
    }
    if (waiting == null) {
      return Optional.empty();
    }
    return switch (arrival) {
      case Arrival.Given _ -> Optional.of(followPolicy(fresh(waited(waiting))));
      case Arrival.Failed(HoldReason reason) -> Optional.of(hold(waited(waiting).joints(), reason));
      case Arrival.Outdated _ -> {
        if (!takeover.personActs(System.nanoTime())) {
          chunks.request(waiting, executed, queue.ahead(executed), arrived);
        }
        yield Optional.empty();
      }
    };
  }

  /** Takes notice that a person commanded; decides on the tick that waited for it. */
  Optional<Tick> commanded() {
    if (takeover.takes()) {
      dropChunk();
    }
    long now = System.nanoTime();
    if (waiting == null || !takeover.personActs(now)) {
      return Optional.empty();
    }
    SensorSnapshot sensed = waited(waiting);
    return Optional.of(followPerson(sensed, takeover.answering(sensed.stampNanos(), now)));
  }

  /**
   * Decides on a tick that cannot wait any longer.
   *
   * @param newer joint state than what was answered last, which may be acted on
   * @param missing why there is no observation
   */
  Tick overdue(Optional<JointSample> newer, Supplier<HoldReason> missing) {
    long now = System.nanoTime();
    goesOn(now);
    boolean personActs = takeover.personActs(now);
    if (waiting != null) {
      if (!personActs && executed == 0 && now - beganNanos < FIRST_CHUNK_NANOS) {
        return new Tick.Waiting();
      }
      SensorSnapshot sensed = waited(waiting);
      if (!personActs) {
        return late(sensed);
      }
      Optional<TeleopCommand> held = takeover.latest(now);
      return held.isPresent() ? followPerson(sensed, held) : hold(sensed.joints(), NO_PERSON);
    }
    Optional<Action> action =
        newer.isPresent() && !personActs ? queue.at(executed) : Optional.empty();
    if (newer.isPresent() && action.isPresent()) {
      heardNanos = now;
      return play(newer.get(), action.get());
    }
    pause();
    return new Tick.Blind(missing.get());
  }

  /** Goes on with what the chunk before still has, if anything, where the next one is late. */
  private Tick late(SensorSnapshot sensed) {
    Optional<Action> beyond = reference.isPresent() ? queue.beyond(executed) : Optional.empty();
    return beyond.isPresent()
        ? play(sensed.joints(), beyond.get())
        : hold(
            sensed.joints(),
            failed.orElse(
                HoldReason.of(
                    Kind.POLICY_LATE, "the policy has not given the next chunk in time")));
  }

  /**
   * Takes notice of a tick; after a long pause, such as of the process, what was planned is old.
   */
  private void goesOn(long nowNanos) {
    settle.run();
    if (reference.isPresent() && nowNanos - lastNanos > PAUSE_NANOS + parameters.periodNanos()) {
      queue.clear();
    }
    lastNanos = nowNanos;
  }

  /** Forgoes the tick that waits, if one does; an inference for it comes to nothing. */
  void forgo() {
    if (waiting != null) {
      waiting = null;
      chunks.forget();
    }
  }

  /** Drops what is left of the chunk that plays, and the one that is being made. */
  void dropChunk() {
    queue.clear();
    chunks.forget();
  }

  private SensorSnapshot waited(SensorSnapshot sensed) {
    heardNanos = sensed.arrivalNanos();
    waiting = null;
    return sensed;
  }

  /** Returns the newest observation, where the inference took so long that one is too old now. */
  private SensorSnapshot fresh(SensorSnapshot sensed) {
    boolean old = reference.isPresent() && senses.fault(sensed).isPresent();
    Optional<SensorSnapshot> newest = old ? senses.sync().newest() : Optional.empty();
    SensorSnapshot taken = newest.filter(n -> senses.fault(n).isEmpty()).orElse(sensed);
    heardNanos = taken.arrivalNanos();
    return taken;
  }

  private Tick followPolicy(SensorSnapshot sensed) {
    Optional<Action> action = queue.at(executed);
    if (action.isEmpty()) {
      waiting = sensed;
      chunks.request(sensed, executed, queue.ahead(executed), arrived);
      return new Tick.Waiting();
    }
    long before = executed;
    Tick tick = play(sensed.joints(), action.get());
    int lead = chunks.lead(action.get().chunk().horizon());
    if (lead > 0 && queue.remaining(executed) <= lead) {
      chunks.request(sensed, before, queue.ahead(before), arrived);
    }
    return tick;
  }

  private Tick play(JointSample measured, Action action) {
    double[] base = base(measured);
    var target = arm.actions().target(base, action.values(), 0);
    return send(measured, action, Optional.empty(), target.positions(), target.limits());
  }

  /** Positions that deltas add to. */
  private double[] base(JointSample measured) {
    if (parameters.motion().deltasFrom() == From.MEASURED) {
      return current(measured).positions();
    }
    return reference
        .map(Reference::target)
        .or(() -> Optional.ofNullable(commanded))
        .orElse(measured.positions());
  }

  /** The newest joint state: pictures, and the joint state that belongs to them, may be older. */
  private JointSample current(JointSample measured) {
    return reference.isEmpty()
        ? measured
        : senses
            .sync()
            .newestJoints()
            .filter(senses::usable)
            .filter(newest -> newest.arrivalNanos() - measured.arrivalNanos() > 0)
            .orElse(measured);
  }

  private Tick followPerson(SensorSnapshot sensed, Optional<TeleopCommand> command) {
    if (command.isEmpty()) {
      waiting = sensed;
      return new Tick.Waiting();
    }
    TeleopCommand wanted = even(command.get());
    Optional<String> person = Optional.of(wanted.source());
    Optional<HoldReason> fault = wanted.fault().or(() -> far(sensed.joints(), wanted));
    if (fault.isPresent()) {
      return refuse(sensed.joints(), person, fault.get());
    }
    float[] action = arm.actions().action(base(sensed.joints()), wanted.positions());
    Chunk chunk = chunks.ofPerson(sensed, executed, action, wanted);
    return send(
        sensed.joints(), new Action(chunk, 0, action), person, wanted.positions(), List.of());
  }

  private TeleopCommand even(TeleopCommand newest) {
    return reference
        .map(r -> takeover.even(newest, r.tickNanos(System.nanoTime(), heardNanos), arm.joints()))
        .orElse(newest);
  }

  /** Returns why a person whose pose is far from the arm's does not take over. */
  private Optional<HoldReason> far(JointSample measured, TeleopCommand wanted) {
    double most = parameters.motion().teleopMaxJumpRad();
    if (reference.isEmpty() || most == 0 || ramp.isMovedBy(wanted.source())) {
      return Optional.empty();
    }
    return wanted.farFrom(arm.joints(), current(measured).positions(), most);
  }

  private Tick send(
      JointSample measured,
      Action action,
      Optional<String> person,
      double[] target,
      List<Limit> limits) {
    settle.run();
    double ageS = senses.check().ageS(measured.stampNanos());
    long now = System.nanoTime();
    ramp.movedBy(person.orElse(""), now);
    return switch (verdict(measured, ageS, target, now)) {
      case Verdict.Allowed(double[] positions, List<Limit> more) -> {
        List<Limit> all = new ArrayList<>(limits);
        all.addAll(more);
        commanded = positions;
        executed++;
        pausedNanos = 0;
        reference.ifPresent(
            r ->
                follow(r, positions, action.chunk().horizon() > 1, person, now)
                    .ifPresent(all::add));
        Action told = chunks.carriedOut(action, measured, executed - 1);
        yield answered(new Tick.Sent(commands, measured, positions, told, person, all));
      }
      case Verdict.Stale() -> refuse(measured, person, senses.check().stale("joint state", ageS));
      case Verdict.NotFinite(String joint, double is, double wanted) ->
          refuse(
              measured,
              person,
              HoldReason.about(
                  Kind.BAD_TARGET,
                  joint,
                  "joint '%s': measured %s, target %s rad; both must be finite numbers",
                  joint,
                  is,
                  wanted));
    };
  }

  private Verdict verdict(JointSample measured, double ageS, double[] target, long now) {
    return reference.isEmpty()
        ? arm.gate().check(measured.positions(), ageS, target)
        : arm.gate()
            .check(
                current(measured).positions(),
                ageS,
                reference.get().target(),
                ramp.share(now, 0),
                target);
  }

  private Optional<Limit> follow(
      Reference followed, double[] target, boolean foreseen, Optional<String> person, long now) {
    List<double[]> targets =
        person.isPresent()
            ? List.of(target)
            : ahead.targets(target, queue, executed, s -> ramp.share(now, s));
    double[] before = targets.size() > 1 ? targets.get(targets.size() - 2) : followed.target();
    double freeS = ahead.freeS(before, targets.getLast(), followed.goesOnS(foreseen));
    return followed.follow(now, heardNanos, targets, foreseen, freeS);
  }

  private Tick refuse(JointSample measured, Optional<String> person, HoldReason reason) {
    queue.clear();
    rest();
    double[] positions = stay(measured);
    return isKnown(positions)
        ? answered(new Tick.Refused(commands, measured, positions, person, reason))
        : new Tick.Blind(reason);
  }

  /** Position at which the arm stays: where it comes to rest, or its last command. */
  private double[] stay(JointSample measured) {
    return commanded == null ? measured.positions() : commanded;
  }

  /**
   * Brings the arm to rest for want of something. In real time what is left of the chunk goes on
   * after a short pause: none of its actions was passed over.
   */
  private void pause() {
    long now = System.nanoTime();
    if (reference.isEmpty() || (pausedNanos != 0 && now - pausedNanos > PAUSE_NANOS)) {
      queue.clear();
    }
    pausedNanos = pausedNanos == 0 ? now : pausedNanos;
    rest();
  }

  /** Brings the arm to rest. */
  private void rest() {
    long now = System.nanoTime();
    reference.ifPresent(
        r -> {
          r.rest(now);
          commanded = r.target();
        });
  }

  private static boolean isKnown(double[] positions) {
    return Arrays.stream(positions).allMatch(Double::isFinite);
  }

  private Tick answered(Tick.Answer answer) {
    commands++;
    return answer;
  }
}
