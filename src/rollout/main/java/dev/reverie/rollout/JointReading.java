package dev.reverie.rollout;

/**
 * The newest reading of one joint.
 *
 * @param position rad, or m; NaN where it is not known
 * @param stampNanos of the message that told it; {@link #NEVER_NANOS} where none did
 * @param source the message
 */
public record JointReading(double position, long stampNanos, Source source) {
  /** Stamp of a joint that no message told of. */
  public static final long NEVER_NANOS = Long.MIN_VALUE;

  /** A joint that no message told of. */
  public static final JointReading NEVER =
      new JointReading(Double.NaN, NEVER_NANOS, new Source(0, new byte[0], 0));

  /**
   * A message with joint states.
   *
   * @param topic counted from 0, among those with joint states
   * @param message as it came over the wire, CDR
   * @param arrivalNanos {@link System#nanoTime} when it came
   */
  public record Source(int topic, byte[] message, long arrivalNanos) {}

  /** Returns whether any message told of the joint. */
  public boolean isKnown() {
    return stampNanos != NEVER_NANOS;
  }
}
