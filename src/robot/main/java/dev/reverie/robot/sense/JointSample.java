package dev.reverie.robot.sense;

import dev.reverie.rollout.JointReading;
import dev.reverie.rollout.JointReading.Source;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A joint state in the order of the policy's joints, merged from what the arm's publishers said.
 *
 * @param stampNanos of the message that completed it, in the clock of the arm
 * @param positions rad; NaN where a joint is missing
 * @param readings what was heard last of each joint, with its own stamp
 * @param fault why it cannot be used; empty where it can
 * @param arrivalNanos {@link System#nanoTime} when it was complete
 */
public record JointSample(
    long stampNanos,
    double[] positions,
    List<JointReading> readings,
    Optional<HoldReason> fault,
    long arrivalNanos) {
  /** A joint state that one message told whole. */
  public JointSample(
      long stampNanos,
      double[] positions,
      Optional<HoldReason> fault,
      byte[] message,
      long arrivalNanos) {
    this(
        stampNanos,
        positions,
        Collections.nCopies(
            positions.length,
            new JointReading(0, stampNanos, new Source(0, message, arrivalNanos))),
        fault,
        arrivalNanos);
  }

  /** Messages that it was merged from, in the order in which they came. */
  List<Source> sources() {
    return readings.stream()
        .filter(JointReading::isKnown)
        .map(JointReading::source)
        .distinct()
        .sorted(Comparator.comparingLong(Source::arrivalNanos))
        .toList();
  }

  /** Returns whether all joints were measured at its stamp. */
  boolean isOfOneInstant() {
    return readings.stream().allMatch(reading -> reading.stampNanos() == stampNanos);
  }
}
