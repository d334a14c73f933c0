package dev.reverie.robot.control;

import dev.reverie.robot.sense.ArmDescription;
import dev.reverie.robot.sense.Following;
import dev.reverie.robot.sense.HoldReason;
import dev.reverie.robot.sense.HoldReason.Kind;
import dev.reverie.robot.sense.JointSample;
import dev.reverie.robot.sense.ObservationCheck;
import dev.reverie.robot.sense.ObservationSync;
import dev.reverie.robot.sense.SensorSnapshot;
import java.util.Optional;

/** Tells what is known of the arm and its surroundings now, and what is missing. */
public record Senses(
    ObservationSync sync,
    ObservationCheck check,
    ArmDescription arm,
    Surroundings surroundings,
    Following following) {
  /** Returns why an observation may not be acted on; empty where it may. */
  Optional<HoldReason> fault(SensorSnapshot sensed) {
    return surroundings
        .fault()
        .or(arm::fault)
        .or(sensed::fault)
        .or(() -> check.fault(sensed).map(this::since))
        .or(following::fault);
  }

  /**
   * An observation grows old because one of its streams stopped: that one is named, which the
   * newest inputs tell.
   */
  private HoldReason since(HoldReason stale) {
    return stopped().orElse(stale);
  }

  /** Returns which stream stopped, or cannot be used; empty where none did. */
  private Optional<HoldReason> stopped() {
    return Optional.of(missed()).filter(why -> why.kind() != Kind.NO_OBSERVATION);
  }

  private HoldReason missed() {
    return sync.missing(check);
  }

  /** Returns what keeps the newest observation from being acted on; empty where nothing does. */
  public Optional<HoldReason> missing() {
    Optional<SensorSnapshot> newest = sync.newest();
    return newest.isPresent() ? fault(newest.get()) : Optional.of(blind());
  }

  /** Returns whether a tick may go on from a joint state alone. */
  boolean usable(JointSample joints) {
    return surroundings.fault().isEmpty() && following.fault().isEmpty() && check.usable(joints);
  }

  /** Returns why no observation is there to be answered. */
  public HoldReason blind() {
    return surroundings.fault().or(this::stopped).or(following::fault).orElseGet(this::missed);
  }
}
