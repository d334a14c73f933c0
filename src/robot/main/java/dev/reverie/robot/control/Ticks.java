package dev.reverie.robot.control;

import dev.reverie.robot.sense.JointSample;
import dev.reverie.robot.sense.SensorSnapshot;
import dev.reverie.robot.setup.RobotParameters;

/**
 * Decides when control ticks happen. In lock-step every observation is answered. In real time the
 * ticks follow the observations at the control rate; where one stays out, the tick goes without it,
 * half a period later. Not thread-safe.
 */
public final class Ticks {
  /** Time after which a first observation is missing. */
  private static final long FIRST_OBSERVATION_NANOS = 500_000_000L;

  /** Work that is due. */
  enum Due {
    NOTHING,
    /** The tick of the newest observation. */
    TICK,
    /** A tick that cannot wait any longer for its observation, its inference or the person. */
    OVERDUE,
    /** The first observation has not come. */
    FIRST_OBSERVATION,
    /** Nothing could move the arm for too long: the end of the episode. */
    END
  }

  private final boolean lockStep;
  private final long timeoutNanos;
  private final TickSchedule schedule;
  private boolean open;
  private long answeredStampNanos = Long.MIN_VALUE;
  private long answeredArrivalNanos;
  private long aliveNanos; // when the policy or a person last moved the arm, or the episode began

  Ticks(RobotParameters parameters) {
    lockStep = parameters.lockStep();
    timeoutNanos = (long) (parameters.observationTimeoutS() * 1e9);
    schedule = new TickSchedule(parameters.periodNanos());
  }

  TickSchedule schedule() {
    return schedule;
  }

  /** Begins with an episode, whose first tick is the next one. */
  void begin(long nowNanos) {
    open = false;
    answeredStampNanos = Long.MIN_VALUE;
    answeredArrivalNanos = nowNanos - timeoutNanos;
    aliveNanos = nowNanos;
    schedule.begin(nowNanos);
  }

  /** Opens the episode at its first usable observation. */
  void open(SensorSnapshot first, long nowNanos) {
    open = true;
    aliveNanos = nowNanos;
    schedule.begin(first.arrivalNanos());
  }

  /** Takes notice of an observation; returns whether it is the one for the next tick. */
  boolean takes(long nowNanos) {
    return lockStep || schedule.takes(nowNanos);
  }

  /** Returns whether this is the observation that was answered last. */
  boolean answeredLast(long stampNanos) {
    return stampNanos == answeredStampNanos;
  }

  /**
   * Returns whether an observation was not answered yet. In real time the newest to come counts: a
   * picture that is long under way belongs to an older stamp than a joint state that was answered
   * in its place.
   */
  boolean unanswered(SensorSnapshot sensed) {
    return lockStep
        ? sensed.stampNanos() > answeredStampNanos
        : sensed.arrivalNanos() - answeredArrivalNanos > 0;
  }

  /** Returns whether a joint state came after what was answered last. */
  boolean unanswered(JointSample joints) {
    return lockStep
        ? joints.stampNanos() > answeredStampNanos
        : joints.arrivalNanos() - answeredArrivalNanos > 0;
  }

  /**
   * Returns what is due now; to be asked some times a period.
   *
   * @param observed whether an observation is there that was not answered yet
   */
  Due due(boolean observed, long nowNanos) {
    if (nowNanos - aliveNanos > timeoutNanos) {
      return Due.END;
    }
    if (!open) {
      boolean missing = nowNanos - aliveNanos > FIRST_OBSERVATION_NANOS;
      return observed ? Due.TICK : missing ? Due.FIRST_OBSERVATION : Due.NOTHING;
    }
    if (lockStep || !schedule.due(nowNanos)) {
      return Due.NOTHING;
    }
    return observed ? Due.TICK : schedule.overdue(nowNanos) ? Due.OVERDUE : Due.NOTHING;
  }

  /**
   * Takes notice of what was decided.
   *
   * @param arrivalNanos when what was answered came
   */
  void after(Tick tick, long nowNanos, long arrivalNanos) {
    switch (tick) {
      case Tick.Answer answer -> {
        answeredStampNanos = answer.measured().stampNanos();
        answeredArrivalNanos = arrivalNanos;
        schedule.ticked(nowNanos, arrivalNanos);
      }
      case Tick.Blind _ -> schedule.passed(nowNanos);
      case Tick.Waiting _ -> {}
    }
    if (tick instanceof Tick.Sent) {
      aliveNanos = nowNanos;
    }
  }
}
