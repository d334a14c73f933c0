package dev.reverie.robot.sense;

import dev.reverie.robot.sense.HoldReason.Kind;
import dev.reverie.rollout.MergedJoints;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds that the clock of arm and node was set anew: a bag that loops, a simulator that was reset.
 * Joint states that are fresh by the node's own clock count alone; where only the stamps of a
 * driver leap, they are stale or in the future instead. Not thread-safe.
 */
public final class ClockJumps {
  /** Stamps that go on this much further than the time that passed have leapt. */
  private static final long LEAP_NANOS = 1_000_000_000L;

  /** Factor by which time may pass faster in a simulation. */
  private static final double LEAP_RATE = 3;

  private final boolean lockStep;
  private @Nullable JointSample last;

  /**
   * Begins without any.
   *
   * @param lockStep whether the time between two joint states says nothing
   */
  public ClockJumps(boolean lockStep) {
    this.lockStep = lockStep;
  }

  /** Looks at the next fresh joint state; returns how the clock jumped, empty where it did not. */
  public Optional<HoldReason> look(JointSample next) {
    JointSample before = last;
    last = next;
    if (before == null) {
      return Optional.empty();
    }
    long stamps = next.stampNanos() - before.stampNanos();
    long arrivals = next.arrivalNanos() - before.arrivalNanos();
    boolean leapt = !lockStep && stamps - arrivals > LEAP_NANOS && stamps > LEAP_RATE * arrivals;
    return stamps < -MergedJoints.JUMP_NANOS || leapt
        ? Optional.of(jump(stamps))
        : Optional.empty();
  }

  private static HoldReason jump(long nanos) {
    return HoldReason.of(
        Kind.CLOCK_JUMPED,
        "the stamps of the joint states %s by %.3f s: a bag that loops, a simulator that was reset or a clock that was set; begin a new episode"
            .formatted(nanos < 0 ? "fell back" : "leapt ahead", Math.abs(nanos) / 1e9));
  }
}
