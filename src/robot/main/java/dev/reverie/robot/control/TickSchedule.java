package dev.reverie.robot.control;

/**
 * Says when control ticks are due in real time. The ticks keep the control rate and fall into step
 * with the observations, so that a command goes out as soon as what it answers is there. Not
 * thread-safe.
 */
public final class TickSchedule {
  /** A tick that comes later than this part of the period is late. */
  private static final double LATE = 0.2;

  /** A tick is made by an observation that comes so early, in periods; else it waits. */
  private static final double EARLY = 0.15;

  /** Share of the distance to the observations that one tick makes up for. */
  private static final double PULL = 0.1;

  /** Part of the period, at most, that one tick makes up for: the rate stays. */
  private static final double MAX_PULL = 0.02;

  /** After this part of their spacing the next observation comes soon. */
  private static final double SOON = 0.75;

  /** A tick waits for its observation for half a period, but no longer than this. */
  private static final long WAIT_NANOS = 80_000_000L;

  /** Observations over which their spacing is averaged. */
  private static final int SPACINGS = 8;

  private final long periodNanos;
  private long dueNanos;
  private long tickedNanos;
  private long observedNanos;
  private long spacingNanos; // of the observations, at most the period
  private long ticks;
  private long lateTicks;

  TickSchedule(long periodNanos) {
    this.periodNanos = periodNanos;
    spacingNanos = periodNanos;
  }

  /** Makes the next tick due now. */
  void begin(long nowNanos) {
    dueNanos = nowNanos;
    tickedNanos = nowNanos - periodNanos;
  }

  /** Takes notice of an observation; returns whether it makes the next tick. */
  boolean takes(long nowNanos) {
    if (observedNanos != 0) {
      long spacing = Math.min(nowNanos - observedNanos, periodNanos);
      spacingNanos += (spacing - spacingNanos) / SPACINGS;
    }
    observedNanos = nowNanos;
    double early = Math.min(spacingNanos / 2.0, EARLY * periodNanos);
    return nowNanos - dueNanos >= -early && apart(nowNanos);
  }

  /** Returns whether a tick is due, and no nearer observation is about to come. */
  boolean due(long nowNanos) {
    long late = nowNanos - dueNanos;
    boolean coming = observedNanos != 0 && dueNanos - observedNanos > SOON * spacingNanos;
    return late >= 0 && apart(nowNanos) && !(coming && late < (1 - SOON) * spacingNanos);
  }

  /** Returns whether the last tick is long enough ago: observations that piled up make one tick. */
  private boolean apart(long nowNanos) {
    return nowNanos - tickedNanos >= periodNanos / 2;
  }

  /** Returns whether the next tick must go without an observation. */
  boolean overdue(long nowNanos) {
    return nowNanos - dueNanos >= Math.min(periodNanos / 2, WAIT_NANOS);
  }

  /** Counts a tick that answers an observation. */
  void ticked(long nowNanos, long arrivalNanos) {
    count(nowNanos);
    long behind = arrivalNanos - dueNanos;
    if (Math.abs(behind) > periodNanos || nowNanos - dueNanos > periodNanos) {
      dueNanos =
          Math.max(arrivalNanos, nowNanos - periodNanos / 2)
              + periodNanos; // the arm paused: no ticks to make up for
    } else {
      dueNanos += periodNanos + pull(behind);
    }
  }

  /**
   * Returns what the next tick makes up for. It does not matter which of the observations was
   * answered: where the period is no multiple of their spacing, what they pull cancels out.
   */
  private long pull(long behind) {
    double turn = 2 * Math.PI / spacingNanos;
    double limit = MAX_PULL * periodNanos;
    return (long) Math.clamp(PULL * Math.sin(turn * behind) / turn, -limit, limit);
  }

  /** Counts a tick without an observation. */
  void passed(long nowNanos) {
    count(nowNanos);
    dueNanos = nowNanos - dueNanos > periodNanos ? nowNanos : dueNanos + periodNanos;
  }

  private void count(long nowNanos) {
    ticks++;
    tickedNanos = nowNanos;
    if (nowNanos - dueNanos > LATE * periodNanos) {
      lateTicks++;
    }
  }

  /** Number of ticks since the start of the node. */
  public long ticks() {
    return ticks;
  }

  /** Number of ticks that were late. */
  public long lateTicks() {
    return lateTicks;
  }
}
