package dev.reverie.robot;

import java.util.Optional;

/** Tells what is known of the arm and its surroundings now, and what is missing. */
record Senses(
    ObservationSync sync,
    ObservationCheck check,
    ArmDescription arm,
    Surroundings surroundings,
    Following following) {
  /** Returns why an observation may not be acted on; empty where it may. */
  Optional<HoldReason> fault(SensorSnapshot sensed) {
    return surroundings.fault().or(arm::fault).or(() -> check.fault(sensed)).or(following::fault);
  }

  /** Returns what keeps the newest observation from being acted on; empty where nothing does. */
  Optional<HoldReason> missing() {
    Optional<SensorSnapshot> newest = sync.newest();
    return newest.isPresent() ? fault(newest.get()) : Optional.of(sync.missing());
  }

  /** Returns whether a tick may go on from a joint state alone. */
  boolean usable(JointSample joints) {
    return surroundings.fault().isEmpty() && following.fault().isEmpty() && check.usable(joints);
  }

  /** Returns why no observation is there to be answered. */
  HoldReason blind() {
    return surroundings
        .fault()
        .or(() -> sync.newest().flatMap(check::fault))
        .or(following::fault)
        .orElseGet(sync::missing);
  }
}
