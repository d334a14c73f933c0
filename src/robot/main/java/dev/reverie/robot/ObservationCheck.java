package dev.reverie.robot;

import dev.reverie.robot.HoldReason.Kind;
import java.util.Optional;
import java.util.function.LongSupplier;

/** Decides whether a snapshot of the sensors is whole and fresh enough to act on. */
final class ObservationCheck {
  private final boolean lockStep;
  private final double maxAgeS;
  private final LongSupplier rosClock;

  /**
   * Creates a check that allows the age which the parameters allow.
   *
   * @param rosClock nanoseconds, in the clock of the stamps
   */
  ObservationCheck(RobotParameters parameters, LongSupplier rosClock) {
    lockStep = parameters.lockStep();
    maxAgeS = parameters.maxObservationAgeS();
    this.rosClock = rosClock;
  }

  /** Returns why a snapshot may not be acted on; empty where it may. */
  Optional<HoldReason> fault(SensorSnapshot sensed) {
    return sensed.fault().or(() -> staleness("observation", sensed.stampNanos()));
  }

  /** Returns whether a tick may go on from a joint state alone. */
  boolean usable(JointSample joints) {
    return joints.fault().isEmpty() && staleness("joint state", joints.stampNanos()).isEmpty();
  }

  private Optional<HoldReason> staleness(String what, long stampNanos) {
    double ageS = ageS(stampNanos);
    return Math.abs(ageS) > maxAgeS ? Optional.of(stale(what, ageS)) : Optional.empty();
  }

  /**
   * Returns the reason not to act on an input of this age.
   *
   * @param what is too old, or stamped in the future
   */
  HoldReason stale(String what, double ageS) {
    return ageS > 0
        ? HoldReason.about(
            Kind.STALE,
            what,
            "%s is %.3f s old, at most %.3f s is allowed; check its publisher, or set max_observation_age_s",
            what,
            ageS,
            maxAgeS)
        : HoldReason.about(
            Kind.IN_FUTURE,
            what,
            "%s is stamped %.3f s in the future; synchronise the clocks of arm and robot node",
            what,
            -ageS);
  }

  /**
   * Age of a stamp in seconds; negative where the stamp's clock runs ahead; in lock-step what comes
   * is now.
   */
  double ageS(long stampNanos) {
    return lockStep ? 0 : (rosClock.getAsLong() - stampNanos) / 1e9;
  }
}
