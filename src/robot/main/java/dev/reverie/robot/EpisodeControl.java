package dev.reverie.robot;

import dev.reverie.arm.ArmModel;
import dev.reverie.arm.Limit;
import dev.reverie.arm.Verdict;
import dev.reverie.robot.ActionQueue.Action;
import dev.reverie.robot.ChunkSource.Arrival;
import dev.reverie.robot.HoldReason.Kind;
import java.util.ArrayList;
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
  private final EpisodeRun run;
  private final ArmModel arm;
  private final ObservationCheck check;
  private final ChunkSource chunks;
  private final Takeover takeover;
  private final Consumer<Arrival> arrived;
  private final ActionQueue queue = new ActionQueue();
  private @Nullable SensorSnapshot waiting; // its tick waits for an inference or for a person
  private double @Nullable [] commanded; // rad; what the arm was last told
  private long period; // the control period that runs, from 0
  private int commands;

  /**
   * Creates the control of one episode.
   *
   * @param arm stays the same to the end of the episode
   * @param arrived takes the chunks that were asked for
   */
  EpisodeControl(
      EpisodeRun run,
      ArmModel arm,
      ObservationCheck check,
      ChunkSource chunks,
      Takeover takeover,
      Consumer<Arrival> arrived) {
    this.run = run;
    this.arm = arm;
    this.check = check;
    this.chunks = chunks;
    this.takeover = takeover;
    this.arrived = arrived;
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
    return queue.remaining(period);
  }

  /** Decides on the tick of an observation that may be acted on. */
  Tick tick(SensorSnapshot sensed) {
    long now = System.nanoTime();
    return takeover.personActs(now)
        ? followPerson(sensed, takeover.answering(sensed.stampNanos(), now))
        : followPolicy(sensed);
  }

  /** Decides on the tick of an observation that may not be acted on. */
  Tick hold(JointSample measured, HoldReason reason) {
    double[] positions = stay(measured);
    return isKnown(positions)
        ? answered(new Tick.Held(commands, measured, positions, reason))
        : new Tick.Blind(reason);
  }

  /** Takes what a request for a chunk led to; decides on the tick that waited for it. */
  Optional<Tick> arrived(Arrival arrival) {
    if (arrival instanceof Arrival.Given(Chunk chunk)) {
      queue.add(chunk);
    }
    if (waiting == null) {
      return Optional.empty();
    }
    return switch (arrival) {
      case Arrival.Given _ -> Optional.of(followPolicy(waited(waiting)));
      case Arrival.Failed(HoldReason reason) -> Optional.of(hold(waited(waiting).joints(), reason));
      case Arrival.Outdated _ -> {
        if (!takeover.personActs(System.nanoTime())) {
          chunks.request(waiting, period, arrived);
        }
        yield Optional.empty();
      }
    };
  }

  /** Takes notice that a person commanded; decides on the tick that waited for it. */
  Optional<Tick> commanded() {
    if (takeover.takes()) {
      queue.clear();
      chunks.forget();
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
   * @param newer joint state than the one that was answered last, which may be acted on
   * @param missing why there is no observation
   */
  Tick overdue(Optional<JointSample> newer, Supplier<HoldReason> missing) {
    long now = System.nanoTime();
    boolean personActs = takeover.personActs(now);
    if (waiting != null) {
      SensorSnapshot sensed = waited(waiting);
      if (!personActs) {
        return hold(
            sensed.joints(),
            HoldReason.of(Kind.POLICY_LATE, "the policy has not given the next chunk in time"));
      }
      Optional<TeleopCommand> held = takeover.latest(now);
      return held.isPresent()
          ? followPerson(sensed, held)
          : hold(
              sensed.joints(),
              HoldReason.of(
                  Kind.NO_TELEOP, "nobody commands on 'teleop'; move the arm, or cancel the goal"));
    }
    Optional<Action> action =
        newer.isPresent() && !personActs ? queue.next(period) : Optional.empty();
    if (newer.isPresent() && action.isPresent()) {
      return play(newer.get(), action.get());
    }
    queue.clear();
    period++;
    return new Tick.Blind(missing.get());
  }

  private SensorSnapshot waited(SensorSnapshot sensed) {
    waiting = null;
    return sensed;
  }

  private Tick followPolicy(SensorSnapshot sensed) {
    Optional<Action> action = queue.next(period);
    if (action.isEmpty()) {
      waiting = sensed;
      chunks.request(sensed, period, arrived);
      return new Tick.Waiting();
    }
    Tick tick = play(sensed.joints(), action.get());
    if (chunks.lead() > 0 && queue.remaining(period) <= chunks.lead()) {
      chunks.request(sensed, period - 1, arrived);
    }
    return tick;
  }

  private Tick play(JointSample measured, Action action) {
    var target = arm.actions().target(measured.positions(), action.chunk().actions(), action.k());
    return send(measured, action, Optional.empty(), target.positions(), target.limits());
  }

  private Tick followPerson(SensorSnapshot sensed, Optional<TeleopCommand> command) {
    if (command.isEmpty()) {
      waiting = sensed;
      return new Tick.Waiting();
    }
    TeleopCommand wanted = command.get();
    Optional<String> person = Optional.of(wanted.source());
    if (wanted.fault().isPresent()) {
      return refuse(sensed.joints(), person, wanted.fault().get());
    }
    double[] measured = sensed.joints().positions();
    float[] action = arm.actions().action(measured, wanted.positions());
    Chunk chunk = chunks.ofPerson(sensed, period, action, wanted);
    return send(sensed.joints(), new Action(chunk, 0), person, wanted.positions(), List.of());
  }

  private Tick send(
      JointSample measured,
      Action action,
      Optional<String> person,
      double[] target,
      List<Limit> limits) {
    double ageS = check.ageS(measured.stampNanos());
    return switch (arm.gate().check(measured.positions(), ageS, target)) {
      case Verdict.Allowed(double[] positions, List<Limit> more) -> {
        List<Limit> all = new ArrayList<>(limits);
        all.addAll(more);
        commanded = positions;
        yield answered(new Tick.Sent(commands, measured, positions, action, person, all));
      }
      case Verdict.Stale() -> refuse(measured, person, check.stale("joint state", ageS));
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

  private Tick refuse(JointSample measured, Optional<String> person, HoldReason reason) {
    double[] positions = stay(measured);
    return isKnown(positions)
        ? answered(new Tick.Refused(commands, measured, positions, person, reason))
        : new Tick.Blind(reason);
  }

  /** Position at which the arm stays: its last command. */
  private double[] stay(JointSample measured) {
    queue.clear();
    return commanded == null ? measured.positions() : commanded;
  }

  private static boolean isKnown(double[] positions) {
    for (double position : positions) {
      if (!Double.isFinite(position)) {
        return false;
      }
    }
    return true;
  }

  private Tick answered(Tick.Answer answer) {
    period++;
    commands++;
    return answer;
  }
}
