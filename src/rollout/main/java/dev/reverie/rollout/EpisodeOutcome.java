package dev.reverie.rollout;

import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.reverie.Outcome;
import dev.reverie.msgs.std_msgs.Header;

/**
 * The outcome of an episode: how it went, and who said so.
 *
 * @param stampNanos when it was reached, in the clock of the observations; 0 where nobody said
 * @param labeller "simulated_arm", "time_limit", a person's name, a classifier's bundle id
 * @param reason in words; may be empty
 */
public record EpisodeOutcome(Kind kind, long stampNanos, String labeller, String reason) {
  /** The kinds of outcome, in the order of the constants of reverie/msg/Outcome. */
  public enum Kind {
    /** Nobody has said how it went. */
    UNLABELLED,
    /** The task was done. */
    SUCCESS,
    /** The task was not done. */
    FAILURE,
    /** The episode was broken off and says nothing about the policy. */
    ABORTED
  }

  /** Nobody has said how it went. */
  public static final EpisodeOutcome UNLABELLED = new EpisodeOutcome(Kind.UNLABELLED, 0, "", "");

  /** Checks that the stamp is not negative. */
  public EpisodeOutcome {
    if (stampNanos < 0) {
      throw new IllegalArgumentException(
          "an outcome at " + stampNanos + " ns: stamps begin at 0 (0: not known)");
    }
  }

  /** Returns whether the task was done. */
  public boolean success() {
    return kind == Kind.SUCCESS;
  }

  /** The outcome that holds when another is told after this one, whose stamp it takes for 0. */
  EpisodeOutcome then(EpisodeOutcome told) {
    long stamp = told.stampNanos != 0 ? told.stampNanos : stampNanos;
    return new EpisodeOutcome(told.kind, stamp, told.labeller, told.reason);
  }

  /**
   * Reads an outcome from a message.
   *
   * @throws IllegalArgumentException where the message has an outcome that is none
   */
  public static EpisodeOutcome of(Outcome message) {
    int kind = Byte.toUnsignedInt(message.outcome());
    if (kind >= Kind.values().length) {
      throw new IllegalArgumentException(
          "outcome %d is unknown; known are 0 to %d".formatted(kind, Kind.values().length - 1));
    }
    return new EpisodeOutcome(
        Kind.values()[kind],
        Stamps.nanos(message.header().stamp()),
        message.labeller(),
        message.reason());
  }

  /** The outcome as it is sent and recorded. */
  public Outcome message() {
    return new Outcome(
        new Header(Stamps.time(stampNanos), ""), (byte) kind.ordinal(), labeller, reason);
  }
}
