package dev.reverie.robot;

import dev.reverie.robot.arm.SafetyGate;
import java.util.Optional;
import java.util.function.LongSupplier;

/** Whether what was sensed may be acted on: whole and fresh. */
final class ObservationCheck {

  private final boolean lockStep;
  private final double maxAgeS;
  private final LongSupplier rosClock;

  /**
   * @param rosClock nanoseconds, in the clock of the stamps
   */
  ObservationCheck(RobotParameters parameters, LongSupplier rosClock) {
    lockStep = parameters.lockStep();
    maxAgeS = parameters.maxObservationAgeS();
    this.rosClock = rosClock;
  }

  /** Why it may not; empty where it may. */
  Optional<String> fault(Sensed sensed) {
    return sensed.fault().or(() -> staleness(sensed.stampNanos()));
  }

  /** Whether a tick may go on from a joint state alone. */
  boolean usable(JointSample joints) {
    return joints.fault().isEmpty() && staleness(joints.stampNanos()).isEmpty();
  }

  Optional<String> staleness(long stampNanos) {
    double age = ageS(stampNanos);
    return Math.abs(age) > maxAgeS
        ? Optional.of(SafetyGate.staleness("observation", age, maxAgeS))
        : Optional.empty();
  }

  /** Negative where the stamp's clock runs ahead; in lock-step what comes is now. */
  double ageS(long stampNanos) {
    return lockStep ? 0 : (rosClock.getAsLong() - stampNanos) / 1e9;
  }
}
