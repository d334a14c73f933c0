package dev.reverie.robot.sense;

import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.Task;
import dev.reverie.robot.sense.HoldReason.Kind;
import dev.reverie.robot.setup.RobotParameters;
import dev.reverie.rollout.JointReading;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Decides whether a snapshot of the sensors is whole and fresh enough to act on: each joint and
 * each camera by its own age.
 */
public final class ObservationCheck {
  /** Clocks that differ by more, s, are not of one kind: no clock that is set runs so wrong. */
  private static final double OTHER_KIND_S = 1e7;

  private static final String OTHER_KIND =
      ": one of the two clocks is simulated, counts from a start or was never set; give"
          + " use_sim_time to all nodes or to none, let the driver stamp by the system's time, or"
          + " set the clocks";

  private final List<String> joints;
  private final List<String> cameras;
  private final boolean lockStep;
  private final double maxAgeS;
  private final LongSupplier rosClock;

  /**
   * Creates a check.
   *
   * @param joints names, in the order of the policy
   * @param cameras names, in the order of the policy
   * @param lockStep whether everything that comes is now
   * @param rosClock nanoseconds, in the clock of the stamps
   */
  ObservationCheck(
      List<String> joints,
      List<String> cameras,
      boolean lockStep,
      double maxAgeS,
      LongSupplier rosClock) {
    this.joints = joints;
    this.cameras = cameras;
    this.lockStep = lockStep;
    this.maxAgeS = maxAgeS;
    this.rosClock = rosClock;
  }

  public static ObservationCheck of(RobotParameters parameters, LongSupplier rosClock) {
    Task task = parameters.task();
    return new ObservationCheck(
        task.jointNames(),
        task.cameras().stream().map(BundleSpec.Camera::name).toList(),
        parameters.lockStep(),
        parameters.maxObservationAgeS(),
        rosClock);
  }

  /** Returns why a snapshot may not be acted on; empty where it may. */
  public Optional<HoldReason> fault(SensorSnapshot sensed) {
    return sensed.fault().or(() -> stale(sensed.joints(), sensed.frames()));
  }

  /** Returns whether a tick may go on from a joint state alone. */
  public boolean usable(JointSample joints) {
    return joints.fault().isEmpty() && stale(joints, List.of()).isEmpty();
  }

  /**
   * Returns which joint or image is too old, or stamped in the future; empty where none is.
   *
   * @param images of the first cameras
   */
  public Optional<HoldReason> stale(JointSample sample, List<CameraFrame> images) {
    if (lockStep) {
      return Optional.empty();
    }
    for (int i = 0; i < sample.readings().size(); i++) {
      JointReading reading = sample.readings().get(i);
      String joint = joints.get(i);
      Optional<HoldReason> stale =
          stale(
              "joint state of '%s'".formatted(joint),
              joint,
              reading.stampNanos(),
              reading.source().arrivalNanos());
      if (stale.isPresent()) {
        return stale;
      }
    }
    for (int i = 0; i < images.size(); i++) {
      CameraFrame frame = images.get(i);
      String camera = cameras.get(i);
      Optional<HoldReason> stale =
          stale(
              "image of camera '%s'".formatted(camera),
              camera,
              frame.stampNanos(),
              frame.arrivalNanos());
      if (stale.isPresent()) {
        return stale;
      }
    }
    return Optional.empty();
  }

  /** Returns which joint is not of the instant of the others; empty where none is. */
  Optional<HoldReason> apart(JointSample sample) {
    for (int i = 0; i < sample.readings().size(); i++) {
      long apart = sample.stampNanos() - sample.readings().get(i).stampNanos();
      if (apart != 0) {
        return Optional.of(
            HoldReason.about(
                Kind.NO_OBSERVATION,
                joints.get(i),
                "joint '%s' was not told at the stamp of the others, but %.3f s before it; in"
                    + " lock-step all joints have one stamp",
                joints.get(i),
                apart / 1e9));
      }
    }
    return Optional.empty();
  }

  private Optional<HoldReason> stale(
      String what, String about, long stampNanos, long arrivalNanos) {
    double ageS = ageS(stampNanos);
    if (Math.abs(ageS) <= maxAgeS) {
      return Optional.empty();
    }
    if (stampNanos == 0) {
      return Optional.of(
          HoldReason.about(
              Kind.STALE,
              about,
              "%s has the stamp 0; its driver does not set header.stamp: repair it, without a stamp"
                  + " nobody knows how old it is",
              what));
    }
    if (rosClock.getAsLong() == 0) {
      return Optional.of(
          HoldReason.about(
              Kind.NO_OBSERVATION,
              "",
              "use_sim_time is true and nothing came on /clock: nobody knows how old the %s is;"
                  + " start what publishes the time (a bag is played with --clock), or leave"
                  + " use_sim_time out",
              what));
    }
    double silentS = (System.nanoTime() - arrivalNanos) / 1e9;
    boolean clocksDiffer = ageS > 0 && ageS - silentS > maxAgeS;
    return Optional.of(
        clocksDiffer
            ? HoldReason.about(
                Kind.STALE,
                about,
                ageS > OTHER_KIND_S
                    ? "%s is %.3f s old and came %.3f s ago, at most %.3f s is allowed" + OTHER_KIND
                    : "%s is %.3f s old and came %.3f s ago, at most %.3f s is allowed; synchronise"
                        + " the clocks of its publisher and of the robot node, shorten its way, or"
                        + " set max_observation_age_s",
                what,
                ageS,
                silentS,
                maxAgeS)
            : stale(what, about, ageS));
  }

  private HoldReason stale(String what, String about, double ageS) {
    return ageS > 0
        ? HoldReason.about(
            Kind.STALE,
            about,
            "%s is %.3f s old, at most %.3f s is allowed; check its publisher, or set max_observation_age_s",
            what,
            ageS,
            maxAgeS)
        : HoldReason.about(
            Kind.IN_FUTURE,
            about,
            -ageS > OTHER_KIND_S
                ? "%s is stamped %.3f s in the future" + OTHER_KIND
                : "%s is stamped %.3f s in the future; synchronise the clocks of its publisher and"
                    + " of the robot node",
            what,
            -ageS);
  }

  /**
   * Returns the reason not to act on an input of this age.
   *
   * @param what is too old, or stamped in the future
   */
  public HoldReason stale(String what, double ageS) {
    return stale(what, what, ageS);
  }

  /**
   * Age of a stamp in seconds; negative where the stamp's clock runs ahead; in lock-step what comes
   * is now.
   */
  public double ageS(long stampNanos) {
    return lockStep ? 0 : (rosClock.getAsLong() - stampNanos) / 1e9;
  }
}
